/* Reads the questions of DNS requests (RFC 1035): counts them by name and type, tells of them, and refuses blocked domains. */
#include "packet.h"

#define MAX_NAME 96
#define MAX_LABELS 16

struct dns {
  __be16 id;
  __be16 flags;
  __be16 questions;
  __be16 answers;
  __be16 authorities;
  __be16 additional;
};

struct question {
  char name[MAX_NAME]; /* lower case, with dots; zeros behind it */
  __u16 type;
  __u16 length;
};

struct event {
  __be32 source;
  __u16 type;
  __u8 blocked;
  __u8 length;
  char name[MAX_NAME];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __type(key, struct question);
  __type(value, __u64);
} questions SEC(".maps");

/* By a hash of the domain and all that is below it. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __u32);
  __type(value, __u64);
} blocked SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 16);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct question);
} scratch SEC(".maps");

static __always_inline char lower(char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

/* Reads a name of the packet into `question`; bytes that it takes there, -1 if it is none. */
static __noinline int read_name(struct __sk_buff *skb, __u32 at, struct question *question) {
  if (!question) return -1;
  __u8 left = 0;
  for (__u32 i = 0; i < MAX_NAME; i++) {
    char c;
    if (bpf_skb_load_bytes(skb, at + i, &c, 1) != 0) return -1;
    if (left > 0) {
      question->name[i] = lower(c);
      left--;
      continue;
    }
    if (c == 0) {
      question->length = i;
      return i + 1;
    }
    if ((__u8)c > 63) return -1; /* no pointers in questions */
    left = c;
    question->name[i] = i == 0 ? ' ' : '.';
  }
  return -1;
}

/* Whether the domain, or one that it lies in, is blocked: hashes from the end, asks at each dot. */
static __noinline int is_blocked(const struct question *question) {
  if (!question) return 0;
  __u32 hash = 0x811c9dc5;
  __u32 length = question->length;
  for (__u32 i = 0; i < MAX_NAME; i++) {
    if (i >= length) break;
    __u32 at = length - 1 - i;
    if (at >= MAX_NAME) break;
    char c = question->name[at];
    if (c == '.' || c == ' ') {
      __u64 *hits = bpf_map_lookup_elem(&blocked, &hash);
      if (hits) {
        __sync_fetch_and_add(hits, 1);
        return 1;
      }
    }
    hash = (hash ^ (__u8)c) * 0x01000193;
  }
  return 0;
}

static __always_inline void tell(const struct question *question, __be32 source, bool refused) {
  struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) return;
  event->source = source;
  event->type = question->type;
  event->blocked = refused;
  event->length = question->length;
  __builtin_memcpy(event->name, question->name, MAX_NAME);
  bpf_ringbuf_submit(event, 0);
}

SEC("netkit/peer")
int dns(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip || ip->protocol != IPPROTO_UDP) return NEXT;
  __be32 source = ip->saddr;
  struct ports *ports = ports_of(skb, ip);
  if (!ports || ports->dest != bpf_htons(53)) return NEXT;
  __u32 at = OFFSET_L4 + sizeof(struct udphdr);
  struct dns header;
  if (bpf_skb_load_bytes(skb, at, &header, sizeof(header)) != 0) return DROP;
  if (header.flags & bpf_htons(0x8000) || header.questions != bpf_htons(1)) return NEXT;
  __u32 zero = 0;
  struct question *question = bpf_map_lookup_elem(&scratch, &zero);
  if (!question) return DROP;
  __builtin_memset(question, 0, sizeof(*question));
  int length = read_name(skb, at + sizeof(header), question);
  if (length < 0) return DROP;
  __be16 type;
  if (bpf_skb_load_bytes(skb, at + sizeof(header) + length, &type, sizeof(type)) != 0) return DROP;
  question->type = bpf_ntohs(type);
  __u64 one = 1;
  __u64 *count = bpf_map_lookup_elem(&questions, question);
  if (count)
    __sync_fetch_and_add(count, 1);
  else
    bpf_map_update_elem(&questions, question, &one, BPF_NOEXIST);
  int refused = is_blocked(question);
  tell(question, source, refused);
  return refused ? DROP : NEXT;
}

char LICENSE[] SEC("license") = "Apache-2.0";
