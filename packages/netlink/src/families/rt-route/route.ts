import type { ValueOf } from '../../attr/codec.ts'
import { u8, u16, u32 } from '../../attr/integers.ts'
import { ipAddress } from '../../attr/ip-address.ts'
import { nest } from '../../attr/nest.ts'
import { struct } from '../../attr/struct.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { binary, enumOf, string } from '../../attr/values.ts'
import { nexthops, via } from './nexthops.ts'

/** The header of route messages, 12 bytes. Source: uapi struct rtmsg. */
export const ROUTE_HEADER = struct(
  'rtmsg',
  { family: u8, dstLength: u8, srcLength: u8, tos: u8, table: u8, protocol: u8, scope: u8, type: u8, flags: u32 },
  true,
)
export type RouteHeader = ValueOf<typeof ROUTE_HEADER>

export const ROUTE_TYPES = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
} as const

export const ROUTE_TABLES = { default: 253, main: 254, local: 255 } as const

/** Names of RTPROT_*, as /etc/iproute2 of the distributions have them. */
export const ROUTE_PROTOCOLS = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  keepalived: 18,
  babel: 42,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
} as const

/** Inside RTA_METRICS. Source: uapi RTAX_*. */
export const ROUTE_METRICS = attrTable('metrics', {
  lock: { id: 1, c: 'RTAX_LOCK', codec: u32, doc: 'A bit for each metric that path discovery must not change.' },
  mtu: { id: 2, c: 'RTAX_MTU', codec: u32 },
  window: { id: 3, c: 'RTAX_WINDOW', codec: u32 },
  rtt: { id: 4, c: 'RTAX_RTT', codec: u32 },
  rttvar: { id: 5, c: 'RTAX_RTTVAR', codec: u32 },
  ssthresh: { id: 6, c: 'RTAX_SSTHRESH', codec: u32 },
  cwnd: { id: 7, c: 'RTAX_CWND', codec: u32 },
  advmss: { id: 8, c: 'RTAX_ADVMSS', codec: u32 },
  reordering: { id: 9, c: 'RTAX_REORDERING', codec: u32 },
  hoplimit: { id: 10, c: 'RTAX_HOPLIMIT', codec: u32 },
  initcwnd: { id: 11, c: 'RTAX_INITCWND', codec: u32 },
  features: { id: 12, c: 'RTAX_FEATURES', codec: u32 },
  rtoMin: { id: 13, c: 'RTAX_RTO_MIN', codec: u32 },
  initrwnd: { id: 14, c: 'RTAX_INITRWND', codec: u32 },
  quickack: { id: 15, c: 'RTAX_QUICKACK', codec: u32 },
  ccAlgo: { id: 16, c: 'RTAX_CC_ALGO', codec: string() },
  fastopenNoCookie: { id: 17, c: 'RTAX_FASTOPEN_NO_COOKIE', codec: u32 },
})

export const ROUTE_PREFERENCES = { medium: 0, high: 1, low: 3 } as const

/** Source: uapi rt_del_reason. */
export const ROUTE_DELETION_REASONS = { unspec: 0, expired: 1, raWithdrawn: 2 } as const

const CACHEINFO = struct('rta_cacheinfo', {
  clntref: u32,
  lastuse: u32,
  expires: u32,
  error: u32,
  used: u32,
  id: u32,
  ts: u32,
  tsage: u32,
})

/** A route. Source: uapi RTA_*. */
export const ROUTE = attrTable(
  'route',
  {
    dst: { id: 1, c: 'RTA_DST', codec: ipAddress() },
    src: { id: 2, c: 'RTA_SRC', codec: ipAddress() },
    iif: { id: 3, c: 'RTA_IIF', codec: u32 },
    oif: { id: 4, c: 'RTA_OIF', codec: u32 },
    gateway: { id: 5, c: 'RTA_GATEWAY', codec: ipAddress() },
    priority: { id: 6, c: 'RTA_PRIORITY', codec: u32, doc: 'The metric: the least wins.' },
    prefsrc: { id: 7, c: 'RTA_PREFSRC', codec: ipAddress() },
    metrics: { id: 8, c: 'RTA_METRICS', codec: nest(ROUTE_METRICS, false) },
    multipath: { id: 9, c: 'RTA_MULTIPATH', codec: nexthops },
    flow: { id: 11, c: 'RTA_FLOW', codec: u32 },
    cacheInfo: { id: 12, c: 'RTA_CACHEINFO', codec: CACHEINFO, access: 'read' },
    table: { id: 15, c: 'RTA_TABLE', codec: u32 },
    mark: { id: 16, c: 'RTA_MARK', codec: u32 },
    mfcStats: { id: 17, c: 'RTA_MFC_STATS', codec: binary(), access: 'read' },
    via: { id: 18, c: 'RTA_VIA', codec: via },
    newdst: { id: 19, c: 'RTA_NEWDST', codec: binary() },
    pref: { id: 20, c: 'RTA_PREF', codec: enumOf(u8, ROUTE_PREFERENCES) },
    encapType: { id: 21, c: 'RTA_ENCAP_TYPE', codec: u16 },
    encap: { id: 22, c: 'RTA_ENCAP', codec: binary() },
    expires: { id: 23, c: 'RTA_EXPIRES', codec: u32 },
    uid: { id: 25, c: 'RTA_UID', codec: u32 },
    ttlPropagate: { id: 26, c: 'RTA_TTL_PROPAGATE', codec: u8 },
    ipProto: { id: 27, c: 'RTA_IP_PROTO', codec: u8 },
    sport: { id: 28, c: 'RTA_SPORT', codec: u16 },
    dport: { id: 29, c: 'RTA_DPORT', codec: u16 },
    nhId: { id: 30, c: 'RTA_NH_ID', codec: u32 },
    flowlabel: { id: 31, c: 'RTA_FLOWLABEL', codec: u32 },
    delReason: {
      id: 32,
      c: 'RTA_DEL_REASON',
      codec: enumOf(u32, ROUTE_DELETION_REASONS),
      access: 'read',
      doc: 'Why the kernel removed the route; only in notifications of that.',
    },
  },
  { maxId: 32 },
)
export type RouteAttrs = AttrsOf<typeof ROUTE>
