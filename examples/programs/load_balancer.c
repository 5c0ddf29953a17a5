/* A load balancer for services: a table of slots says which backend a flow goes to (consistent hashing: who fills the table
 * keeps most flows where they were when a backend goes), and packets go there as they are inside an IPv4 packet. */
#include "packet.h"

#define SLOTS 251
#define MAX_SERVICES 64
#define MAX_BACKENDS 256

struct service_key {
  __be32 address;
  __be16 port;
  __u8 protocol;
  __u8 unused;
};

struct service {
  __u32 number;
  __u32 flags;
};

/* Answers do not pass here, so that they may leave their server with any address. */
#define SERVICE_BY_SOURCE 1

struct backend {
  __be32 address;
  __u64 packets;
  __u64 bytes;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, MAX_SERVICES);
  __type(key, struct service_key);
  __type(value, struct service);
} services SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, MAX_SERVICES *SLOTS);
  __type(key, __u32);
  __type(value, __u32);
} slots SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, MAX_BACKENDS);
  __type(key, __u32);
  __type(value, struct backend);
} backends SEC(".maps");

const volatile __be32 own_address = 0x0200000a;

static __always_inline struct backend *backend_of(const struct service *service, const struct flow *flow) {
  __u32 hash = service->flags & SERVICE_BY_SOURCE ? mix(0x2545f491, flow->source) : hash_of(flow);
  __u32 slot = service->number * SLOTS + hash % SLOTS;
  __u32 *number = bpf_map_lookup_elem(&slots, &slot);
  return number ? bpf_map_lookup_elem(&backends, number) : NULL;
}

static __always_inline int encapsulate(struct __sk_buff *skb, __be32 to, __u8 tos, __u16 length) {
  __u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;
  if (bpf_skb_adjust_room(skb, sizeof(struct iphdr), BPF_ADJ_ROOM_MAC, flags) != 0) return DROP;
  struct iphdr outer = {
      .version = 4,
      .ihl = 5,
      .tos = tos,
      .tot_len = bpf_htons(length + sizeof(outer)),
      .frag_off = bpf_htons(0x4000),
      .ttl = 64,
      .protocol = IPPROTO_IPIP,
      .saddr = own_address,
      .daddr = to,
  };
  outer.check = header_checksum(&outer);
  return bpf_skb_store_bytes(skb, OFFSET_IP, &outer, sizeof(outer), BPF_F_INVALIDATE_HASH) == 0 ? PASS : DROP;
}

SEC("netkit/primary")
int balance(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip) return NEXT;
  struct ports *ports = ports_of(skb, ip);
  if (!ports) return NEXT;
  struct flow flow = flow_of(ip, ports);
  struct service_key key = {.address = flow.dest, .port = flow.dest_port, .protocol = flow.protocol};
  struct service *service = bpf_map_lookup_elem(&services, &key);
  if (!service) return NEXT;
  struct backend *backend = backend_of(service, &flow);
  if (!backend || backend->address == 0) return DROP;
  __sync_fetch_and_add(&backend->packets, 1);
  __sync_fetch_and_add(&backend->bytes, skb->len);
  return encapsulate(skb, backend->address, ip->tos, bpf_ntohs(ip->tot_len));
}

char LICENSE[] SEC("license") = "Apache-2.0";
