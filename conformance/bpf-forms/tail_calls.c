#include "form.h"

int count;
int even(struct __sk_buff *skb);
int odd(struct __sk_buff *skb);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(int));
	__array(values, int(void *));
} chain SEC(".maps") = { .values = { (void *)&even, (void *)&odd } };

/* Until 33 calls were made. */
SEC("tc") int even(struct __sk_buff *skb)
{
	count++;
	bpf_tail_call(skb, &chain, 1);
	return 1000 + count;
}

SEC("tc") int odd(struct __sk_buff *skb)
{
	count++;
	bpf_tail_call(skb, &chain, 0);
	return 2000 + count;
}

static __noinline int start(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &chain, 0);
	return skb->len;
}

/* The caller of a function that made a tail call goes on. */
SEC("tc") int program(struct __sk_buff *skb)
{
	return start(skb) + 10000;
}
