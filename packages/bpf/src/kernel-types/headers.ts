/** Headers of protocols that programs parse beside the usual ones. Sources: the RFCs; `uapi/linux/icmpv6.h`, `if_arp.h`, `if_pppox.h`. */
export const HEADERS = `
struct in_addr { __be32 s_addr; };
struct arphdr { __be16 ar_hrd; __be16 ar_pro; unsigned_char ar_hln; unsigned_char ar_pln; __be16 ar_op; };
struct vlan_ethhdr {
  union {
    struct { unsigned_char h_dest[6]; unsigned_char h_source[6]; };
    struct { unsigned_char h_dest[6]; unsigned_char h_source[6]; } addrs;
  };
  __be16 h_vlan_proto; __be16 h_vlan_TCI; __be16 h_vlan_encapsulated_proto;
};
struct mpls_label { __be32 entry; };
struct pppoe_hdr { __u8 type : 4, ver : 4; __u8 code; __be16 sid; __be16 length; };

struct icmpv6_echo { __be16 identifier; __be16 sequence; };
struct icmpv6_nd_advt {
  __u32 reserved : 5, override : 1, solicited : 1, router : 1, reserved2 : 24;
};
struct icmpv6_nd_ra {
  __u8 hop_limit; __u8 reserved : 3, router_pref : 2, home_agent : 1, other : 1, managed : 1; __be16 rt_lifetime;
};
struct icmp6hdr {
  __u8 icmp6_type; __u8 icmp6_code; __sum16 icmp6_cksum;
  union {
    __be32 un_data32[1]; __be16 un_data16[2]; __u8 un_data8[4];
    struct icmpv6_echo u_echo; struct icmpv6_nd_advt u_nd_advt; struct icmpv6_nd_ra u_nd_ra;
  } icmp6_dataun;
};
struct nd_msg { struct icmp6hdr icmph; struct in6_addr target; __u8 opt[0]; };
struct igmphdr { __u8 type; __u8 code; __sum16 csum; __be32 group; };
struct ipv6_rt_hdr { __u8 nexthdr; __u8 hdrlen; __u8 type; __u8 segments_left; };
struct ipv6_sr_hdr {
  __u8 nexthdr; __u8 hdrlen; __u8 type; __u8 segments_left; __u8 first_segment; __u8 flags; __u16 tag; struct in6_addr segments[0];
};
struct ip_auth_hdr { __u8 nexthdr; __u8 hdrlen; __be16 reserved; __be32 spi; __be32 seq_no; __u8 auth_data[0]; };
struct ip_esp_hdr { __be32 spi; __be32 seq_no; __u8 enc_data[0]; };
struct sctphdr { __be16 source; __be16 dest; __be32 vtag; __le32 checksum; };

struct gre_base_hdr { __be16 flags; __be16 protocol; };
struct vxlanhdr { __be32 vx_flags; __be32 vx_vni; };
struct geneve_opt { __be16 opt_class; __u8 type; __u8 length : 5, r3 : 1, r2 : 1, r1 : 1; __u8 opt_data[0]; };
struct genevehdr {
  __u8 opt_len : 6, ver : 2; __u8 rsvd1 : 6, critical : 1, oam : 1; __be16 proto_type; __u8 vni[3]; __u8 rsvd2; __u8 options[0];
};
`
