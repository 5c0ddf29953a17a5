/* Programs that the benchmarks run compiled to WebAssembly and in the machine's kernel: one section each. Running one twice on a
 * packet does the same thing twice. */
#include "program.h"

char _license[] SEC("license") = "Dual BSD/GPL";

SEC("tc/empty")
int empty(struct __sk_buff *skb) { return TC_ACT_OK; }

/* Sorts packets by protocol and port. */
SEC("tc/classify")
int classify(struct __sk_buff *skb) {
  void *data = data_of(skb), *end = end_of(skb);
  struct ethhdr *eth = data;
  if (data + sizeof(*eth) > end) return TC_ACT_SHOT;
  if (eth->h_proto == be16(ETH_P_ARP)) return 10;
  if (eth->h_proto == be16(ETH_P_IPV6)) return 11;
  if (eth->h_proto != be16(ETH_P_IP)) return TC_ACT_SHOT;
  struct iphdr *ip = data + sizeof(*eth);
  if ((void *)(ip + 1) > end || ip->ihl < 5) return TC_ACT_SHOT;
  void *next = (void *)ip + ip->ihl * 4;
  if (ip->protocol == IPPROTO_TCP) {
    struct tcphdr *tcp = next;
    if ((void *)(tcp + 1) > end) return TC_ACT_SHOT;
    if (tcp->syn && !tcp->ack) return 20;
    return be16(tcp->dest) < 1024 ? 21 : 22;
  }
  if (ip->protocol != IPPROTO_UDP) return 12;
  struct udphdr *udp = next;
  if ((void *)(udp + 1) > end) return TC_ACT_SHOT;
  switch (be16(udp->dest)) {
  case 53: return 30;
  case 123: return 31;
  case 443: return 32;
  case 4789: return 33;
  default: return be16(udp->source) < 1024 ? 34 : 35;
  }
}

