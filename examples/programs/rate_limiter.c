/* Rate limits by source address: a token bucket that refuses, and departure times that delay. */
#include "packet.h"

#define SECOND 1000000000ULL

struct bucket {
  struct bpf_spin_lock lock;
  __u32 refused;
  __u64 tokens;   /* bytes */
  __u64 filled_at; /* ns */
};

struct pace {
  __u64 next; /* ns: when the next packet may leave */
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __type(key, __be32);
  __type(value, struct bucket);
} buckets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, __be32);
  __type(value, struct pace);
} paces SEC(".maps");

/* Bytes in a second, and how many may come at once. */
const volatile __u64 rate = 125000;
const volatile __u64 burst = 10000;
/* Packets that would have to wait longer are refused, ns. */
const volatile __u64 horizon = 2 * SECOND;

static __always_inline struct bucket *bucket_of(__be32 address) {
  struct bucket *bucket = bpf_map_lookup_elem(&buckets, &address);
  if (bucket) return bucket;
  struct bucket full = {.tokens = burst, .filled_at = bpf_ktime_get_ns()};
  bpf_map_update_elem(&buckets, &address, &full, BPF_NOEXIST);
  return bpf_map_lookup_elem(&buckets, &address);
}

SEC("netkit/primary")
int police(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip) return NEXT;
  struct bucket *bucket = bucket_of(ip->saddr);
  if (!bucket) return DROP;
  __u64 now = bpf_ktime_get_ns();
  __u64 cost = skb->len;
  int verdict = NEXT;
  bpf_spin_lock(&bucket->lock);
  __u64 added = (now - bucket->filled_at) / 1000 * rate / 1000000;
  if (added > 0) {
    bucket->filled_at = now;
    bucket->tokens = bucket->tokens + added > burst ? burst : bucket->tokens + added;
  }
  if (bucket->tokens >= cost)
    bucket->tokens -= cost;
  else {
    bucket->refused++;
    verdict = DROP;
  }
  bpf_spin_unlock(&bucket->lock);
  return verdict;
}

SEC("netkit/peer")
int pace(struct __sk_buff *skb) {
  struct iphdr *ip = ipv4(skb);
  if (!ip) return NEXT;
  __be32 address = ip->saddr;
  __u64 now = bpf_ktime_get_ns();
  __u64 wait = skb->wire_len * SECOND / rate;
  struct pace *pace = bpf_map_lookup_elem(&paces, &address);
  if (!pace) {
    struct pace first = {.next = now + wait};
    bpf_map_update_elem(&paces, &address, &first, BPF_ANY);
    return NEXT;
  }
  __u64 at = pace->next > now ? pace->next : now;
  if (at - now > horizon) return DROP;
  pace->next = at + wait;
  skb->tstamp = at;
  return NEXT;
}

char LICENSE[] SEC("license") = "Apache-2.0";
