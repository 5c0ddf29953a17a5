import { s32, u8, u32, uint } from '../../attr/integers.ts'
import { attrTable } from '../../attr/table.ts'
import { binary, enumOf, string } from '../../attr/values.ts'

/** Inside IFLA_PROP_LIST. */
export const LINK_PROPS = attrTable('prop-list', {
  altIfname: { id: 53, c: 'IFLA_ALT_IFNAME', codec: string(127), multi: true },
})

export const XDP_ATTACHED = { none: 0, drv: 1, skb: 2, hw: 3, multi: 4 } as const

/** Inside IFLA_XDP. Source: uapi IFLA_XDP_*. */
export const LINK_XDP = attrTable('xdp', {
  fd: { id: 1, c: 'IFLA_XDP_FD', codec: s32 },
  attached: { id: 2, c: 'IFLA_XDP_ATTACHED', codec: enumOf(u8, XDP_ATTACHED) },
  flags: { id: 3, c: 'IFLA_XDP_FLAGS', codec: u32 },
  progId: { id: 4, c: 'IFLA_XDP_PROG_ID', codec: u32 },
  drvProgId: { id: 5, c: 'IFLA_XDP_DRV_PROG_ID', codec: u32 },
  skbProgId: { id: 6, c: 'IFLA_XDP_SKB_PROG_ID', codec: u32 },
  hwProgId: { id: 7, c: 'IFLA_XDP_HW_PROG_ID', codec: u32 },
  expectedFd: { id: 8, c: 'IFLA_XDP_EXPECTED_FD', codec: s32 },
})

/** Inside IFLA_PROTO_DOWN_REASON. */
export const PROTO_DOWN_REASON = attrTable('proto-down-reason', {
  mask: { id: 1, c: 'IFLA_PROTO_DOWN_REASON_MASK', codec: u32 },
  value: { id: 2, c: 'IFLA_PROTO_DOWN_REASON_VALUE', codec: u32 },
})

/** Inside IFLA_DEVLINK_PORT. Source: uapi DEVLINK_ATTR_*. */
export const DEVLINK_PORT = attrTable('devlink-port', {
  busName: { id: 1, c: 'DEVLINK_ATTR_BUS_NAME', codec: string() },
  devName: { id: 2, c: 'DEVLINK_ATTR_DEV_NAME', codec: string() },
  portIndex: { id: 3, c: 'DEVLINK_ATTR_PORT_INDEX', codec: u32 },
  index: { id: 184, c: 'DEVLINK_ATTR_INDEX', since: '7.3', codec: uint },
})

/** Inside the IPv4 part of IFLA_AF_SPEC. */
export const AF_SPEC_INET = attrTable('af-spec inet', {
  conf: { id: 1, c: 'IFLA_INET_CONF', codec: binary() },
})

/** Inside the IPv6 part of IFLA_AF_SPEC. */
export const AF_SPEC_INET6 = attrTable('af-spec inet6', {
  flags: { id: 1, c: 'IFLA_INET6_FLAGS', codec: u32 },
  conf: { id: 2, c: 'IFLA_INET6_CONF', codec: binary() },
  stats: { id: 3, c: 'IFLA_INET6_STATS', codec: binary() },
  cacheInfo: { id: 5, c: 'IFLA_INET6_CACHEINFO', codec: binary() },
  icmp6Stats: { id: 6, c: 'IFLA_INET6_ICMP6STATS', codec: binary() },
  token: { id: 7, c: 'IFLA_INET6_TOKEN', codec: binary() },
  addrGenMode: {
    id: 8,
    c: 'IFLA_INET6_ADDR_GEN_MODE',
    codec: enumOf(u8, { eui64: 0, none: 1, stable_secret: 2, random: 3 }),
  },
  raMtu: { id: 9, c: 'IFLA_INET6_RA_MTU', codec: u32 },
})
