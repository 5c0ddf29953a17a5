#include "form.h"

struct counts {
	int rounds;
	__u32 sum;
};
int all;

static long inner(__u32 i, struct counts *c)
{
	c->sum += i;
	return 0;
}

/* Whether it goes on rests on a number that differs in each round. */
static long outer(__u32 i, struct counts *c)
{
	bpf_loop(i, inner, c, 0);
	c->rounds++;
	return c->rounds > 5;
}

static long add(__u32 i, void *unused)
{
	all += i;
	return 0;
}

SEC("tc") int program(struct __sk_buff *skb)
{
	struct counts c = {};

	bpf_loop(10, outer, &c, 0);
	bpf_loop(skb->len, add, NULL, 0);
	bpf_loop(0, add, NULL, 0);
	return c.rounds * 1000 + c.sum + all * 10000;
}
