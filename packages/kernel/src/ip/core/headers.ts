/** Numbers of the headers. Sources: RFC 791, 792, 768, 8200, 4443, 4861. */
export const IP4_HEADER = 20
export const IP6_HEADER = 40
export const UDP_HEADER = 8
export const ICMP_HEADER = 8
export const FRAGMENT_HEADER = 8
export const IP6_MIN_MTU = 1280
export const IP4_MIN_MTU = 68

/** In the field of the fragment offset. */
export const IP_DF = 0x4000
export const IP_MF = 0x2000
export const IP_OFFSET = 0x1fff

export const PROTO_HOPOPTS = 0
export const PROTO_ICMP = 1
export const PROTO_TCP = 6
export const PROTO_UDP = 17
export const PROTO_ROUTING = 43
export const PROTO_FRAGMENT = 44
export const PROTO_ICMP6 = 58
export const PROTO_NONE = 59
export const PROTO_DSTOPTS = 60

export const ICMP_ECHOREPLY = 0
export const ICMP_DEST_UNREACH = 3
export const ICMP_SOURCE_QUENCH = 4
export const ICMP_REDIRECT = 5
export const ICMP_ECHO = 8
export const ICMP_TIME_EXCEEDED = 11
export const ICMP_PARAMETERPROB = 12
export const ICMP_TIMESTAMP = 13
export const ICMP_TIMESTAMPREPLY = 14
export const NR_ICMP_TYPES = 18

export const ICMP_NET_UNREACH = 0
export const ICMP_HOST_UNREACH = 1
export const ICMP_PROT_UNREACH = 2
export const ICMP_PORT_UNREACH = 3
export const ICMP_FRAG_NEEDED = 4
export const ICMP_PKT_FILTERED = 13
export const ICMP_EXC_TTL = 0
export const ICMP_EXC_FRAGTIME = 1

export const ICMP6_DEST_UNREACH = 1
export const ICMP6_PKT_TOOBIG = 2
export const ICMP6_TIME_EXCEED = 3
export const ICMP6_PARAMPROB = 4
/** Types from here on inform, those below are errors. */
export const ICMP6_FIRST_INFO = 128
export const ICMP6_ECHO_REQUEST = 128
export const ICMP6_ECHO_REPLY = 129
export const NDP_ROUTER_SOLICIT = 133
export const NDP_NEIGHBOUR_SOLICIT = 135
export const NDP_NEIGHBOUR_ADVERT = 136
export const NDP_REDIRECT = 137

export const ICMP6_NOROUTE = 0
export const ICMP6_ADM_PROHIBITED = 1
export const ICMP6_NOT_NEIGHBOUR = 2
export const ICMP6_ADDR_UNREACH = 3
export const ICMP6_PORT_UNREACH = 4
export const ICMP6_HDR_FIELD = 0
export const ICMP6_UNK_NEXTHDR = 1
export const ICMP6_UNK_OPTION = 2

export const RTN_UNICAST = 1
export const RTN_LOCAL = 2
export const RTN_BROADCAST = 3
export const RTN_MULTICAST = 5
