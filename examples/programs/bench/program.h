/* What the programs of this folder need of BPF, so that they build with clang and the kernel's headers alone. */
#pragma once
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
#define SUBPROGRAM static __attribute__((noinline))
#define uint_of(name, value) int(*name)[value]
#define type_of(name, value) value *name

#define be16(x) __builtin_bswap16(x)
#define be32(x) __builtin_bswap32(x)

static void *(*const map_lookup)(void *map, const void *key) = (void *)1;
static long (*const map_update)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;
static long (*const tail_call)(void *ctx, void *map, __u32 index) = (void *)12;

INLINE void *data_of(const struct __sk_buff *skb) { return (void *)(long)skb->data; }
INLINE void *end_of(const struct __sk_buff *skb) { return (void *)(long)skb->data_end; }

/* Addresses, ports and protocol of a packet. */
struct flow {
  __u32 source, destination;
  __u16 source_port, destination_port;
  __u32 protocol;
};

/* Headers of an IPv4 packet without options that carries UDP or TCP. */
struct headers {
  struct ethhdr eth;
  struct iphdr ip;
  struct udphdr udp;
} __attribute__((packed));

/* The headers of a packet; null if it is another one. */
INLINE struct headers *headers_of(const struct __sk_buff *skb) {
  struct headers *headers = data_of(skb);
  if ((void *)(headers + 1) > end_of(skb)) return 0;
  if (headers->eth.h_proto != be16(ETH_P_IP) || headers->ip.ihl != 5) return 0;
  if (headers->ip.protocol != IPPROTO_UDP && headers->ip.protocol != IPPROTO_TCP) return 0;
  return headers;
}

INLINE struct flow flow_of(const struct headers *headers) {
  return (struct flow){
      .source = headers->ip.saddr,
      .destination = headers->ip.daddr,
      .source_port = headers->udp.source,
      .destination_port = headers->udp.dest,
      .protocol = headers->ip.protocol,
  };
}
