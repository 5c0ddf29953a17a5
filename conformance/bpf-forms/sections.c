#include "form.h"

const volatile int limit = 7;
const int table[4] = { 1, 10, 100, 1000 };
volatile int counter = 5;
int seen[10];
static volatile int own = 3;
int apart SEC(".data.apart") = 2;
const volatile char word[4] SEC(".rodata.words") = "abc";

SEC("tc") int program(struct __sk_buff *skb)
{
	seen[skb->len & 7] = counter;
	counter += 2;
	own++;
	apart *= 5;
	return limit + seen[skb->len & 7] + counter * 10 + own * 1000 + table[skb->len & 3] * 100 + apart * 10000 + word[1];
}
