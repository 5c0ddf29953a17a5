import { s32, u8, u16, u32, uint } from '../../attr/integers.ts'
import { lazy, nest } from '../../attr/nest.ts'
import type { Policy } from '../../attr/policy.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { binary, bitsOf, enumOf, hardwareAddress, ranged, string } from '../../attr/values.ts'
import { AF_SPEC } from './af-spec.ts'
import { linkInfo } from './linkinfo.ts'
import { DEVLINK_PORT, LINK_PROPS, LINK_XDP, PROTO_DOWN_REASON } from './parts.ts'
import { LINK_MAP, LINK_STATS, LINK_STATS64 } from './stats.ts'

const unspec: Policy = { type: 'unspec' }
const reject: Policy = { type: 'reject' }
const anyNest: Policy = { type: 'nest' }
/** Largest TCP header plus one, as common builds have it. */
const GSO_MIN = 321

export const OPERSTATE = {
  unknown: 0,
  notpresent: 1,
  down: 2,
  lowerlayerdown: 3,
  testing: 4,
  dormant: 5,
  up: 6,
} as const
export const LINKMODE = { default: 0, dormant: 1, testing: 2 } as const
export const EXT_MASK = {
  vf: 0x1,
  brvlan: 0x2,
  brvlanCompressed: 0x4,
  skipStats: 0x8,
  mrp: 0x10,
  cfmConfig: 0x20,
  cfmStatus: 0x40,
  mst: 0x80,
  nameOnly: 0x100,
} as const

