/* A pipeline of programs joined by tail calls: parse, decide, mark, and as many rounds as there are VLAN tags to take off. */
#include "packet.h"

enum stage { STAGE_PARSE, STAGE_UNTAG, STAGE_POLICY, STAGE_MARK, STAGES };

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, STAGES);
  __type(key, __u32);
  __type(value, __u32);
} stages SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAGES);
  __type(key, __u32);
  __type(value, __u64);
} visits SEC(".maps");

/* Classes by IP protocol; 0 refuses. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 256);
  __type(key, __u32);
  __type(value, __u32);
} classes SEC(".maps");

/* What stages tell each other, in the packet's control block. */
struct state {
  __u32 rounds;
  __u32 protocol;
  __u32 class;
};

static __always_inline void visit(enum stage stage) {
  __u32 key = stage;
  __u64 *count = bpf_map_lookup_elem(&visits, &key);
  if (count) __sync_fetch_and_add(count, 1);
}

SEC("netkit/primary")
int mark(struct __sk_buff *skb) {
  visit(STAGE_MARK);
  skb->mark = skb->cb[2] << 8 | skb->cb[0];
  skb->priority = skb->cb[2];
  return PASS;
}

SEC("netkit/primary")
int policy(struct __sk_buff *skb) {
  visit(STAGE_POLICY);
  __u32 protocol = skb->cb[1] & 0xff;
  __u32 *class = bpf_map_lookup_elem(&classes, &protocol);
  if (!class || *class == 0) return DROP;
  skb->cb[2] = *class;
  bpf_tail_call(skb, &stages, STAGE_MARK);
  return NEXT;
}

SEC("netkit/primary")
int untag(struct __sk_buff *skb) {
  visit(STAGE_UNTAG);
  skb->cb[0]++;
  if (bpf_skb_vlan_pop(skb) != 0) return DROP;
  bpf_tail_call(skb, &stages, STAGE_PARSE);
  return DROP;
}

SEC("netkit/primary")
int parse(struct __sk_buff *skb) {
  visit(STAGE_PARSE);
  if (skb->vlan_present) bpf_tail_call(skb, &stages, STAGE_UNTAG);
  struct ethhdr *eth = ethernet(skb);
  if (!eth) return DROP;
  if (eth->h_proto == bpf_htons(ETH_P_8021Q) || eth->h_proto == bpf_htons(ETH_P_8021AD))
    bpf_tail_call(skb, &stages, STAGE_UNTAG);
  struct iphdr *ip = ipv4(skb);
  if (!ip) return NEXT;
  skb->cb[1] = ip->protocol;
  bpf_tail_call(skb, &stages, STAGE_POLICY);
  return DROP;
}

char LICENSE[] SEC("license") = "Apache-2.0";
