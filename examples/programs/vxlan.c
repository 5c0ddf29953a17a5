/* VXLAN (RFC 7348) in a program: packets for remote networks are carried in UDP, and what arrives so is taken out. */
#include "tunnel.h"

#define VXLAN_PORT 4789
#define VXLAN_HAS_NETWORK bpf_htonl(0x08000000)

struct vxlan {
  __be32 flags;
  __be32 network; /* in its upper 24 bits */
};

SEC("netkit/peer")
int encapsulate(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip) return NEXT;
  const struct remote *remote = remote_of(ip->daddr);
  if (!remote) return NEXT;
  __u32 inner = skb->len;
  struct ethhdr eth;
  if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)) != 0) return DROP;
  __u32 hash = mix(mix(ip->protocol, ip->saddr), ip->daddr);
  if (make_room(skb, sizeof(struct vxlan)) != 0) return DROP;
  struct {
    struct outer outer;
    struct vxlan vxlan;
    struct ethhdr eth;
  } __attribute__((packed)) headers = {
      .outer = outer_of(remote->address, sizeof(struct vxlan), inner, VXLAN_PORT, hash),
      .vxlan = {.flags = VXLAN_HAS_NETWORK, .network = bpf_htonl(remote->network << 8)},
      .eth = eth,
  };
  if (bpf_skb_store_bytes(skb, OFFSET_IP, &headers, sizeof(headers), BPF_F_INVALIDATE_HASH) != 0) return DROP;
  count(remote->network, 0);
  return PASS;
}

SEC("netkit/primary")
int decapsulate(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip || ip->protocol != IPPROTO_UDP || ip->daddr != own_address) return NEXT;
  struct ports *ports = ports_of(skb, ip);
  if (!ports || ports->dest != bpf_htons(VXLAN_PORT)) return NEXT;
  struct {
    struct vxlan vxlan;
    struct ethhdr eth;
  } __attribute__((packed)) inner;
  if (bpf_skb_load_bytes(skb, OFFSET_IP + sizeof(struct outer), &inner, sizeof(inner)) != 0) return DROP;
  if (!(inner.vxlan.flags & VXLAN_HAS_NETWORK)) return DROP;
  if (inner.eth.h_proto != bpf_htons(ETH_P_IP)) return DROP;
  if (remove_outer(skb, sizeof(struct vxlan)) != 0) return DROP;
  if (bpf_skb_store_bytes(skb, 0, &inner.eth, sizeof(inner.eth), 0) != 0) return DROP;
  count(bpf_ntohl(inner.vxlan.network) >> 8, 1);
  return PASS;
}

char LICENSE[] SEC("license") = "Apache-2.0";
