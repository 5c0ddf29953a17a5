import type { ValueOf } from '../../attr/codec.ts'
import { s32, u8, u32 } from '../../attr/integers.ts'
import { ipAddress } from '../../attr/ip-address.ts'
import { struct } from '../../attr/struct.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { bitsOf, enumOf, string } from '../../attr/values.ts'

export const ROUTE_SCOPES = { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const

/** The header of address messages, 8 bytes. Source: uapi struct ifaddrmsg. */
export const ADDR_HEADER = struct('ifaddrmsg', { family: u8, prefixLength: u8, flags: u8, scope: u8, index: u32 }, true)
export type AddrHeader = ValueOf<typeof ADDR_HEADER>

export const ADDR_FLAGS = {
  secondary: 0x01,
  nodad: 0x02,
  optimistic: 0x04,
  dadfailed: 0x08,
  homeaddress: 0x10,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  managetempaddr: 0x100,
  noprefixroute: 0x200,
  mcautojoin: 0x400,
  'stable-privacy': 0x800,
} as const

/** Lifetimes in seconds (4294967295: no end), times in hundredths of a second. Source: uapi struct ifa_cacheinfo. */
export const ADDR_CACHEINFO = struct('ifa_cacheinfo', { preferred: u32, valid: u32, created: u32, updated: u32 })

/** An address of a device. Source: uapi IFA_*. */
export const ADDR = attrTable('addr', {
  address: { id: 1, c: 'IFA_ADDRESS', codec: ipAddress(), doc: 'The address; on a link between two, the other end.' },
  local: { id: 2, c: 'IFA_LOCAL', codec: ipAddress(), doc: 'The address on this end.' },
  label: { id: 3, c: 'IFA_LABEL', codec: string(15) },
  broadcast: { id: 4, c: 'IFA_BROADCAST', codec: ipAddress() },
  anycast: { id: 5, c: 'IFA_ANYCAST', codec: ipAddress(), access: 'read' },
  cacheInfo: { id: 6, c: 'IFA_CACHEINFO', codec: ADDR_CACHEINFO },
  multicast: { id: 7, c: 'IFA_MULTICAST', codec: ipAddress(), access: 'read' },
  flags: { id: 8, c: 'IFA_FLAGS', codec: bitsOf(u32, ADDR_FLAGS) },
  rtPriority: { id: 9, c: 'IFA_RT_PRIORITY', codec: u32, doc: 'Metric of the route to the network.' },
  targetNetnsid: { id: 10, c: 'IFA_TARGET_NETNSID', codec: s32 },
  proto: {
    id: 11,
    c: 'IFA_PROTO',
    codec: enumOf(u8, { unspec: 0, 'kernel-lo': 1, 'kernel-ra': 2, 'kernel-ll': 3 }),
    doc: 'Who made the address.',
  },
})
export type AddrAttrs = AttrsOf<typeof ADDR>
