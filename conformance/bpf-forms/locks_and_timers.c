#include "form.h"

#define CLOCK_MONOTONIC 1

struct entry {
	struct bpf_spin_lock lock;
	struct bpf_timer timer;
	int count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct entry);
} entries SEC(".maps");

hidden_in(".data.guarded") struct bpf_spin_lock guard;
hidden_in(".data.guarded") long guarded;

static int expired(void *map, int *key, struct entry *entry)
{
	entry->count++;
	return 0;
}

static __noinline void add_two(struct entry *entry)
{
	entry->count += 2;
}

SEC("tc") int program(struct __sk_buff *skb)
{
	int key = 0, first;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 1;
	bpf_spin_lock(&entry->lock);
	add_two(entry);
	bpf_spin_unlock(&entry->lock);
	bpf_spin_lock(&guard);
	guarded += entry->count;
	bpf_spin_unlock(&guard);
	first = bpf_timer_init(&entry->timer, &entries, CLOCK_MONOTONIC);
	if (bpf_timer_set_callback(&entry->timer, expired) || bpf_timer_start(&entry->timer, 1000000000, 0))
		return 2;
	return guarded * 10 + bpf_timer_cancel(&entry->timer) - first * 100;
}
