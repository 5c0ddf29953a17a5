#include "form.h"

struct pair {
	int a, b;
};

__noinline int sum(struct pair *p)
{
	return p ? p->a + p->b : -1;
}

__noinline int longer(struct __sk_buff *skb, int by)
{
	return skb->len + by;
}

__noinline __weak int thrice(int n)
{
	return n * 3;
}

__noinline __attribute__((visibility("hidden"))) int next(int *n)
{
	return *n + 1;
}

static __noinline int first(struct __sk_buff *skb, unsigned char *bytes)
{
	return bytes[0] + skb->len;
}

static long add(__u32 i, struct pair *p)
{
	p->a += i;
	p->b++;
	return i >= 50;
}

SEC("tc") int program(struct __sk_buff *skb)
{
	struct pair p = { 3, 4 };
	unsigned char bytes[4] = { 5 };
	int nine = 9;
	int all = sum(&p) + longer(skb, 100) + first(skb, bytes) + thrice(7) + next(&nine);
	long rounds = bpf_loop(100, add, &p, 0);

	return all + p.a + p.b + rounds;
}
