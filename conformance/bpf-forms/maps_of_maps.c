#include "form.h"

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, int);
	__type(value, int);
};
struct inner first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, int);
	__array(values, struct inner);
} table SEC(".maps") = { .values = { [0] = &first, [2] = &second } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, int);
	__array(values, struct inner);
} names SEC(".maps") = { .values = { [1] = &second } };

SEC("tc") int program(struct __sk_buff *skb)
{
	int key = 2, zero = 0, answer = 42, *found;
	void *inner = bpf_map_lookup_elem(&table, &key);

	if (!inner)
		return 1;
	bpf_map_update_elem(inner, &zero, &answer, BPF_ANY);
	key = 1;
	if (bpf_map_lookup_elem(&table, &key))
		return 2;
	inner = bpf_map_lookup_elem(&names, &key);
	if (!inner)
		return 3;
	found = bpf_map_lookup_elem(inner, &zero);
	return found ? *found : 4;
}
