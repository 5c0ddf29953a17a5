/* Counts packets and bytes by kind, drops what is not wanted. The smallest useful program of a pod. */
#include "packet.h"

enum kind { KIND_IPV4, KIND_IPV6, KIND_ARP, KIND_OTHER, KIND_SHORT, KINDS };

struct count {
  __u64 packets;
  __u64 bytes;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, KINDS);
  __type(key, __u32);
  __type(value, struct count);
} counts SEC(".maps");

/* Kinds that are dropped, a bit each. */
const volatile __u32 dropped_kinds = 1 << KIND_SHORT | 1 << KIND_OTHER;
__u64 last_length;

static __always_inline enum kind kind_of(struct __sk_buff *skb) {
  struct ethhdr *eth = ethernet(skb);
  if (!eth) return KIND_SHORT;
  switch (bpf_ntohs(eth->h_proto)) {
    case ETH_P_IP: return KIND_IPV4;
    case ETH_P_IPV6: return KIND_IPV6;
    case ETH_P_ARP: return KIND_ARP;
    default: return KIND_OTHER;
  }
}

SEC("netkit/primary")
int count(struct __sk_buff *skb) {
  __u32 kind = kind_of(skb);
  struct count *count = bpf_map_lookup_elem(&counts, &kind);
  if (!count) return DROP;
  count->packets++;
  count->bytes += skb->len;
  last_length = skb->len;
  return dropped_kinds >> kind & 1 ? DROP : PASS;
}

SEC("netkit/peer")
int pass(struct __sk_buff *skb) { return PASS; }

SEC("tcx/ingress")
int drop(struct __sk_buff *skb) { return DROP; }

char LICENSE[] SEC("license") = "Apache-2.0";
