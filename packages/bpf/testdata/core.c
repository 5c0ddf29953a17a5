#include "bpf.h"

#define core(expression) __builtin_preserve_access_index(expression)
enum field_info { BYTE_OFFSET, BYTE_SIZE, EXISTS, SIGNED, LSHIFT, RSHIFT };
#define field(expression, what) __builtin_preserve_field_info(expression, what)
#define type_info(type, what) __builtin_preserve_type_info(*(typeof(type) *)0, what)
#define type_id(type, what) __builtin_btf_type_id(*(typeof(type) *)0, what)
#define enum_value(type, value, what) __builtin_preserve_enum_value(*(typeof(type) *)value, what)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct device___ours {
	int ifindex;
	struct {
		__u64 packets;
	};
	struct device___ours *peer;
	__u16 ports[4];
	unsigned flag : 1, kind : 5;
	int delta : 7;
	__u64 gone;
	__u32 grown;
};
enum verdict___ours { PASS___ours = 0, REDIRECT___ours = 7, GONE___ours = 9 };
struct missing { int x; };
#pragma clang attribute pop

SEC("tc") int fields(struct device___ours *device)
{
	return device->ifindex + device->packets + device->peer->ports[2];
}

SEC("tc") int grown(struct device___ours *device)
{
	return device->grown;
}

SEC("tc") int bits(struct device___ours *device)
{
	return field(device->kind, BYTE_OFFSET) + field(device->kind, BYTE_SIZE) * 100 + field(device->kind, LSHIFT) * 10000 +
		field(device->kind, RSHIFT) * 1000000;
}

SEC("tc") int signs(struct device___ours *device)
{
	return field(device->kind, SIGNED) + 2 * field(device->delta, SIGNED);
}

SEC("tc") int exists(struct device___ours *device)
{
	return field(device->ifindex, EXISTS) + 2 * field(device->gone, EXISTS) + 4 * type_info(struct device___ours, 0) +
		8 * type_info(struct missing, 0);
}

SEC("tc") int sizes(void *ctx)
{
	return type_info(struct device___ours, 1) + 1000 * type_info(struct missing, 1);
}

SEC("tc") int enums(void *ctx)
{
	return enum_value(enum verdict___ours, REDIRECT___ours, 1) + 100 * enum_value(enum verdict___ours, PASS___ours, 0) +
		200 * enum_value(enum verdict___ours, GONE___ours, 0);
}

SEC("tc") int ids(void *ctx)
{
	return type_id(struct device___ours, 0) + type_id(struct device___ours, 1) * 1000;
}

SEC("tc") int poisoned(struct device___ours *device)
{
	if (field(device->gone, EXISTS))
		return device->gone;
	return 1;
}

char _license[] SEC("license") = "GPL";
