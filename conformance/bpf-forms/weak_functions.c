#include "form.h"

struct bpf_dynptr;
extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *p) __ksym __weak;
extern void no_such_function(void) __ksym __weak;
extern const int no_such_variable __ksym __weak;

SEC("tc") int program(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	int seen = 0;

	if (no_such_function) {
		no_such_function();
		seen |= 1;
	}
	if (&no_such_variable)
		seen |= 2;
	if (bpf_dynptr_from_skb && bpf_dynptr_from_skb(skb, 0, &packet) == 0)
		seen |= 4;
	return seen;
}
