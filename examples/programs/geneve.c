/* Geneve (RFC 8926) in a program, with an option that tells the identity of the sender, which the receiver finds in `mark`. */
#include "tunnel.h"

#define GENEVE_PORT 6081
#define OPTION_CLASS 0x0103
#define OPTION_IDENTITY 7
#define MAX_OPTIONS 8

struct geneve {
  __u8 option_words; /* of 4 bytes, in its lower 6 bits */
  __u8 flags;
  __be16 protocol;
  __be32 network; /* in its upper 24 bits */
};

struct option {
  __be16 class;
  __u8 type;
  __u8 words; /* of 4 bytes behind this header, in its lower 5 bits */
};

struct identity_option {
  struct option option;
  __be32 identity;
};

const volatile __u32 own_identity = 1000;

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
  const __u32 header = sizeof(struct geneve) + sizeof(struct identity_option);
  if (make_room(skb, header) != 0) return DROP;
  struct {
    struct outer outer;
    struct geneve geneve;
    struct identity_option identity;
    struct ethhdr eth;
  } __attribute__((packed)) headers = {
      .outer = outer_of(remote->address, header, inner, GENEVE_PORT, hash),
      .geneve =
          {
              .option_words = sizeof(struct identity_option) / 4,
              .protocol = bpf_htons(0x6558),
              .network = bpf_htonl(remote->network << 8),
          },
      .identity = {{bpf_htons(OPTION_CLASS), OPTION_IDENTITY, 1}, bpf_htonl(own_identity)},
      .eth = eth,
  };
  if (bpf_skb_store_bytes(skb, OFFSET_IP, &headers, sizeof(headers), BPF_F_INVALIDATE_HASH) != 0) return DROP;
  count(remote->network, 0);
  return PASS;
}

/* The identity that the options tell; 0 if they do not. Options that do not fit make it -1. */
static __noinline long identity_of(struct __sk_buff *skb, __u32 at, __u32 words) {
  for (int i = 0; i < MAX_OPTIONS && words > 0; i++) {
    struct identity_option read;
    if (bpf_skb_load_bytes(skb, at, &read.option, sizeof(read.option)) != 0) return -1;
    __u32 length = 1 + (read.option.words & 0x1f);
    if (length > words) return -1;
    if (read.option.class == bpf_htons(OPTION_CLASS) && read.option.type == OPTION_IDENTITY && length == 2) {
      if (bpf_skb_load_bytes(skb, at + sizeof(read.option), &read.identity, sizeof(read.identity)) != 0) return -1;
      return bpf_ntohl(read.identity);
    }
    at += length * 4;
    words -= length;
  }
  return words == 0 ? 0 : -1;
}

SEC("netkit/primary")
int decapsulate(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip || ip->protocol != IPPROTO_UDP || ip->daddr != own_address) return NEXT;
  struct ports *ports = ports_of(skb, ip);
  if (!ports || ports->dest != bpf_htons(GENEVE_PORT)) return NEXT;
  __u32 at = OFFSET_IP + sizeof(struct outer);
  struct geneve geneve;
  if (bpf_skb_load_bytes(skb, at, &geneve, sizeof(geneve)) != 0) return DROP;
  if (geneve.protocol != bpf_htons(0x6558) || geneve.option_words >> 6 != 0) return DROP;
  __u32 words = geneve.option_words & 0x3f;
  long identity = identity_of(skb, at + sizeof(geneve), words);
  if (identity < 0) return DROP;
  __u32 header = sizeof(geneve) + words * 4;
  struct ethhdr eth;
  if (bpf_skb_load_bytes(skb, at + header, &eth, sizeof(eth)) != 0) return DROP;
  if (eth.h_proto != bpf_htons(ETH_P_IP)) return DROP;
  if (remove_outer(skb, header) != 0) return DROP;
  if (bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0) != 0) return DROP;
  skb->mark = identity;
  count(bpf_ntohl(geneve.network) >> 8, 1);
  return PASS;
}

char LICENSE[] SEC("license") = "Apache-2.0";
