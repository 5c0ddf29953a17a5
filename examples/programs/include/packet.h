/* What the programs of this folder share: where the headers of a packet are, and sums. */
#pragma once
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Verdicts of netkit and of tcx. */
enum { NEXT = -1, PASS = 0, DROP = 2, REDIRECT = 7 };

#define OFFSET_IP ETH_HLEN
#define OFFSET_L4 (ETH_HLEN + sizeof(struct iphdr))
#define FRAGMENT_MASK 0x3fff

/* Ports, as UDP, TCP and others have them first. */
struct ports {
  __be16 source;
  __be16 dest;
};

/* Addresses, ports and protocol of an IPv4 packet, as maps have them for a key. */
struct flow {
  __be32 source;
  __be32 dest;
  __be16 source_port;
  __be16 dest_port;
  __u8 protocol;
  __u8 unused[3];
};

static __always_inline void *data_of(const struct __sk_buff *skb) { return (void *)(long)skb->data; }
static __always_inline void *end_of(const struct __sk_buff *skb) { return (void *)(long)skb->data_end; }

/* The Ethernet header; null if the packet is shorter. */
static __always_inline struct ethhdr *ethernet(const struct __sk_buff *skb) {
  struct ethhdr *eth = data_of(skb);
  return (void *)(eth + 1) <= end_of(skb) ? eth : NULL;
}

/* The IPv4 header of a packet with a whole one and no options; null for any other. */
static __always_inline struct iphdr *ipv4(const struct __sk_buff *skb) {
  struct ethhdr *eth = ethernet(skb);
  if (!eth || eth->h_proto != bpf_htons(ETH_P_IP)) return NULL;
  struct iphdr *ip = (void *)(eth + 1);
  return (void *)(ip + 1) <= end_of(skb) && ip->version == 4 && ip->ihl == 5 ? ip : NULL;
}

/* The ports of an unfragmented UDP or TCP packet; null for any other. */
static __always_inline struct ports *ports_of(const struct __sk_buff *skb, const struct iphdr *ip) {
  if (ip->protocol != IPPROTO_UDP && ip->protocol != IPPROTO_TCP) return NULL;
  if (ip->frag_off & bpf_htons(FRAGMENT_MASK)) return NULL;
  struct ports *ports = (void *)(ip + 1);
  return (void *)(ports + 1) <= end_of(skb) ? ports : NULL;
}

static __always_inline struct flow flow_of(const struct iphdr *ip, const struct ports *ports) {
  return (struct flow){
      .source = ip->saddr,
      .dest = ip->daddr,
      .source_port = ports->source,
      .dest_port = ports->dest,
      .protocol = ip->protocol,
  };
}

/* Where the checksum of the transport header is in a packet that ipv4() and ports_of() have accepted. */
static __always_inline __u32 checksum_offset(__u8 protocol) {
  return OFFSET_L4 + (protocol == IPPROTO_TCP ? offsetof(struct tcphdr, check) : offsetof(struct udphdr, check));
}

/* The Internet checksum of an IPv4 header without options whose checksum is 0. */
static __always_inline __sum16 header_checksum(const struct iphdr *ip) {
  const __u16 *words = (const void *)ip;
  __u32 sum = 0;
#pragma unroll
  for (int i = 0; i < 10; i++) sum += words[i];
  sum = (sum & 0xffff) + (sum >> 16);
  return ~((sum & 0xffff) + (sum >> 16));
}

/* A hash of a flow for tables that are shared between machines: mixes each word once. */
static __always_inline __u32 mix(__u32 hash, __u32 word) {
  hash ^= word;
  hash *= 0x9e3779b1;
  return hash ^ (hash >> 15);
}

static __always_inline __u32 hash_of(const struct flow *flow) {
  __u32 hash = mix(mix(0x2545f491, flow->source), flow->dest);
  return mix(hash, (__u32)flow->source_port << 16 | flow->dest_port) ^ flow->protocol;
}
