/* The fast path of a node: packets for a pod go from the NIC's ingress straight to the pod's end of its netkit pair; what a
 * pod sends goes out of the NIC without the node's IP stack, or straight to the other pod. */
#include "packet.h"

struct pod {
  __u32 primary; /* ifindex of the pod's netkit device in the node's namespace */
  __u8 mac[ETH_ALEN];
  __u16 unused;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __be32);
  __type(value, struct pod);
} pods SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 3);
  __type(key, __u32);
  __type(value, __u64);
} redirected SEC(".maps");

enum { TO_POD, TO_NODE_DEVICE, BETWEEN_PODS };

/* ifindex of the node's NIC. */
const volatile __u32 nic = 2;

static __always_inline void count(__u32 way) {
  __u64 *packets = bpf_map_lookup_elem(&redirected, &way);
  if (packets) __sync_fetch_and_add(packets, 1);
}

/* As a router does: one hop less, with the checksum put right. False if there is none left. */
static __always_inline bool hop(struct __sk_buff *skb, __u8 ttl) {
  if (ttl <= 1) return false;
  __be16 before = bpf_htons(ttl << 8);
  __be16 after = bpf_htons((ttl - 1) << 8);
  __u8 left = ttl - 1;
  bpf_l3_csum_replace(skb, OFFSET_IP + offsetof(struct iphdr, check), before, after, 2);
  return bpf_skb_store_bytes(skb, OFFSET_IP + offsetof(struct iphdr, ttl), &left, 1, 0) == 0;
}

SEC("tcx/ingress")
int from_nic(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip) return NEXT;
  struct pod *pod = bpf_map_lookup_elem(&pods, &ip->daddr);
  if (!pod) return NEXT;
  if (!hop(skb, ip->ttl)) return NEXT;
  if (bpf_skb_store_bytes(skb, 0, pod->mac, ETH_ALEN, 0) != 0) return DROP;
  if (bpf_skb_change_type(skb, 0) != 0) return DROP;
  count(TO_POD);
  return bpf_redirect_peer(pod->primary, 0);
}

SEC("netkit/peer")
int from_pod(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip) return NEXT;
  struct pod *pod = bpf_map_lookup_elem(&pods, &ip->daddr);
  if (!hop(skb, ip->ttl)) return NEXT;
  if (pod) {
    count(BETWEEN_PODS);
    return bpf_redirect(pod->primary, 0);
  }
  count(TO_NODE_DEVICE);
  return bpf_redirect_neigh(nic, NULL, 0, 0);
}

char LICENSE[] SEC("license") = "Apache-2.0";