/* The Internet checksum of the first 1400 bytes. */
SEC("tc/checksum")
int checksum(struct __sk_buff *skb) {
  __u16 *word = data_of(skb), *end = end_of(skb);
  __u64 sum = 0;
  for (int i = 0; i < 700; i++) {
    if (word + 1 > end) break;
    sum += *word++;
  }
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

#define ROTATE32(x, n) (((x) << (n)) | ((x) >> (32 - (n))))
#define JENKINS_FINAL(a, b, c) \
  (c ^= b, c -= ROTATE32(b, 14), a ^= c, a -= ROTATE32(c, 11), b ^= a, b -= ROTATE32(a, 25), c ^= b, c -= ROTATE32(b, 16), \
   a ^= c, a -= ROTATE32(c, 4), b ^= a, b -= ROTATE32(a, 14), c ^= b, c -= ROTATE32(b, 24))
#define JENKINS_MIX(a, b, c) \
  (a -= c, a ^= ROTATE32(c, 4), c += b, b -= a, b ^= ROTATE32(a, 6), a += c, c -= b, c ^= ROTATE32(b, 8), b += a, a -= c, \
   a ^= ROTATE32(c, 16), c += b, b -= a, b ^= ROTATE32(a, 19), a += c, c -= b, c ^= ROTATE32(b, 4), b += a)

/* Bob Jenkins' hash of addresses, ports and protocol. */
SEC("tc/hash5")
int hash5(struct __sk_buff *skb) {
  struct headers *headers = headers_of(skb);
  if (!headers) return TC_ACT_SHOT;
  struct flow flow = flow_of(headers);
  __u32 a = 0xdeadbeff + 20, b = a, c = a;
  a += flow.source;
  b += flow.destination;
  c += ((__u32)flow.source_port << 16) | flow.destination_port;
  JENKINS_MIX(a, b, c);
  a += flow.protocol;
  JENKINS_FINAL(a, b, c);
  return c & 0xff;
}

struct rule {
  __u32 source, source_mask, destination, destination_mask;
  __u16 low_port, high_port;
  __u32 verdict;
};

struct {
  uint_of(type, BPF_MAP_TYPE_ARRAY);
  uint_of(max_entries, 64);
  type_of(key, __u32);
  type_of(value, struct rule);
} rules SEC(".maps");

struct table {
  struct rule rules[64];
};

struct {
  uint_of(type, BPF_MAP_TYPE_ARRAY);
  uint_of(max_entries, 1);
  type_of(key, __u32);
  type_of(value, struct table);
} rule_table SEC(".maps");

INLINE int matches(const struct rule *rule, const struct flow *flow, __u16 port) {
  return (flow->source & rule->source_mask) == rule->source && (flow->destination & rule->destination_mask) == rule->destination &&
         port >= rule->low_port && port <= rule->high_port;
}

/* The first of 64 rules that matches, each looked up. */
SEC("tc/acl_lookups")
int acl_lookups(struct __sk_buff *skb) {
  struct headers *headers = headers_of(skb);
  if (!headers) return TC_ACT_SHOT;
  struct flow flow = flow_of(headers);
  __u16 port = be16(flow.destination_port);
  for (__u32 i = 0; i < 64; i++) {
    __u32 key = i;
    struct rule *rule = map_lookup(&rules, &key);
    if (!rule) return TC_ACT_SHOT;
    if (matches(rule, &flow, port)) return rule->verdict;
  }
  return TC_ACT_OK;
}

/* The same with all rules in one value. */
SEC("tc/acl_table")
int acl_table(struct __sk_buff *skb) {
  struct headers *headers = headers_of(skb);
  if (!headers) return TC_ACT_SHOT;
  struct flow flow = flow_of(headers);
  __u16 port = be16(flow.destination_port);
  __u32 zero = 0;
  struct table *table = map_lookup(&rule_table, &zero);
  if (!table) return TC_ACT_SHOT;
  for (__u32 i = 0; i < 64; i++) {
    if (matches(&table->rules[i], &flow, port)) return table->rules[i].verdict;
  }
  return TC_ACT_OK;
}

struct counter {
  __u64 packets, bytes;
};

struct {
  uint_of(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  uint_of(max_entries, 256);
  type_of(key, __u32);
  type_of(value, struct counter);
} by_protocol SEC(".maps");

/* Counts by protocol, for each CPU. */
SEC("tc/count_percpu")
int count_percpu(struct __sk_buff *skb) {
  struct headers *headers = headers_of(skb);
  __u32 key = headers ? headers->ip.protocol : 0;
  struct counter *counter = map_lookup(&by_protocol, &key);
  if (!counter) return TC_ACT_SHOT;
  counter->packets++;
  counter->bytes += skb->len;
  return TC_ACT_OK;
}

struct {
  uint_of(type, BPF_MAP_TYPE_HASH);
  uint_of(max_entries, 1024);
  type_of(key, struct flow);
  type_of(value, struct counter);
} by_flow SEC(".maps");

/* Counts by flow, atomically. */
SEC("tc/count_hash")
int count_hash(struct __sk_buff *skb) {
  struct headers *headers = headers_of(skb);
  if (!headers) return TC_ACT_SHOT;
  struct flow flow = flow_of(headers);
  struct counter *counter = map_lookup(&by_flow, &flow);
  if (!counter) return 1;
  __sync_fetch_and_add(&counter->packets, 1);
  __sync_fetch_and_add(&counter->bytes, skb->len);
  return TC_ACT_OK;
}

/* Replaces the element of a flow. */
SEC("tc/hash_update")
int hash_update(struct __sk_buff *skb) {
  struct headers *headers = headers_of(skb);
  if (!headers) return TC_ACT_SHOT;
  struct flow flow = flow_of(headers);
  struct counter counter = {.packets = 1, .bytes = skb->len};
  return map_update(&by_flow, &flow, &counter, BPF_ANY) ? TC_ACT_SHOT : TC_ACT_OK;
}

struct service {
  __u32 address;
  __u16 port;
  __u16 protocol;
};

struct {
  uint_of(type, BPF_MAP_TYPE_HASH);
  uint_of(max_entries, 256);
  type_of(key, struct service);
  type_of(value, struct service);
} backends SEC(".maps");

/* A checksum after `from` became `to` in what it covers (RFC 1624). */
INLINE __u16 adjusted(__u16 sum, __u32 from, __u32 to) {
  __u64 wide = (__u16)~sum;
  wide += (~from & 0xffff) + (~from >> 16) + (to & 0xffff) + (to >> 16);
  wide = (wide & 0xffff) + (wide >> 16);
  wide = (wide & 0xffff) + (wide >> 16);
  return ~wide;
}

/* Rewrites destination address and port, and the checksums. */
SEC("tc/nat")
int nat(struct __sk_buff *skb) {
  struct headers *headers = headers_of(skb);
  if (!headers) return TC_ACT_SHOT;
  struct service key = {.address = headers->ip.daddr, .port = headers->udp.dest, .protocol = headers->ip.protocol};
  struct service *backend = map_lookup(&backends, &key);
  if (!backend) return TC_ACT_OK;
  headers->ip.check = adjusted(headers->ip.check, key.address, backend->address);
  headers->udp.check = adjusted(adjusted(headers->udp.check, key.address, backend->address), key.port, backend->port);
  headers->ip.daddr = backend->address;
  headers->udp.dest = backend->port;
  headers->ip.ttl = headers->ip.ttl > 1 ? headers->ip.ttl : 64;
  return TC_ACT_PIPE;
}

struct vxlan {
  __u32 flags, vni;
};

/* Looks through a VXLAN header at the frame inside. */
SEC("tc/vxlan")
int vxlan(struct __sk_buff *skb) {
  struct headers *outer = headers_of(skb);
  if (!outer || outer->ip.protocol != IPPROTO_UDP || outer->udp.dest != be16(4789)) return TC_ACT_OK;
  struct vxlan *vxlan = (void *)(outer + 1);
  struct headers *inner = (void *)(vxlan + 1);
  if ((void *)(inner + 1) > end_of(skb)) return TC_ACT_SHOT;
  if (!(vxlan->flags & be32(0x08000000))) return TC_ACT_SHOT;
  __u32 vni = be32(vxlan->vni) >> 8;
  if (inner->eth.h_proto != be16(ETH_P_IP)) return vni & 0xff;
  __u32 source = be32(inner->ip.saddr), destination = be32(inner->ip.daddr);
  if (source >> 24 != 10 || destination >> 24 != 10) return TC_ACT_SHOT;
  return (vni ^ source ^ destination ^ be16(inner->udp.dest)) & 0xff;
}

#define ROTATE64(x, n) (((x) << (n)) | ((x) >> (64 - (n))))
#define SIP_ROUND \
  (v0 += v1, v1 = ROTATE64(v1, 13), v1 ^= v0, v0 = ROTATE64(v0, 32), v2 += v3, v3 = ROTATE64(v3, 16), v3 ^= v2, v0 += v3, \
   v3 = ROTATE64(v3, 21), v3 ^= v0, v2 += v1, v1 = ROTATE64(v1, 17), v1 ^= v2, v2 = ROTATE64(v2, 32))

/* SipHash-2-4 of the first 512 bytes. */
SEC("tc/siphash")
int siphash(struct __sk_buff *skb) {
  __u64 *word = data_of(skb);
  if ((void *)(word + 64) > end_of(skb)) return TC_ACT_SHOT;
  __u64 k0 = 0x0706050403020100, k1 = 0x0f0e0d0c0b0a0908;
  __u64 v0 = k0 ^ 0x736f6d6570736575, v1 = k1 ^ 0x646f72616e646f6d;
  __u64 v2 = k0 ^ 0x6c7967656e657261, v3 = k1 ^ 0x7465646279746573;
  for (int i = 0; i < 64; i++) {
    __u64 m = word[i];
    v3 ^= m;
    SIP_ROUND;
    SIP_ROUND;
    v0 ^= m;
  }
  v3 ^= 512ULL << 56;
  SIP_ROUND;
  SIP_ROUND;
  v0 ^= 512ULL << 56;
  v2 ^= 0xff;
  SIP_ROUND;
  SIP_ROUND;
  SIP_ROUND;
  SIP_ROUND;
  return (v0 ^ v1 ^ v2 ^ v3) & 0xff;
}

SUBPROGRAM int check_ip(__u32 source, __u32 destination, __u32 length) {
  if (source == destination) return 1;
  if ((source & be32(0xf0000000)) == be32(0xe0000000)) return 2;
  if ((source & be32(0xff000000)) == be32(0x7f000000)) return 3;
  if (length < 28) return 4;
  if (destination == 0xffffffff) return 5;
  return 0;
}

SUBPROGRAM int check_ports(__u32 source, __u32 destination, __u32 protocol) {
  if (source == 0 || destination == 0) return 6;
  if (protocol == IPPROTO_TCP && (destination == 23 || destination == 135 || destination == 445)) return 7;
  if (protocol == IPPROTO_UDP && (destination == 19 || destination == 111 || destination == 1900)) return 8;
  if (source < 1024 && destination < 1024 && source != destination) return 9;
  return 0;
}

SUBPROGRAM int check_rate(__u32 mark, __u32 length) {
  if (mark > 100 && length > 1000) return 10;
  if (mark > 200 && length > 500) return 11;
  return 0;
}

/* Many small decisions, in subprograms. */
SEC("tc/filter")
int filter(struct __sk_buff *skb) {
  struct headers *headers = headers_of(skb);
  if (!headers) return TC_ACT_SHOT;
  __u32 source_port = be16(headers->udp.source), destination_port = be16(headers->udp.dest);
  int bad = check_ip(headers->ip.saddr, headers->ip.daddr, be16(headers->ip.tot_len));
  if (bad) return bad;
  bad = check_ports(source_port, destination_port, headers->ip.protocol);
  if (bad) return bad;
  bad = check_rate(skb->mark, skb->len);
  if (bad) return bad;
  return headers->ip.ttl > 1 ? TC_ACT_OK : TC_ACT_SHOT;
}

#define PROG_ARRAY(name) \
  struct { \
    uint_of(type, BPF_MAP_TYPE_PROG_ARRAY); \
    uint_of(max_entries, 8); \
    uint_of(key_size, 4); \
    uint_of(value_size, 4); \
  } name SEC(".maps");
PROG_ARRAY(stages)
PROG_ARRAY(steps)

#define STAGE(number) \
  SEC("tc/stage" #number) int stage##number(struct __sk_buff *skb) { \
    skb->mark += 1; \
    tail_call(skb, &stages, skb->mark); \
    return skb->mark & 0xff; \
  }
STAGE(1)
STAGE(2)
STAGE(3)
STAGE(4)

/* A chain of four tail calls to where the packet's mark says; the fifth finds an empty slot. */
SEC("tc/tail_calls")
int tail_calls(struct __sk_buff *skb) {
  skb->mark = 0;
  tail_call(skb, &stages, skb->len >> 16);
  return TC_ACT_SHOT;
}

#define STEP(number, next) \
  SEC("tc/step" #number) int step##number(struct __sk_buff *skb) { \
    skb->mark += number; \
    tail_call(skb, &steps, next); \
    return skb->mark & 0xff; \
  }
STEP(1, 1)
STEP(2, 2)
STEP(3, 3)
STEP(4, 7)

/* The same with indices that are known, which the kernel makes jumps of. */
SEC("tc/tail_jumps")
int tail_jumps(struct __sk_buff *skb) {
  skb->mark = 1;
  tail_call(skb, &steps, 0);
  return TC_ACT_SHOT;
}

#define RULE(n) \
  if ((a ^ ((n) * 0x01010101u)) % ((n) + 3) == 1 && (b & ((n) + 1)) != (n)) a += ROTATE32(b, ((n) & 15) + 1), b ^= a >> 3; \
  else b -= a ^ (n);
#define RULES_8(n) RULE(n) RULE(n + 1) RULE(n + 2) RULE(n + 3) RULE(n + 4) RULE(n + 5) RULE(n + 6) RULE(n + 7)
#define RULES_64(n) RULES_8(n) RULES_8(n + 8) RULES_8(n + 16) RULES_8(n + 24) RULES_8(n + 32) RULES_8(n + 40) RULES_8(n + 48) RULES_8(n + 56)

/* Many instructions, for how long loading takes. */
SEC("tc/large")
int large(struct __sk_buff *skb) {
  struct headers *headers = headers_of(skb);
  if (!headers) return TC_ACT_SHOT;
  __u32 a = headers->ip.saddr, b = headers->ip.daddr;
  RULES_64(1)
  RULES_8(65)
  RULES_8(73)
  RULES_8(81)
  return (a ^ b) & 0xff;
}
