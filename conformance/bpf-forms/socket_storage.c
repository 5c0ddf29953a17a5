#include "form.h"

struct state {
	struct bpf_spin_lock lock;
	long packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct state);
} states SEC(".maps");

SEC("tc") int program(struct __sk_buff *skb)
{
	struct state first = { .packets = 40 };
	struct bpf_sock *sk = skb->sk;
	struct state *state;

	if (!sk)
		return 1;
	if (bpf_sk_storage_get(&states, sk, NULL, 0))
		return 2;
	state = bpf_sk_storage_get(&states, sk, &first, BPF_SK_STORAGE_GET_F_CREATE);
	if (!state)
		return 3;
	state->packets++;
	state = bpf_sk_storage_get(&states, sk, &first, BPF_SK_STORAGE_GET_F_CREATE);
	if (!state)
		return 4;
	bpf_spin_lock(&state->lock);
	state->packets++;
	bpf_spin_unlock(&state->lock);
	long packets = state->packets;
	if (bpf_sk_storage_delete(&states, sk))
		return 5;
	return packets * 100 - bpf_sk_storage_delete(&states, sk);
}
