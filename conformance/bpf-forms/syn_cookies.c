#include "form.h"
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>

/* The answer to a cookie is taken, another one is not. */
SEC("tc") int program(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct tcphdr *tcp = (void *)(ip + 1);
	__s64 cookie;
	int right, wrong;

	if ((void *)(tcp + 1) > end)
		return 1;
	if (bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, 19) != -22)
		return 2;
	cookie = bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, sizeof(*tcp));
	if (cookie < 0)
		return 3;
	tcp->seq = __builtin_bswap32(__builtin_bswap32(tcp->seq) + 1);
	tcp->ack_seq = __builtin_bswap32((__u32)cookie + 1);
	right = bpf_tcp_raw_check_syncookie_ipv4(ip, tcp);
	tcp->ack_seq ^= 0x00010000;
	wrong = bpf_tcp_raw_check_syncookie_ipv4(ip, tcp);
	return (cookie >> 32) * 100 + (right == 0) * 10 - wrong * 1000;
}
