/**
 * Where the parts of a steering rule lie: struct ethtool_rxnfc with a struct ethtool_rx_flow_spec in it, on machines with
 * 8-byte pointers. Numbers within are in host order unless a field says otherwise. Source: uapi linux/ethtool.h.
 */
export const RXNFC = { cmd: 0, flowType: 4, data: 8, spec: 16, ruleCount: 184, locations: 188, size: 192 } as const

/** Offsets in the flow spec. `headers` and `masks`: what is compared, and which of its bits. */
export const SPEC = {
  flowType: 0,
  headers: 4,
  headersExt: 56,
  masks: 76,
  masksExt: 128,
  cookie: 152,
  location: 160,
} as const

export const ETHTOOL_GRXCLSRLCNT = 0x2e
export const ETHTOOL_GRXCLSRULE = 0x2f
export const ETHTOOL_GRXCLSRLALL = 0x30
export const ETHTOOL_SRXCLSRLDEL = 0x31
export const ETHTOOL_SRXCLSRLINS = 0x32

export const FLOW_EXT = 0x8000_0000
export const FLOW_MAC_EXT = 0x4000_0000

/** In the answer to ETHTOOL_GRXCLSRLCNT: the device chooses a place itself if asked for any. */
export const RX_CLS_LOC_SPECIAL = 0x8000_0000
export const RX_CLS_LOC_ANY = 0xffff_ffff

export const RX_CLS_FLOW_DISC = 0xffff_ffff_ffff_ffffn
export const RX_CLS_FLOW_WAKE = 0xffff_ffff_ffff_fffen

/** One thing that a rule can compare. */
export interface Field {
  /** Offset in the headers, and as far as the masks are concerned in the masks. */
  readonly at: number
  readonly size: number
  /** How it is written: an IP address, a hardware address, or a number in network order. */
  readonly form: 'ip' | 'mac' | 'number'
}

const number = (at: number, size: number): Field => ({ at, size, form: 'number' })
const ip = (at: number, size: number): Field => ({ at, size, form: 'ip' })
const mac = (at: number): Field => ({ at, size: 6, form: 'mac' })

const PORTS4 = { srcIp: ip(0, 4), dstIp: ip(4, 4), srcPort: number(8, 2), dstPort: number(10, 2), tos: number(12, 1) }
const PORTS6 = {
  srcIp: ip(0, 16),
  dstIp: ip(16, 16),
  srcPort: number(32, 2),
  dstPort: number(34, 2),
  tclass: number(36, 1),
}
const SPI4 = { srcIp: ip(0, 4), dstIp: ip(4, 4), spi: number(8, 4), tos: number(12, 1) }
const SPI6 = { srcIp: ip(0, 16), dstIp: ip(16, 16), spi: number(32, 4), tclass: number(36, 1) }

/** Kinds of traffic: their number, and what of them can be compared. */
export const FLOWS = {
  tcp4: { number: 1, fields: PORTS4 },
  udp4: { number: 2, fields: PORTS4 },
  sctp4: { number: 3, fields: PORTS4 },
  tcp6: { number: 5, fields: PORTS6 },
  udp6: { number: 6, fields: PORTS6 },
  sctp6: { number: 7, fields: PORTS6 },
  ah4: { number: 9, fields: SPI4 },
  esp4: { number: 10, fields: SPI4 },
  ah6: { number: 11, fields: SPI6 },
  esp6: { number: 12, fields: SPI6 },
  ip4: {
    number: 13,
    fields: { srcIp: ip(0, 4), dstIp: ip(4, 4), l4Bytes: number(8, 4), tos: number(12, 1), l4proto: number(14, 1) },
  },
  ip6: {
    number: 14,
    fields: {
      srcIp: ip(0, 16),
      dstIp: ip(16, 16),
      l4Bytes: number(32, 4),
      tclass: number(36, 1),
      l4proto: number(37, 1),
    },
  },
  ether: { number: 18, fields: { dst: mac(0), src: mac(6), proto: number(12, 2) } },
} as const satisfies Readonly<
  Record<string, { readonly number: number; readonly fields: Readonly<Record<string, Field>> }>
>

/** What rules of every kind can compare besides; it stands in the extension, and needs a flag in the flow type. */
export const EXTENSION = {
  dstMac: { ...mac(2), flag: FLOW_MAC_EXT },
  vlanEtype: { ...number(8, 2), flag: FLOW_EXT },
  vlan: { ...number(10, 2), flag: FLOW_EXT },
} as const satisfies Readonly<Record<string, Field & { readonly flag: number }>>

/** In the headers of the user-defined IPv4 flow this byte says which version it is about. */
export const IP_VERSION_AT = 13
export const IP_VERSION_4 = 1
