#include "form.h"

/* The socket of a test run has the packet's addresses, and no protocol; nobody listens on the port of the tuple. */
SEC("tc") int program(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = { .ipv4 = { .dport = 1 } };
	struct bpf_sock *found = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	struct bpf_sock *sk = skb->sk, *full;
	struct bpf_tcp_sock *tcp;
	int seen = 0;

	if (found) {
		struct bpf_sock *listener = bpf_get_listener_sock(found);

		if (listener && listener->state == BPF_TCP_LISTEN)
			seen |= 1;
		tcp = bpf_tcp_sock(found);
		if (tcp && tcp->snd_cwnd && tcp->bytes_acked)
			seen |= 2;
		bpf_sk_assign(skb, found, 0);
		bpf_sk_release(found);
	}
	if (!sk)
		return -1;
	full = bpf_sk_fullsock(sk);
	if (!full)
		return -2;
	if (full->family == 2 && full->type == 0 && full->protocol == 0 && full->state == BPF_TCP_CLOSE)
		seen |= 4;
	if (full->src_ip4 == 0x0100000a && full->dst_ip4 == 0x0200000a && full->rx_queue_mapping == -1)
		seen |= 8;
	if (bpf_get_socket_cookie(skb) && bpf_get_socket_uid(skb) == 0)
		seen |= 16;
	if (!bpf_tcp_sock(full) && !bpf_get_listener_sock(full))
		seen |= 32;
	return seen - 1000 * bpf_sk_assign(skb, full, 0);
}
