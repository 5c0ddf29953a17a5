#include "bpf.h"

struct flow {
	__u32 source, target;
	__u16 ports[2];
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__uint(map_flags, 1);
	__uint(pinning, 1);
	__type(key, struct flow);
	__type(value, struct counter);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} a_ring_with_a_long_name SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 16);
	__uint(max_entries, 2);
} first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(key_size, 4);
	__uint(max_entries, 3);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [0] = &first, [2] = &second } };

int last(struct __sk_buff *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(key_size, 4);
	__uint(max_entries, 2);
	__array(values, int(void *));
} jumps SEC(".maps") = { .values = { [1] = (void *)&last } };

SEC("tc") int last(struct __sk_buff *ctx)
{
	return 7;
}

SEC("tc") int count(struct __sk_buff *ctx)
{
	struct flow key = { .source = ctx->mark };
	struct counter *counter = bpf_map_lookup_elem(&flows, &key);

	if (counter)
		counter->packets++;
	bpf_tail_call(ctx, &jumps, 1);
	return bpf_map_lookup_elem(&outer, &key.source) ? 2 : 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
