import type { ValueOf } from '../../attr/codec.ts'
import { u8, u16, u32, u64 } from '../../attr/integers.ts'
import { ipAddress } from '../../attr/ip-address.ts'
import { struct } from '../../attr/struct.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { binary, string } from '../../attr/values.ts'

/** The header of rule messages, 12 bytes. Source: uapi struct fib_rule_hdr. */
export const RULE_HEADER = struct(
  'fib_rule_hdr',
  { family: u8, dstLength: u8, srcLength: u8, tos: u8, table: u8, res1: u8, res2: u8, action: u8, flags: u32 },
  true,
)
export type RuleHeader = ValueOf<typeof RULE_HEADER>

export const RULE_ACTIONS = {
  table: 1,
  goto: 2,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
} as const

/** Names of IP protocols, as /etc/protocols of the distributions have them. */
export const IP_PROTOCOLS = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  ospf: 89,
  sctp: 132,
  udplite: 136,
} as const

const UID_RANGE = struct('fib_rule_uid_range', { start: u32, end: u32 })
const PORT_RANGE = struct('fib_rule_port_range', { start: u16, end: u16 })

/** A policy rule: who asks which table. Source: uapi FRA_*. */
export const RULE = attrTable('rule', {
  dst: { id: 1, c: 'FRA_DST', codec: ipAddress() },
  src: { id: 2, c: 'FRA_SRC', codec: ipAddress() },
  iifname: { id: 3, c: 'FRA_IIFNAME', codec: string(15) },
  goto: { id: 4, c: 'FRA_GOTO', codec: u32 },
  priority: { id: 6, c: 'FRA_PRIORITY', codec: u32 },
  fwmark: { id: 10, c: 'FRA_FWMARK', codec: u32 },
  flow: { id: 11, c: 'FRA_FLOW', codec: u32 },
  tunId: { id: 12, c: 'FRA_TUN_ID', codec: u64 },
  suppressIfgroup: { id: 13, c: 'FRA_SUPPRESS_IFGROUP', codec: u32 },
  suppressPrefixlen: { id: 14, c: 'FRA_SUPPRESS_PREFIXLEN', codec: u32 },
  table: { id: 15, c: 'FRA_TABLE', codec: u32 },
  fwmask: { id: 16, c: 'FRA_FWMASK', codec: u32 },
  oifname: { id: 17, c: 'FRA_OIFNAME', codec: string(15) },
  pad: { id: 18, c: 'FRA_PAD', codec: binary(), access: 'read' },
  l3mdev: { id: 19, c: 'FRA_L3MDEV', codec: u8 },
  uidRange: { id: 20, c: 'FRA_UID_RANGE', codec: UID_RANGE },
  protocol: { id: 21, c: 'FRA_PROTOCOL', codec: u8 },
  ipProto: { id: 22, c: 'FRA_IP_PROTO', codec: u8 },
  sportRange: { id: 23, c: 'FRA_SPORT_RANGE', codec: PORT_RANGE },
  dportRange: { id: 24, c: 'FRA_DPORT_RANGE', codec: PORT_RANGE },
  dscp: { id: 25, c: 'FRA_DSCP', codec: u8 },
  flowlabel: { id: 26, c: 'FRA_FLOWLABEL', codec: binary() },
  flowlabelMask: { id: 27, c: 'FRA_FLOWLABEL_MASK', codec: binary() },
  sportMask: { id: 28, c: 'FRA_SPORT_MASK', codec: u16 },
  dportMask: { id: 29, c: 'FRA_DPORT_MASK', codec: u16 },
  dscpMask: { id: 30, c: 'FRA_DSCP_MASK', codec: u8 },
})
export type RuleAttrs = AttrsOf<typeof RULE>
