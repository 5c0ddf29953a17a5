/* An outer IPv4 and UDP header with what a tunnel puts behind them, in front of a whole Ethernet frame. */
#pragma once
#include "packet.h"

/* The other end of a tunnel, and which network is behind it. */
struct remote {
  __be32 address;
  __u32 network;
};

/* By the destination address of the inner packet. */
struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 1024);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct {
    __u32 prefix;
    __be32 address;
  });
  __type(value, struct remote);
} remotes SEC(".maps");

/* Packets by network: sent, received. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 256);
  __type(key, __u32);
  __type(value, __u64[2]);
} traffic SEC(".maps");

const volatile __be32 own_address = 0x0200000a;

struct outer {
  struct iphdr ip;
  struct udphdr udp;
};

static __always_inline void count(__u32 network, __u32 direction) {
  __u64 none[2] = {};
  __u64 *counts = bpf_map_lookup_elem(&traffic, &network);
  if (!counts) {
    bpf_map_update_elem(&traffic, &network, none, BPF_NOEXIST);
    counts = bpf_map_lookup_elem(&traffic, &network);
  }
  if (counts) __sync_fetch_and_add(&counts[direction], 1);
}

static __always_inline const struct remote *remote_of(__be32 address) {
  struct {
    __u32 prefix;
    __be32 address;
  } key = {.prefix = 32, .address = address};
  return bpf_map_lookup_elem(&remotes, &key);
}

/* Makes room for the outer headers, `header` bytes of the tunnel's own and an inner Ethernet header behind them. */
static __always_inline int make_room(struct __sk_buff *skb, __u32 header) {
  __u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP |
                BPF_F_ADJ_ROOM_ENCAP_L2_ETH | BPF_F_ADJ_ROOM_ENCAP_L2(ETH_HLEN);
  return bpf_skb_adjust_room(skb, sizeof(struct outer) + header + ETH_HLEN, BPF_ADJ_ROOM_MAC, flags);
}

/* `inner` is the length of the frame that is carried, `hash` tells its flow by the outer source port. */
static __always_inline struct outer outer_of(__be32 to, __u32 header, __u32 inner, __u16 port, __u32 hash) {
  __u16 udp_length = sizeof(struct udphdr) + header + inner;
  struct outer outer = {
      .ip =
          {
              .version = 4,
              .ihl = 5,
              .tot_len = bpf_htons(sizeof(struct iphdr) + udp_length),
              .frag_off = bpf_htons(0x4000),
              .ttl = 64,
              .protocol = IPPROTO_UDP,
              .saddr = own_address,
              .daddr = to,
          },
      .udp =
          {
              .source = bpf_htons(49152 | (hash & 0x3fff)),
              .dest = bpf_htons(port),
              .len = bpf_htons(udp_length),
          },
  };
  outer.ip.check = header_checksum(&outer.ip);
  return outer;
}

/* Takes the outer headers off: the inner packet follows the outer Ethernet header. */
static __always_inline int remove_outer(struct __sk_buff *skb, __u32 header) {
  return bpf_skb_adjust_room(skb, -(int)(sizeof(struct outer) + header + ETH_HLEN), BPF_ADJ_ROOM_MAC,
                             BPF_F_ADJ_ROOM_FIXED_GSO);
}
