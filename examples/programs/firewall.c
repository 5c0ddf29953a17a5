/* A firewall: networks that are refused (longest prefix decides), flows that are allowed, and what the rest gets. */
#include "packet.h"

enum rule { RULE_NONE, RULE_ALLOW, RULE_REFUSE };
enum reason { BY_NETWORK, BY_FLOW, BY_DEFAULT, NOT_IP, FRAGMENT, REASONS };

struct network {
  __u32 prefix;
  __be32 address;
};

struct network6 {
  __u32 prefix;
  struct in6_addr address;
};

struct entry {
  enum rule rule;
  __u32 packets;
};

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 1024);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct network);
  __type(value, struct entry);
} networks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 1024);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct network6);
  __type(value, struct entry);
} networks6 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __type(key, struct flow);
  __type(value, struct entry);
} flows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, REASONS);
  __type(key, __u32);
  __type(value, __u64);
} reasons SEC(".maps");

/* What packets get that no rule is for. */
const volatile __u32 otherwise = RULE_ALLOW;

static __always_inline int decide(enum rule rule, enum reason why) {
  __u32 key = why;
  __u64 *count = bpf_map_lookup_elem(&reasons, &key);
  if (count) __sync_fetch_and_add(count, 1);
  return rule == RULE_REFUSE ? DROP : NEXT;
}

static __noinline enum rule rule_of_network(__be32 address) {
  struct network key = {.prefix = 32, .address = address};
  struct entry *entry = bpf_map_lookup_elem(&networks, &key);
  if (!entry) return RULE_NONE;
  __sync_fetch_and_add(&entry->packets, 1);
  return entry->rule;
}

static __noinline enum rule rule_of_network6(const struct in6_addr *address) {
  struct network6 key = {.prefix = 128};
  __builtin_memcpy(&key.address, address, sizeof(key.address));
  struct entry *entry = bpf_map_lookup_elem(&networks6, &key);
  if (!entry) return RULE_NONE;
  __sync_fetch_and_add(&entry->packets, 1);
  return entry->rule;
}

static __always_inline int decide6(struct __sk_buff *skb) {
  struct ipv6hdr *ip = data_of(skb) + ETH_HLEN;
  if ((void *)(ip + 1) > end_of(skb)) return decide(RULE_REFUSE, NOT_IP);
  struct in6_addr source = ip->saddr;
  enum rule rule = rule_of_network6(&source);
  return rule == RULE_NONE ? decide(otherwise, BY_DEFAULT) : decide(rule, BY_NETWORK);
}

SEC("netkit/primary")
int firewall(struct __sk_buff *skb) {
  if (skb->protocol == bpf_htons(ETH_P_IPV6)) return decide6(skb);
  struct iphdr *ip = ipv4(skb);
  if (!ip) return decide(otherwise, NOT_IP);
  enum rule rule = rule_of_network(ip->saddr);
  if (rule == RULE_REFUSE) return decide(rule, BY_NETWORK);
  struct ports *ports = ports_of(skb, ip);
  if (!ports) return decide(rule == RULE_NONE ? otherwise : rule, FRAGMENT);
  struct flow flow = flow_of(ip, ports);
  struct entry *entry = bpf_map_lookup_elem(&flows, &flow);
  if (entry) {
    entry->packets++;
    return decide(entry->rule, BY_FLOW);
  }
  return decide(rule == RULE_NONE ? otherwise : rule, BY_DEFAULT);
}

char LICENSE[] SEC("license") = "Apache-2.0";
