#include "bpf.h"

extern int bpf_missing_function(__u32 x) __weak __ksym;
extern int bpf_needed_function(__u32 x) __ksym;
extern const int kernel_variable __weak __ksym;

static __noinline __u32 leaf(__u32 x)
{
	return x * bpf_get_prandom_u32();
}

__noinline __u32 shared(__u32 x)
{
	return leaf(x) + leaf(x + 1);
}

__hidden __noinline __u32 hidden(__u32 x)
{
	return shared(x) ^ 1;
}

static long body(__u32 index, void *context)
{
	*(__u32 *)context += shared(index);
	return 0;
}

SEC("xdp") int loops(void *ctx)
{
	__u32 sum = 0;

	bpf_loop(10, body, &sum, 0);
	return sum + hidden(sum);
}

SEC("?tc/ingress") int optional(struct __sk_buff *ctx)
{
	return leaf(ctx->mark) + shared(1);
}

SEC("xdp.frags/cpumap") int externs(void *ctx)
{
	if (bpf_missing_function)
		return bpf_missing_function(1);
	if (&kernel_variable)
		return kernel_variable;
	return bpf_needed_function(2);
}

SEC("fentry/some_function") int other(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
