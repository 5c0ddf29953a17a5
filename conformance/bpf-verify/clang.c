/* Programs as people write them, right and wrong: cases of the verifier, by clang.ts. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define opaque(x) asm volatile("" : "+r"(x))

struct value {
  __u64 words[8];
};
struct pair {
  __u64 a, b;
};
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct value);
} array SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8);
  __type(key, __u32);
  __type(value, struct pair);
} hash SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} ring SEC(".maps");

#define DATA(skb) ((void *)(long)(skb)->data)
#define END(skb) ((void *)(long)(skb)->data_end)
#define PROGRAM(name) SEC("tc") int name(struct __sk_buff *skb)

PROGRAM(ports_with_a_check) {
  __u8 *p = DATA(skb);
  if (p + 38 > (__u8 *)END(skb)) return 0;
  return *(__u16 *)(p + 34) + *(__u16 *)(p + 36);
}
PROGRAM(ports_without_a_check) {
  __u8 *p = DATA(skb);
  return *(__u16 *)(p + 34);
}
PROGRAM(ports_with_a_check_that_is_too_short) {
  __u8 *p = DATA(skb);
  if (p + 36 > (__u8 *)END(skb)) return 0;
  return *(__u16 *)(p + 36);
}
PROGRAM(ports_with_a_check_the_wrong_way_round) {
  __u8 *p = DATA(skb);
  if (p + 38 < (__u8 *)END(skb)) return 0;
  return *(__u16 *)(p + 34);
}
PROGRAM(header_length_of_the_packet) {
  __u8 *p = DATA(skb);
  if (p + 34 > (__u8 *)END(skb)) return 0;
  __u64 length = (p[14] & 15) * 4;
  opaque(length);
  length &= 60;
  __u8 *l4 = p + 14 + length;
  if (l4 + 4 > (__u8 *)END(skb)) return 0;
  return *(__u16 *)l4;
}
PROGRAM(header_length_that_is_not_bounded) {
  __u8 *p = DATA(skb);
  if (p + 34 > (__u8 *)END(skb)) return 0;
  __u64 length = *(__u32 *)(p + 14);
  opaque(length);
  __u8 *l4 = p + 14 + length;
  if (l4 + 4 > (__u8 *)END(skb)) return 0;
  return *(__u16 *)l4;
}
PROGRAM(header_length_without_a_second_check) {
  __u8 *p = DATA(skb);
  if (p + 34 > (__u8 *)END(skb)) return 0;
  __u64 length = p[14] & 60;
  opaque(length);
  return p[length];
}
PROGRAM(packet_after_it_was_changed) {
  __u8 *p = DATA(skb), b = 1;
  if (p + 34 > (__u8 *)END(skb)) return 0;
  bpf_skb_store_bytes(skb, 0, &b, 1, 0);
  return p[3];
}
PROGRAM(packet_looked_at_again_after_it_was_changed) {
  __u8 *p = DATA(skb), b = 1;
  if (p + 34 > (__u8 *)END(skb)) return 0;
  bpf_skb_store_bytes(skb, 0, &b, 1, 0);
  p = DATA(skb);
  if (p + 4 > (__u8 *)END(skb)) return 0;
  return p[3];
}
PROGRAM(packet_written_beyond_its_end) {
  __u8 *p = DATA(skb);
  if (p + 14 > (__u8 *)END(skb)) return 0;
  *(__u64 *)(p + 8) = 1;
  return 0;
}
PROGRAM(lookup_with_a_test) {
  __u32 key = skb->protocol;
  struct value *v = bpf_map_lookup_elem(&array, &key);
  if (!v) return 0;
  v->words[7]++;
  return 0;
}
PROGRAM(lookup_without_a_test) {
  __u32 key = skb->protocol;
  struct value *v = bpf_map_lookup_elem(&array, &key);
  v->words[7]++;
  return 0;
}
PROGRAM(lookup_with_a_test_of_another) {
  __u32 key = skb->protocol;
  struct value *v = bpf_map_lookup_elem(&array, &key);
  struct pair *p = bpf_map_lookup_elem(&hash, &key);
  if (!p) return 0;
  return v->words[1];
}
PROGRAM(lookup_beyond_the_value) {
  __u32 key = skb->protocol;
  struct pair *p = bpf_map_lookup_elem(&hash, &key);
  if (!p) return 0;
  __u64 *words = (__u64 *)p;
  return words[2];
}
PROGRAM(lookup_at_an_index_that_is_masked) {
  __u32 key = 0;
  struct value *v = bpf_map_lookup_elem(&array, &key);
  if (!v) return 0;
  return v->words[skb->len & 7];
}
PROGRAM(lookup_at_an_index_that_is_compared) {
  __u32 key = 0, i = skb->len;
  struct value *v = bpf_map_lookup_elem(&array, &key);
  if (!v || i >= 8) return 0;
  return v->words[i];
}
PROGRAM(lookup_at_an_index_that_is_compared_off_by_one) {
  __u32 key = 0, i = skb->len;
  struct value *v = bpf_map_lookup_elem(&array, &key);
  if (!v || i > 8) return 0;
  return v->words[i];
}
PROGRAM(lookup_at_a_signed_index) {
  __u32 key = 0;
  int i = (int)skb->mark;
  struct value *v = bpf_map_lookup_elem(&array, &key);
  if (!v || i >= 8) return 0;
  return v->words[i];
}
PROGRAM(lookup_with_a_key_that_is_not_there) {
  struct value *v = bpf_map_lookup_elem(&array, (void *)8);
  return v ? v->words[0] : 0;
}
PROGRAM(update_with_a_value_of_the_packet) {
  __u8 *p = DATA(skb);
  __u32 key = 1;
  if (p + 16 > (__u8 *)END(skb)) return 0;
  return bpf_map_update_elem(&hash, &key, p, 0);
}
PROGRAM(update_with_too_little_of_the_packet) {
  __u8 *p = DATA(skb);
  __u32 key = 1;
  if (p + 14 > (__u8 *)END(skb)) return 0;
  return bpf_map_update_elem(&hash, &key, p, 0);
}
PROGRAM(update_with_the_context) {
  __u32 key = 1;
  return bpf_map_update_elem(&hash, &key, skb, 0);
}
PROGRAM(record_that_is_submitted) {
  struct pair *p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
  if (!p) return 0;
  p->a = skb->len;
  bpf_ringbuf_submit(p, 0);
  return 0;
}
PROGRAM(record_that_leaks) {
  struct pair *p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
  if (!p) return 0;
  p->a = skb->len;
  return 0;
}
PROGRAM(record_that_leaks_on_one_way) {
  struct pair *p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
  if (!p) return 0;
  if (skb->len > 100) return 1;
  bpf_ringbuf_submit(p, 0);
  return 0;
}
PROGRAM(record_that_is_used_after_it_was_submitted) {
  struct pair *p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
  if (!p) return 0;
  bpf_ringbuf_submit(p, 0);
  p->b = 2;
  return 0;
}
PROGRAM(record_that_is_submitted_twice) {
  struct pair *p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
  if (!p) return 0;
  bpf_ringbuf_discard(p, 0);
  bpf_ringbuf_discard(p, 0);
  return 0;
}
PROGRAM(record_without_a_test) {
  struct pair *p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
  p->a = 1;
  bpf_ringbuf_submit(p, 0);
  return 0;
}
PROGRAM(record_written_beyond_its_end) {
  __u64 *p = bpf_ringbuf_reserve(&ring, 16, 0);
  if (!p) return 0;
  p[2] = 1;
  bpf_ringbuf_submit(p, 0);
  return 0;
}
PROGRAM(loop_of_a_fixed_number) {
  __u32 sum = 0;
#pragma clang loop unroll(disable)
  for (__u32 i = 0; i < 100; i++) {
    sum += i * skb->len;
    opaque(sum);
  }
  return sum;
}
PROGRAM(loop_of_a_number_that_is_bounded) {
  __u32 sum = 0, count = skb->len & 63;
#pragma clang loop unroll(disable)
  for (__u32 i = 0; i < count; i++) {
    sum += i;
    opaque(sum);
  }
  return sum;
}
PROGRAM(loop_without_an_end) {
  __u32 n = skb->len;
  while (1) {
    opaque(n);
    if (n == 7 && n == 8) break;
  }
  return n;
}
PROGRAM(loop_over_the_packet) {
  __u8 *p = DATA(skb);
  __u32 sum = 0;
#pragma clang loop unroll(disable)
  for (__u32 i = 0; i < 64; i++) {
    if (p + 1 > (__u8 *)END(skb)) break;
    sum += *p++;
    opaque(sum);
  }
  return sum;
}
PROGRAM(loop_over_the_packet_that_checks_once) {
  __u8 *p = DATA(skb);
  __u32 sum = 0;
  if (p + 32 > (__u8 *)END(skb)) return 0;
#pragma clang loop unroll(disable)
  for (__u32 i = 0; i < 33; i++) {
    sum += p[i];
    opaque(sum);
  }
  return sum;
}
PROGRAM(stack_that_is_read_as_it_was) {
  __u64 words[4];
  __u64 i = skb->len & 3;
  asm volatile("" : : "r"(words) : "memory");
  return words[i];
}
PROGRAM(stack_at_an_index_that_is_not_bounded) {
  __u64 words[4] = {skb->len, skb->mark, 3, 4};
  __u64 i = skb->len;
  opaque(i);
  asm volatile("" : : "r"(words) : "memory");
  return words[i];
}
PROGRAM(stack_written_at_an_index_of_the_packet) {
  __u64 words[4] = {skb->len, skb->mark, 3, 4};
  __u64 i = skb->len & 3;
  opaque(i);
  words[i & 3] = 7;
  asm volatile("" : : "r"(words) : "memory");
  return words[1];
}
PROGRAM(bytes_of_a_number_that_is_bounded) {
  char bytes[64] = {};
  __u32 n = skb->len;
  if (n < 1 || n > sizeof(bytes)) return 0;
  bpf_skb_load_bytes(skb, 0, bytes, n);
  return bytes[3];
}
PROGRAM(bytes_of_a_number_that_may_be_zero) {
  char bytes[64] = {};
  __u32 n = skb->len;
  if (n > sizeof(bytes)) return 0;
  bpf_skb_load_bytes(skb, 0, bytes, n);
  return bytes[3];
}
PROGRAM(bytes_of_a_number_that_is_too_large) {
  char bytes[64] = {};
  __u32 n = skb->len;
  if (n < 1 || n > 65) return 0;
  bpf_skb_load_bytes(skb, 0, bytes, n);
  return bytes[3];
}
PROGRAM(context_that_cannot_be_written) {
  skb->len = 4;
  return 0;
}
PROGRAM(context_beyond_its_end) {
  return *(__u32 *)((char *)skb + 200);
}
PROGRAM(context_in_half_a_field) {
  *(__u16 *)((char *)skb + 9) = 1;
  return 0;
}
PROGRAM(pointer_that_is_returned) {
  return (int)(long)DATA(skb);
}
PROGRAM(pointer_that_is_multiplied) {
  __u64 p = (__u64)skb;
  opaque(p);
  p *= 2;
  opaque(p);
  return *(__u32 *)p;
}
PROGRAM(division_by_a_number_of_the_packet) {
  __u32 n = skb->mark;
  return n ? skb->len / n : 0;
}
static __attribute__((noinline)) __u64 at(struct value *v, __u32 i) {
  opaque(i);
  return v->words[i & 7];
}
PROGRAM(function_with_a_value) {
  __u32 key = 2;
  struct value *v = bpf_map_lookup_elem(&array, &key);
  return v ? at(v, skb->len) : 0;
}
PROGRAM(function_with_a_value_that_may_be_null) {
  __u32 key = skb->len;
  return at(bpf_map_lookup_elem(&array, &key), skb->mark);
}
static __attribute__((noinline)) int leave(struct __sk_buff *skb, struct pair *p) {
  if (skb->len > 50) bpf_ringbuf_submit(p, 0);
  else bpf_ringbuf_discard(p, 0);
  return 3;
}
PROGRAM(function_that_releases_a_record) {
  struct pair *p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
  if (!p) return 0;
  return leave(skb, p);
}
PROGRAM(function_that_releases_a_record_which_is_used) {
  struct pair *p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
  if (!p) return 0;
  leave(skb, p);
  return p->a;
}
