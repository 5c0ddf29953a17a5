#include "bpf.h"

static SEC("tc") int program(struct __sk_buff *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
