/* Network address translation: what leaves the pod gets the node's address and a port of its own, what comes back the pod's. */
#include "packet.h"

#define FIRST_PORT 32768
#define PORTS 28232
#define ATTEMPTS 16

struct translation {
  __be32 address;
  __be16 port;
  __u16 unused;
  __u64 packets;
};

/* By the flow that leaves: what its source becomes. By the flow that comes back: what its destination becomes. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct flow);
  __type(value, struct translation);
} outward SEC(".maps"), inward SEC(".maps");

/* The node's address, network byte order. */
const volatile __be32 node_address = 0x0100000a;
/* Packets for which no port was free. */
__u64 exhausted;

static __always_inline void rewrite(struct __sk_buff *skb, __u8 protocol, __u32 address_at, __u32 port_at, __be32 from,
                                    __be32 to, __be16 from_port, __be16 to_port) {
  __u32 sum_at = checksum_offset(protocol);
  /* A UDP checksum of 0 says that there is none, and has to stay. */
  __u64 keep_zero = protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
  bpf_l4_csum_replace(skb, sum_at, from, to, BPF_F_PSEUDO_HDR | keep_zero | sizeof(to));
  bpf_l4_csum_replace(skb, sum_at, from_port, to_port, keep_zero | sizeof(to_port));
  bpf_l3_csum_replace(skb, OFFSET_IP + offsetof(struct iphdr, check), from, to, sizeof(to));
  bpf_skb_store_bytes(skb, address_at, &to, sizeof(to), 0);
  bpf_skb_store_bytes(skb, port_at, &to_port, sizeof(to_port), 0);
}

/* The flow in which answers come. */
static __always_inline struct flow answers_to(const struct flow *flow, __be16 port) {
  return (struct flow){
      .source = flow->dest,
      .dest = node_address,
      .source_port = flow->dest_port,
      .dest_port = port,
      .protocol = flow->protocol,
  };
}

/* A new translation, entered in both maps; its port is 0 if there is none free. */
static __noinline int translate(const struct flow *flow, struct translation *made) {
  __u32 hash = hash_of(flow);
  for (int i = 0; i < ATTEMPTS; i++) {
    __be16 port = bpf_htons(FIRST_PORT + (hash + i) % PORTS);
    struct flow answer = answers_to(flow, port);
    struct translation back = {.address = flow->source, .port = flow->source_port};
    if (bpf_map_update_elem(&inward, &answer, &back, BPF_NOEXIST) != 0) continue;
    made->address = node_address;
    made->port = port;
    bpf_map_update_elem(&outward, flow, made, BPF_ANY);
    return 0;
  }
  __sync_fetch_and_add(&exhausted, 1);
  return -1;
}

SEC("netkit/peer")
int snat(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip) return NEXT;
  struct ports *ports = ports_of(skb, ip);
  if (!ports) return DROP;
  struct flow flow = flow_of(ip, ports);
  struct translation made = {};
  struct translation *known = bpf_map_lookup_elem(&outward, &flow);
  if (known) {
    known->packets++;
    made = *known;
  } else if (translate(&flow, &made) != 0)
    return DROP;
  rewrite(skb, flow.protocol, OFFSET_IP + offsetof(struct iphdr, saddr), OFFSET_L4 + offsetof(struct ports, source),
          flow.source, made.address, flow.source_port, made.port);
  return NEXT;
}

SEC("netkit/primary")
int dnat(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip || ip->daddr != node_address) return NEXT;
  struct ports *ports = ports_of(skb, ip);
  if (!ports) return DROP;
  struct flow flow = flow_of(ip, ports);
  struct translation *known = bpf_map_lookup_elem(&inward, &flow);
  if (!known) return DROP;
  known->packets++;
  rewrite(skb, flow.protocol, OFFSET_IP + offsetof(struct iphdr, daddr), OFFSET_L4 + offsetof(struct ports, dest), flow.dest,
          known->address, flow.dest_port, known->port);
  return NEXT;
}

char LICENSE[] SEC("license") = "Apache-2.0";
