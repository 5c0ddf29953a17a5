#include "form.h"
#include <linux/filter.h>

unsigned long long load_byte(void *skb, unsigned long long off) asm("llvm.bpf.load.byte");
unsigned long long load_half(void *skb, unsigned long long off) asm("llvm.bpf.load.half");
unsigned long long load_word(void *skb, unsigned long long off) asm("llvm.bpf.load.word");

static __noinline int protocol(struct __sk_buff *skb)
{
	return load_byte(skb, 23);
}

/* Far beyond the end: it returns 0 from here. */
static __noinline int beyond(struct __sk_buff *skb)
{
	return load_half(skb, 4000) + 77;
}

SEC("tc") int program(struct __sk_buff *skb)
{
	int type = load_half(skb, 12);
	int last = load_word(skb, skb->len - 4);
	int again = load_byte(skb, SKF_NET_OFF + 9);

	return type + last + protocol(skb) * 3 + again + beyond(skb);
}
