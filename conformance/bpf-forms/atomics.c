#include "form.h"

long wide = 10;
int narrow = 20;

SEC("tc") int program(struct __sk_buff *skb)
{
	long a = __sync_fetch_and_add(&wide, 5);
	int b = __sync_fetch_and_or(&narrow, 3);
	long c = __sync_val_compare_and_swap(&wide, 15, 100);
	long d = __sync_lock_test_and_set(&wide, 7);
	int e = __sync_val_compare_and_swap(&narrow, 1, 2);

	__sync_fetch_and_xor(&narrow, 1);
	__sync_fetch_and_and(&narrow, 0xff);
	__sync_fetch_and_add(&wide, -1);
	return a + b * 3 + c * 7 + d * 11 + e * 13 + wide * 17 + narrow * 19;
}