/** Attributes of links. Source: spec 01 §2.2 and §2.10.1; uapi IFLA_*. */
export const LINK = attrTable(
  'link',
  {
    address: { id: 1, c: 'IFLA_ADDRESS', codec: hardwareAddress, doc: 'Hardware address.' },
    broadcast: { id: 2, c: 'IFLA_BROADCAST', codec: hardwareAddress, doc: 'Hardware broadcast address.' },
    ifname: {
      id: 3,
      c: 'IFLA_IFNAME',
      codec: string(15),
      doc: 'Name, 1 to 15 bytes; `%d` in it is replaced by the lowest free number.',
    },
    mtu: { id: 4, c: 'IFLA_MTU', codec: u32, doc: 'Largest payload of a frame in bytes, between minMtu and maxMtu.' },
    link: {
      id: 5,
      c: 'IFLA_LINK',
      codec: u32,
      doc: 'Ifindex of the device it stands on or of its peer; 0 if there is none.',
    },
    qdisc: { id: 6, c: 'IFLA_QDISC', codec: string(), policy: unspec, access: 'read' },
    stats: { id: 7, c: 'IFLA_STATS', codec: LINK_STATS, policy: unspec, access: 'read' },
    master: { id: 10, c: 'IFLA_MASTER', codec: u32, doc: 'Ifindex of the device it is enslaved to; 0 releases it.' },
    protinfo: { id: 12, c: 'IFLA_PROTINFO', codec: binary(), policy: unspec },
    txqlen: {
      id: 13,
      c: 'IFLA_TXQLEN',
      codec: ranged(u32, { max: 32767 }),
      earlier: { before: '7.3', policy: { type: 'u32' } },
      doc: 'Packets that may wait for transmission, 0 to 32767.',
    },
    map: { id: 14, c: 'IFLA_MAP', codec: LINK_MAP, policy: { type: 'unspec', min: 32 }, access: 'read' },
    weight: { id: 15, c: 'IFLA_WEIGHT', codec: u32 },
    operstate: { id: 16, c: 'IFLA_OPERSTATE', codec: enumOf(u8, OPERSTATE), doc: 'Operational state, RFC 2863.' },
    linkmode: { id: 17, c: 'IFLA_LINKMODE', codec: enumOf(u8, LINKMODE) },
    linkinfo: {
      id: 18,
      c: 'IFLA_LINKINFO',
      codec: lazy('nest', anyNest, () => linkInfo),
      doc: 'The kind and its own attributes.',
    },
    netNsPid: { id: 19, c: 'IFLA_NET_NS_PID', codec: u32, doc: 'Namespace of this process.' },
    ifalias: {
      id: 20,
      c: 'IFLA_IFALIAS',
      codec: string(),
      policy: { type: 'binary', max: 255 },
      doc: 'Free text, at most 255 bytes.',
    },
    numVf: { id: 21, c: 'IFLA_NUM_VF', codec: u32, policy: unspec, access: 'read' },
    vfinfoList: { id: 22, c: 'IFLA_VFINFO_LIST', codec: binary(), policy: anyNest },
    stats64: { id: 23, c: 'IFLA_STATS64', codec: LINK_STATS64, policy: unspec, access: 'read' },
    vfPorts: { id: 24, c: 'IFLA_VF_PORTS', codec: binary(), policy: anyNest },
    portSelf: { id: 25, c: 'IFLA_PORT_SELF', codec: binary(), policy: anyNest },
    afSpec: { id: 26, c: 'IFLA_AF_SPEC', codec: nest(AF_SPEC, false), policy: anyNest },
    group: { id: 27, c: 'IFLA_GROUP', codec: u32 },
    netNsFd: { id: 28, c: 'IFLA_NET_NS_FD', codec: u32, doc: 'Namespace of this file descriptor of the requester.' },
    extMask: { id: 29, c: 'IFLA_EXT_MASK', codec: bitsOf(u32, EXT_MASK) },
    promiscuity: { id: 30, c: 'IFLA_PROMISCUITY', codec: u32, access: 'read' },
    numTxQueues: { id: 31, c: 'IFLA_NUM_TX_QUEUES', codec: u32, access: 'create' },
    numRxQueues: {
      id: 32,
      c: 'IFLA_NUM_RX_QUEUES',
      codec: u32,
      access: 'create',
      doc: 'Room for receive queues. A netkit device starts with one; each lease adds one.',
    },
    carrier: { id: 33, c: 'IFLA_CARRIER', codec: u8 },
    physPortId: { id: 34, c: 'IFLA_PHYS_PORT_ID', codec: binary({ max: 32 }), access: 'read' },
    carrierChanges: { id: 35, c: 'IFLA_CARRIER_CHANGES', codec: u32, access: 'read' },
    physSwitchId: { id: 36, c: 'IFLA_PHYS_SWITCH_ID', codec: binary({ max: 32 }), access: 'read' },
    linkNetnsid: { id: 37, c: 'IFLA_LINK_NETNSID', codec: s32, doc: 'Id of the namespace that `link` counts in.' },
    physPortName: { id: 38, c: 'IFLA_PHYS_PORT_NAME', codec: string(), policy: unspec, access: 'read' },
    protoDown: { id: 39, c: 'IFLA_PROTO_DOWN', codec: u8 },
    gsoMaxSegs: { id: 40, c: 'IFLA_GSO_MAX_SEGS', codec: u32 },
    gsoMaxSize: { id: 41, c: 'IFLA_GSO_MAX_SIZE', codec: ranged(u32, { min: GSO_MIN }) },
    xdp: { id: 43, c: 'IFLA_XDP', codec: nest(LINK_XDP, false), policy: anyNest },
    event: { id: 44, c: 'IFLA_EVENT', codec: u32, access: 'read' },
    newNetnsid: { id: 45, c: 'IFLA_NEW_NETNSID', codec: s32, policy: unspec, access: 'read' },
    targetNetnsid: {
      id: 46,
      c: 'IFLA_TARGET_NETNSID',
      codec: s32,
      doc: 'Namespace with this id: where a request acts.',
    },
    carrierUpCount: { id: 47, c: 'IFLA_CARRIER_UP_COUNT', codec: u32, access: 'read' },
    carrierDownCount: { id: 48, c: 'IFLA_CARRIER_DOWN_COUNT', codec: u32, access: 'read' },
    newIfindex: {
      id: 49,
      c: 'IFLA_NEW_IFINDEX',
      codec: ranged(s32, { min: 1 }),
      doc: 'Wanted ifindex in the namespace it moves to.',
    },
    minMtu: { id: 50, c: 'IFLA_MIN_MTU', codec: u32, access: 'read' },
    maxMtu: { id: 51, c: 'IFLA_MAX_MTU', codec: u32, access: 'read' },
    propList: { id: 52, c: 'IFLA_PROP_LIST', codec: nest(LINK_PROPS, false), policy: anyNest },
    altIfname: { id: 53, c: 'IFLA_ALT_IFNAME', codec: string(127), doc: 'An alternative name, to find a device by.' },
    permAddress: { id: 54, c: 'IFLA_PERM_ADDRESS', codec: hardwareAddress, policy: reject, access: 'read' },
    protoDownReason: { id: 55, c: 'IFLA_PROTO_DOWN_REASON', codec: nest(PROTO_DOWN_REASON, false), policy: anyNest },
    parentDevName: { id: 56, c: 'IFLA_PARENT_DEV_NAME', codec: string(undefined, 'nul-string'), access: 'read' },
    parentDevBusName: { id: 57, c: 'IFLA_PARENT_DEV_BUS_NAME', codec: string(), policy: unspec, access: 'read' },
    groMaxSize: { id: 58, c: 'IFLA_GRO_MAX_SIZE', codec: u32 },
    tsoMaxSize: { id: 59, c: 'IFLA_TSO_MAX_SIZE', codec: u32, policy: reject, access: 'read' },
    tsoMaxSegs: { id: 60, c: 'IFLA_TSO_MAX_SEGS', codec: u32, policy: reject, access: 'read' },
    allmulti: { id: 61, c: 'IFLA_ALLMULTI', codec: u32, policy: reject, access: 'read' },
    devlinkPort: { id: 62, c: 'IFLA_DEVLINK_PORT', codec: nest(DEVLINK_PORT, false), policy: unspec, access: 'read' },
    gsoIpv4MaxSize: { id: 63, c: 'IFLA_GSO_IPV4_MAX_SIZE', codec: ranged(u32, { min: GSO_MIN }) },
    groIpv4MaxSize: { id: 64, c: 'IFLA_GRO_IPV4_MAX_SIZE', codec: u32 },
    dpllPin: { id: 65, c: 'IFLA_DPLL_PIN', codec: binary(), policy: unspec, access: 'read' },
    maxPacingOffloadHorizon: {
      id: 66,
      c: 'IFLA_MAX_PACING_OFFLOAD_HORIZON',
      since: '6.13',
      codec: uint,
      policy: unspec,
      access: 'read',
    },
    netnsImmutable: { id: 67, c: 'IFLA_NETNS_IMMUTABLE', since: '6.15', codec: u8, policy: reject, access: 'read' },
    headroom: { id: 68, c: 'IFLA_HEADROOM', since: '6.18', codec: u16, policy: reject, access: 'read' },
    tailroom: { id: 69, c: 'IFLA_TAILROOM', since: '6.18', codec: u16, policy: reject, access: 'read' },
  },
  { strictFrom: 65, strictSince: '6.13' },
)
export type LinkAttrs = AttrsOf<typeof LINK>
