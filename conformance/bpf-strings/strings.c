// What the string functions of the kernel say to the texts and numbers that a packet brings behind its Ethernet header; see record.py.
#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))
#define KFUNC extern __attribute__((section(".ksyms"))) int
typedef unsigned long size_t;

KFUNC bpf_strcmp(const char *s1__ign, const char *s2__ign);
KFUNC bpf_strcasecmp(const char *s1__ign, const char *s2__ign);
KFUNC bpf_strchr(const char *s__ign, char c);
KFUNC bpf_strchrnul(const char *s__ign, char c);
KFUNC bpf_strnchr(const char *s__ign, size_t count, char c);
KFUNC bpf_strrchr(const char *s__ign, int c);
KFUNC bpf_strlen(const char *s__ign);
KFUNC bpf_strnlen(const char *s__ign, size_t count);
KFUNC bpf_strspn(const char *s__ign, const char *accept__ign);
KFUNC bpf_strcspn(const char *s__ign, const char *reject__ign);
KFUNC bpf_strstr(const char *s1__ign, const char *s2__ign);
KFUNC bpf_strnstr(const char *s1__ign, const char *s2__ign, size_t len);

static long (*load_bytes)(const void *skb, __u32 offset, void *to, __u32 len) = (void *)26;

// One character longer than the longest text that is read.
char long_a[65537] = {[0 ... 65536] = 'a'};
char long_b[65537] = {[0 ... 65536] = 'a'};

struct question {
	__u32 function;
	int c;
	size_t n;
	// 0: the text below, 1: the long one, 3: null, others: that address.
	__u64 at_a, at_b;
	char a[64], b[64];
};

static const char *place(__u64 at, const char *text, const char *longest)
{
	return at == 0 ? text : at == 1 ? longest : at == 3 ? 0 : (const char *)at;
}

SEC("tc") int answer(struct __sk_buff *skb)
{
	struct question q;
	if (load_bytes(skb, 14, &q, sizeof q))
		return 1;
	const char *a = place(q.at_a, q.a, long_a), *b = place(q.at_b, q.b, long_b);
	switch (q.function) {
	case 0: return bpf_strcmp(a, b);
	case 1: return bpf_strcasecmp(a, b);
	case 2: return bpf_strchr(a, q.c);
	case 3: return bpf_strchrnul(a, q.c);
	case 4: return bpf_strnchr(a, q.n, q.c);
	case 5: return bpf_strrchr(a, q.c);
	case 6: return bpf_strlen(a);
	case 7: return bpf_strnlen(a, q.n);
	case 8: return bpf_strspn(a, b);
	case 9: return bpf_strcspn(a, b);
	case 10: return bpf_strstr(a, b);
	case 11: return bpf_strnstr(a, b, q.n);
	}
	return 2;
}

char LICENSE[] SEC("license") = "GPL";
