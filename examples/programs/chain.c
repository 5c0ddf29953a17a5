/* Programs in a row at one device, each of another owner, that tell each other what they found: the first classifies, the
 * second enforces, the third observes. They are attached in this order. */
#include "packet.h"

enum class { CLASS_UNKNOWN, CLASS_CONTROL, CLASS_WEB, CLASS_BULK, CLASSES };

/* In the control block: who wrote it, so that what another left there is not taken for ours. */
#define MAGIC 0x6e6b6974

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 256);
  __type(key, __u16);
  __type(value, __u32);
} ports_of_classes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, CLASSES);
  __type(key, __u32);
  __type(value, __u64[2]);
} seen SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 1024);
  __type(value, __u32);
} latest SEC(".maps");

/* Classes that are refused, a bit each. */
const volatile __u32 refused = 1 << CLASS_BULK;

static __always_inline __u32 class_of_port(__be16 port) {
  __u16 key = bpf_ntohs(port);
  __u32 *class = bpf_map_lookup_elem(&ports_of_classes, &key);
  return class ? *class : CLASS_UNKNOWN;
}

SEC("netkit/primary")
int classify(struct __sk_buff *skb) {
  __u32 class = CLASS_UNKNOWN;
  struct iphdr *ip = ipv4(skb);
  if (ip && ip->protocol == IPPROTO_ICMP) class = CLASS_CONTROL;
  struct ports *ports = ip ? ports_of(skb, ip) : NULL;
  if (ports) {
    class = class_of_port(ports->dest);
    if (class == CLASS_UNKNOWN) class = class_of_port(ports->source);
  }
  skb->cb[0] = MAGIC;
  skb->cb[1] = class;
  skb->tc_index = class;
  return NEXT;
}

SEC("netkit/primary")
int enforce(struct __sk_buff *skb) {
  if (skb->cb[0] != MAGIC) return NEXT;
  __u32 class = skb->cb[1];
  if (class >= 32 || refused >> class & 1) return DROP;
  __u32 mark = (skb->mark & 0xffff) | class << 16;
  barrier_var(mark); /* else half of it is stored, which the context does not allow */
  skb->mark = mark;
  return NEXT;
}

SEC("netkit/primary")
int observe(struct __sk_buff *skb) {
  __u32 class = skb->tc_index;
  __u64 *counts = bpf_map_lookup_elem(&seen, &class);
  if (!counts) return NEXT;
  counts[0]++;
  counts[1] += skb->len;
  __u32 mark = skb->mark;
  bpf_map_push_elem(&latest, &mark, BPF_EXIST);
  return PASS;
}

char LICENSE[] SEC("license") = "Apache-2.0";
