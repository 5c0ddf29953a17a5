import type { ValueOf } from '../../attr/codec.ts'
import { s32, u8, u16, u32 } from '../../attr/integers.ts'
import { ipAddress } from '../../attr/ip-address.ts'
import { struct } from '../../attr/struct.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { binary, bitsOf, hardwareAddress } from '../../attr/values.ts'

/** States of a neighbour. Source: uapi NUD_*. */
export const NEIGH_STATES = {
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
} as const

/** Source: uapi NTF_*. */
export const NEIGH_FLAGS = {
  use: 0x01,
  self: 0x02,
  master: 0x04,
  proxy: 0x08,
  extern_learn: 0x10,
  offload: 0x20,
  sticky: 0x40,
  router: 0x80,
} as const

/** Source: uapi NTF_EXT_*. */
export const NEIGH_EXT_FLAGS = { managed: 0x01, locked: 0x02, extern_valid: 0x04 } as const

/** The header of neighbour messages, 12 bytes. Source: uapi struct ndmsg. */
export const NEIGH_HEADER = struct(
  'ndmsg',
  { family: u8, pad1: u8, pad2: u16, ifindex: s32, state: u16, flags: u8, type: u8 },
  true,
)
export type NeighHeader = ValueOf<typeof NEIGH_HEADER>

/** Hundredths of a second since it was last known to be there, used, changed; and how many use it. Source: uapi nda_cacheinfo. */
export const NEIGH_CACHEINFO = struct('nda_cacheinfo', { confirmed: u32, used: u32, updated: u32, refcnt: u32 })

const LONGEST = 32

/** A neighbour on a link. Source: uapi NDA_*. */
export const NEIGH = attrTable(
  'neigh',
  {
    dst: { id: 1, c: 'NDA_DST', codec: ipAddress({ type: 'binary', max: LONGEST }), doc: 'Its network address.' },
    lladdr: { id: 2, c: 'NDA_LLADDR', codec: hardwareAddress, doc: 'Its hardware address.' },
    cacheInfo: { id: 3, c: 'NDA_CACHEINFO', codec: NEIGH_CACHEINFO, policy: { type: 'unspec', min: 16 } },
    probes: { id: 4, c: 'NDA_PROBES', codec: u32, doc: 'Questions without an answer so far.' },
    vlan: { id: 5, c: 'NDA_VLAN', codec: u16 },
    port: { id: 6, c: 'NDA_PORT', codec: u16 },
    vni: { id: 7, c: 'NDA_VNI', codec: u32 },
    ifindex: { id: 8, c: 'NDA_IFINDEX', codec: u32 },
    master: { id: 9, c: 'NDA_MASTER', codec: u32 },
    linkNetnsid: { id: 10, c: 'NDA_LINK_NETNSID', codec: s32, policy: { type: 'unspec' } },
    srcVni: { id: 11, c: 'NDA_SRC_VNI', codec: u32, policy: { type: 'unspec' } },
    protocol: { id: 12, c: 'NDA_PROTOCOL', codec: u8, doc: 'Who made the entry, RTPROT_*.' },
    nhId: { id: 13, c: 'NDA_NH_ID', codec: u32 },
    fdbExtAttrs: { id: 14, c: 'NDA_FDB_EXT_ATTRS', codec: binary(), policy: { type: 'nest' } },
    flagsExt: {
      id: 15,
      c: 'NDA_FLAGS_EXT',
      codec: bitsOf(u32, NEIGH_EXT_FLAGS),
      policy: { type: 'u32', mask: 0x5n },
    },
    ndmStateMask: { id: 16, c: 'NDA_NDM_STATE_MASK', codec: u16, policy: { type: 'unspec' } },
    ndmFlagsMask: { id: 17, c: 'NDA_NDM_FLAGS_MASK', codec: u8, policy: { type: 'unspec' } },
  },
  { strictFrom: 13 },
)
export type NeighAttrs = AttrsOf<typeof NEIGH>
