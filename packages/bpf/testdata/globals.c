#include "bpf.h"

const volatile __u32 limit = 5;
static const volatile __u32 secret = 9;
int total;
__u64 table[4] = { 10, 20, 30, 40 };
static volatile int seen;
char own[8] SEC(".data.own") = "own";

SEC("netkit/primary") int globals(struct __sk_buff *ctx)
{
	seen++;
	total += limit + secret;
	own[1] = 'x';
	return table[ctx->mark & 3] + seen;
}

char _license[] SEC("license") = "GPL";
