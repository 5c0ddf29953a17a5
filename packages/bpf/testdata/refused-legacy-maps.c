#include "bpf.h"

struct {
	__u32 type, key_size, value_size, max_entries;
} old SEC("maps") = { BPF_MAP_TYPE_ARRAY, 4, 4, 1 };

SEC("tc") int program(struct __sk_buff *ctx)
{
	__u32 key = 0;
	return bpf_map_lookup_elem(&old, &key) != 0;
}

char _license[] SEC("license") = "GPL";
