#include "bpf.h"

extern int CONFIG_HZ __kconfig;

SEC("tc") int program(struct __sk_buff *ctx)
{
	return CONFIG_HZ;
}

char _license[] SEC("license") = "GPL";
