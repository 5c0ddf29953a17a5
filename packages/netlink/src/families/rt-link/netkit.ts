import { u8, u16, u32 } from '../../attr/integers.ts'
import { lazy } from '../../attr/nest.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { checked, enumOf } from '../../attr/values.ts'
import { LINK_HEADER } from './header.ts'
import { peerInfo } from './peer.ts'

const MAX_1 = { type: 'u32', max: 1n } as const

export const NETKIT_POLICY = { forward: 0, blackhole: 2 } as const
export const NETKIT_MODE = { l2: 0, l3: 1 } as const
export const NETKIT_SCRUB = { none: 0, default: 1 } as const
export const NETKIT_PAIRING = { pair: 0, single: 1 } as const

/** Inside IFLA_INFO_DATA of a netkit device. Source: spec 01 §3.2; uapi IFLA_NETKIT_*. */
export const NETKIT = attrTable('netkit', {
  peerInfo: {
    id: 1,
    c: 'IFLA_NETKIT_PEER_INFO',
    codec: lazy('link message', { type: 'unspec', min: LINK_HEADER.size }, () => peerInfo),
    access: 'create',
    doc: 'The peer to be: a link message of its own. Without it the peer takes the attributes of the primary.',
  },
  primary: {
    id: 2,
    c: 'IFLA_NETKIT_PRIMARY',
    codec: u8,
    policy: { type: 'reject', text: 'Primary attribute is read-only' },
    access: 'read',
    doc: '1 on the device that was asked for and on a single device, 0 on its peer.',
  },
  policy: {
    id: 3,
    c: 'IFLA_NETKIT_POLICY',
    codec: enumOf(u32, NETKIT_POLICY),
    doc: 'What becomes of packets that the device transmits while no program is attached. Default forward.',
  },
  peerPolicy: {
    id: 4,
    c: 'IFLA_NETKIT_PEER_POLICY',
    codec: enumOf(u32, NETKIT_POLICY),
    doc: 'The policy of the peer.',
  },
  mode: {
    id: 5,
    c: 'IFLA_NETKIT_MODE',
    codec: checked(enumOf(u32, NETKIT_MODE), MAX_1),
    earlier: { before: '6.13', policy: { type: 'u32' } },
    access: 'create',
    doc: 'l3: no addresses and no neighbour resolution. l2: as Ethernet. Default l3.',
  },
  scrub: {
    id: 6,
    c: 'IFLA_NETKIT_SCRUB',
    codec: checked(enumOf(u32, NETKIT_SCRUB), MAX_1),
    access: 'create',
    since: '6.12',
    doc: 'Whether mark and priority of packets that leave the device for another namespace are cleared. Pairs only.',
  },
  peerScrub: {
    id: 7,
    c: 'IFLA_NETKIT_PEER_SCRUB',
    codec: checked(enumOf(u32, NETKIT_SCRUB), MAX_1),
    access: 'create',
    since: '6.12',
    doc: 'The same for packets that leave the peer.',
  },
  headroom: {
    id: 8,
    c: 'IFLA_NETKIT_HEADROOM',
    codec: u16,
    access: 'create',
    since: '6.14',
    doc: 'Bytes kept free before each packet, 0 to 65535, for both ends. Default 0.',
  },
  tailroom: {
    id: 9,
    c: 'IFLA_NETKIT_TAILROOM',
    codec: u16,
    access: 'create',
    since: '6.14',
    doc: 'The same behind each packet.',
  },
  pairing: {
    id: 10,
    c: 'IFLA_NETKIT_PAIRING',
    codec: checked(enumOf(u32, NETKIT_PAIRING), MAX_1),
    access: 'create',
    since: '7.1',
    doc: 'pair: with a peer. single: without, to lease receive queues for. Default pair.',
  },
})
export type NetkitData = AttrsOf<typeof NETKIT>
