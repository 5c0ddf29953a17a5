/**
 * What programs that were built against a generated `vmlinux.h` use of it and is fixed by interfaces: contexts, headers of protocols, parameters of
 * helpers, verdicts. Sources: `uapi/linux/bpf.h`, `if_link.h`, `if_ether.h`, `ip.h`, `ipv6.h`, `tcp.h`, `udp.h`, `icmp.h`; the RFCs.
 */
export const DECLARATIONS = `
typedef unsigned_char __u8;        typedef __u8 u8;
typedef short_unsigned_int __u16;  typedef __u16 u16;
typedef unsigned_int __u32;        typedef __u32 u32;
typedef long_long_unsigned_int __u64; typedef __u64 u64;
typedef signed_char __s8;          typedef __s8 s8;
typedef short_int __s16;           typedef __s16 s16;
typedef int __s32;                 typedef __s32 s32;
typedef long_long_int __s64;       typedef __s64 s64;
typedef __u16 __be16;  typedef __u32 __be32;  typedef __u64 __be64;
typedef __u16 __le16;  typedef __u32 __le32;  typedef __u64 __le64;
typedef __u16 __sum16; typedef __u32 __wsum;
typedef _Bool bool;

enum xdp_action { XDP_ABORTED = 0, XDP_DROP = 1, XDP_PASS = 2, XDP_TX = 3, XDP_REDIRECT = 4 };
enum tcx_action_base { TCX_NEXT = -1, TCX_PASS = 0, TCX_DROP = 2, TCX_REDIRECT = 7 };
enum netkit_action { NETKIT_NEXT = -1, NETKIT_PASS = 0, NETKIT_DROP = 2, NETKIT_REDIRECT = 7 };
enum { BPF_ANY = 0, BPF_NOEXIST = 1, BPF_EXIST = 2, BPF_F_LOCK = 4 };
enum { BPF_F_INGRESS = 1, BPF_F_BROADCAST = 8, BPF_F_EXCLUDE_INGRESS = 16 };
enum { BPF_F_RECOMPUTE_CSUM = 1, BPF_F_INVALIDATE_HASH = 2 };
enum { BPF_F_HDR_FIELD_MASK = 15 };
enum { BPF_F_PSEUDO_HDR = 16, BPF_F_MARK_MANGLED_0 = 32, BPF_F_MARK_ENFORCE = 64, BPF_F_IPV6 = 128 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum bpf_adj_room_mode { BPF_ADJ_ROOM_NET = 0, BPF_ADJ_ROOM_MAC = 1 };
enum {
  IPPROTO_IP = 0, IPPROTO_ICMP = 1, IPPROTO_IPIP = 4, IPPROTO_TCP = 6, IPPROTO_UDP = 17, IPPROTO_IPV6 = 41, IPPROTO_GRE = 47,
  IPPROTO_ESP = 50, IPPROTO_AH = 51, IPPROTO_SCTP = 132,
};

struct bpf_sock {
  __u32 bound_dev_if; __u32 family; __u32 type; __u32 protocol; __u32 mark; __u32 priority;
  __u32 src_ip4; __u32 src_ip6[4]; __u32 src_port; __be16 dst_port; __u16 : 16;
  __u32 dst_ip4; __u32 dst_ip6[4]; __u32 state; __s32 rx_queue_mapping;
};
struct __sk_buff {
  __u32 len; __u32 pkt_type; __u32 mark; __u32 queue_mapping; __u32 protocol; __u32 vlan_present; __u32 vlan_tci; __u32 vlan_proto;
  __u32 priority; __u32 ingress_ifindex; __u32 ifindex; __u32 tc_index; __u32 cb[5]; __u32 hash; __u32 tc_classid;
  __u32 data; __u32 data_end; __u32 napi_id; __u32 family;
  __u32 remote_ip4; __u32 local_ip4; __u32 remote_ip6[4]; __u32 local_ip6[4]; __u32 remote_port; __u32 local_port;
  __u32 data_meta; union { struct bpf_flow_keys *flow_keys; };
  __u64 tstamp; __u32 wire_len; __u32 gso_segs; union { struct bpf_sock *sk; };
  __u32 gso_size; __u8 tstamp_type; __u32 : 24; __u64 hwtstamp;
};
struct xdp_md {
  __u32 data; __u32 data_end; __u32 data_meta; __u32 ingress_ifindex; __u32 rx_queue_index; __u32 egress_ifindex;
};

struct ethhdr { unsigned_char h_dest[6]; unsigned_char h_source[6]; __be16 h_proto; };
struct vlan_hdr { __be16 h_vlan_TCI; __be16 h_vlan_encapsulated_proto; };
struct iphdr {
  __u8 ihl : 4, version : 4; __u8 tos; __be16 tot_len; __be16 id; __be16 frag_off; __u8 ttl; __u8 protocol; __sum16 check;
  union { struct { __be32 saddr; __be32 daddr; }; struct { __be32 saddr; __be32 daddr; } addrs; };
};
struct in6_addr { union { __u8 u6_addr8[16]; __be16 u6_addr16[8]; __be32 u6_addr32[4]; } in6_u; };
struct ipv6hdr {
  __u8 priority : 4, version : 4; __u8 flow_lbl[3]; __be16 payload_len; __u8 nexthdr; __u8 hop_limit;
  union {
    struct { struct in6_addr saddr; struct in6_addr daddr; };
    struct { struct in6_addr saddr; struct in6_addr daddr; } addrs;
  };
};
struct ipv6_opt_hdr { __u8 nexthdr; __u8 hdrlen; };
struct frag_hdr { __u8 nexthdr; __u8 reserved; __be16 frag_off; __be32 identification; };
struct tcphdr {
  __be16 source; __be16 dest; __be32 seq; __be32 ack_seq;
  __u16 ae : 1, res1 : 3, doff : 4, fin : 1, syn : 1, rst : 1, psh : 1, ack : 1, urg : 1, ece : 1, cwr : 1;
  __be16 window; __sum16 check; __be16 urg_ptr;
};
struct udphdr { __be16 source; __be16 dest; __be16 len; __sum16 check; };
struct icmphdr {
  __u8 type; __u8 code; __sum16 checksum;
  union { struct { __be16 id; __be16 sequence; } echo; __be32 gateway; struct { __be16 __unused; __be16 mtu; } frag; __u8 reserved[4]; } un;
};

struct bpf_sock_tuple {
  union {
    struct { __be32 saddr; __be32 daddr; __be16 sport; __be16 dport; } ipv4;
    struct { __be32 saddr[4]; __be32 daddr[4]; __be16 sport; __be16 dport; } ipv6;
  };
};
struct bpf_redir_neigh { __u32 nh_family; union { __be32 ipv4_nh; __u32 ipv6_nh[4]; }; };
struct bpf_fib_lookup {
  __u8 family; __u8 l4_protocol; __be16 sport; __be16 dport; union { __u16 tot_len; __u16 mtu_result; }; __u32 ifindex;
  union { __u8 tos; __be32 flowinfo; __u32 rt_metric; };
  union { __be32 ipv4_src; __u32 ipv6_src[4]; }; union { __be32 ipv4_dst; __u32 ipv6_dst[4]; };
  union { struct { __be16 h_vlan_proto; __be16 h_vlan_TCI; }; __u32 tbid; };
  union { struct { __u32 mark; }; struct { __u8 smac[6]; __u8 dmac[6]; }; };
};
struct bpf_tunnel_key {
  __u32 tunnel_id; union { __u32 remote_ipv4; __u32 remote_ipv6[4]; }; __u8 tunnel_tos; __u8 tunnel_ttl;
  union { __u16 tunnel_ext; __be16 tunnel_flags; }; __u32 tunnel_label; union { __u32 local_ipv4; __u32 local_ipv6[4]; };
};
struct bpf_tcp_sock {
  __u32 snd_cwnd; __u32 srtt_us; __u32 rtt_min; __u32 snd_ssthresh; __u32 rcv_nxt; __u32 snd_nxt; __u32 snd_una; __u32 mss_cache;
  __u32 ecn_flags; __u32 rate_delivered; __u32 rate_interval_us; __u32 packets_out; __u32 retrans_out; __u32 total_retrans;
  __u32 segs_in; __u32 data_segs_in; __u32 segs_out; __u32 data_segs_out; __u32 lost_out; __u32 sacked_out;
  __u64 bytes_received; __u64 bytes_acked; __u32 dsack_dups; __u32 delivered; __u32 delivered_ce; __u32 icsk_retransmits;
};
struct bpf_xdp_sock { __u32 queue_id; };
struct bpf_xfrm_state {
  __u32 reqid; __u32 spi; __u16 family; __u16 ext; union { __u32 remote_ipv4; __u32 remote_ipv6[4]; };
};
struct bpf_lpm_trie_key_hdr { __u32 prefixlen; };
struct bpf_devmap_val { __u32 ifindex; union { int fd; __u32 id; } bpf_prog; };
struct bpf_cpumap_val { __u32 qsize; union { int fd; __u32 id; } bpf_prog; };
struct bpf_spin_lock { __u32 val; };
struct bpf_res_spin_lock { __u32 val; };
struct bpf_timer { __u64 __opaque[2]; };
struct bpf_wq { __u64 __opaque[2]; };
struct bpf_refcount { __u32 __opaque[1]; };
struct bpf_dynptr { __u64 __opaque[2]; };
struct bpf_iter_num { __u64 __opaque[1]; };
struct bpf_list_head { __u64 __opaque[2]; };
struct bpf_list_node { __u64 __opaque[3]; };
struct bpf_rb_root { __u64 __opaque[2]; };
struct bpf_rb_node { __u64 __opaque[4]; };

int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end);
int *bpf_iter_num_next(struct bpf_iter_num *it);
void bpf_iter_num_destroy(struct bpf_iter_num *it);
int bpf_dynptr_from_skb(struct __sk_buff *s, u64 flags, struct bpf_dynptr *ptr__uninit);
int bpf_dynptr_from_xdp(struct xdp_md *x, u64 flags, struct bpf_dynptr *ptr__uninit);
void *bpf_dynptr_slice(struct bpf_dynptr *p, u64 offset, void *buffer__opt, u64 buffer__szk);
void *bpf_dynptr_slice_rdwr(struct bpf_dynptr *p, u64 offset, void *buffer__opt, u64 buffer__szk);
int bpf_dynptr_adjust(struct bpf_dynptr *p, u64 start, u64 end);
bool bpf_dynptr_is_null(struct bpf_dynptr *p);
bool bpf_dynptr_is_rdonly(struct bpf_dynptr *p);
u64 bpf_dynptr_size(struct bpf_dynptr *p);
int bpf_dynptr_clone(struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit);
int bpf_dynptr_copy(struct bpf_dynptr *dst_ptr, u64 dst_off, struct bpf_dynptr *src_ptr, u64 src_off, u64 size);
int bpf_dynptr_memset(struct bpf_dynptr *p, u64 offset, u64 size, u8 val);
void bpf_rcu_read_lock();
void bpf_rcu_read_unlock();
void bpf_preempt_disable();
void bpf_preempt_enable();
void bpf_throw(u64 cookie);
s64 bpf_map_sum_elem_count(struct bpf_map *map);
int bpf_strcmp(char *s1__ign, char *s2__ign);
int bpf_strcasecmp(char *s1__ign, char *s2__ign);
int bpf_strncasecmp(char *s1__ign, char *s2__ign, u64 len);
int bpf_strchr(char *s__ign, char c);
int bpf_strchrnul(char *s__ign, char c);
int bpf_strnchr(char *s__ign, u64 count, char c);
int bpf_strrchr(char *s__ign, int c);
int bpf_strlen(char *s__ign);
int bpf_strnlen(char *s__ign, u64 count);
int bpf_strspn(char *s__ign, char *accept__ign);
int bpf_strcspn(char *s__ign, char *reject__ign);
int bpf_strstr(char *s1__ign, char *s2__ign);
int bpf_strcasestr(char *s1__ign, char *s2__ign);
int bpf_strnstr(char *s1__ign, char *s2__ign, u64 len);
int bpf_strncasestr(char *s1__ign, char *s2__ign, u64 len);
`
