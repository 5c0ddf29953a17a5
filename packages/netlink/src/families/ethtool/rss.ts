import { arrayOf } from '../../attr/array.ts'
import { u32, uint } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { binary, bitsOf, ranged } from '../../attr/values.ts'
import { headerRow } from './header.ts'

/** Parts of a packet that the hash covers. Source: uapi RXH_*. */
export const RXFH_FIELDS = {
  l2da: 1 << 1,
  vlan: 1 << 2,
  'l3-proto': 1 << 3,
  'ip-src': 1 << 4,
  'ip-dst': 1 << 5,
  'l4-b-0-1': 1 << 6,
  'l4-b-2-3': 1 << 7,
  'gtp-teid': 1 << 8,
  'ip6-fl': 1 << 9,
  discard: 0x8000_0000,
} as const

export const HASH_FUNCTIONS = { top: 1, xor: 2, crc32: 4 } as const
export const INPUT_XFRM = { 'sym-xor': 1, 'sym-or-xor': 2 } as const

const fields = bitsOf(uint, RXFH_FIELDS)

const flow = (id: number, c: string, mask: bigint) => ({
  id,
  c,
  codec: fields,
  policy: { type: 'uint', mask } as const,
})
const flow4 = (id: number, c: string) => flow(id, c, 0x8000_01fen)
const flow6 = (id: number, c: string) => flow(id, c, 0x8000_03fen)

/** What is hashed, by kind of traffic. Source: uapi ETHTOOL_A_FLOW_*. */
export const RSS_FLOW = attrTable('flow', {
  ether: flow4(1, 'ETHTOOL_A_FLOW_ETHER'),
  ip4: flow4(2, 'ETHTOOL_A_FLOW_IP4'),
  ip6: flow6(3, 'ETHTOOL_A_FLOW_IP6'),
  tcp4: flow4(4, 'ETHTOOL_A_FLOW_TCP4'),
  tcp6: flow6(5, 'ETHTOOL_A_FLOW_TCP6'),
  udp4: flow4(6, 'ETHTOOL_A_FLOW_UDP4'),
  udp6: flow6(7, 'ETHTOOL_A_FLOW_UDP6'),
  sctp4: flow4(8, 'ETHTOOL_A_FLOW_SCTP4'),
  sctp6: flow6(9, 'ETHTOOL_A_FLOW_SCTP6'),
  ah4: flow4(10, 'ETHTOOL_A_FLOW_AH4'),
  ah6: flow6(11, 'ETHTOOL_A_FLOW_AH6'),
  esp4: flow4(12, 'ETHTOOL_A_FLOW_ESP4'),
  esp6: flow6(13, 'ETHTOOL_A_FLOW_ESP6'),
  ahEsp4: flow4(14, 'ETHTOOL_A_FLOW_AH_ESP4'),
  ahEsp6: flow6(15, 'ETHTOOL_A_FLOW_AH_ESP6'),
  gtpu4: flow4(16, 'ETHTOOL_A_FLOW_GTPU4'),
  gtpu6: flow6(17, 'ETHTOOL_A_FLOW_GTPU6'),
  gtpc4: flow4(18, 'ETHTOOL_A_FLOW_GTPC4'),
  gtpc6: flow6(19, 'ETHTOOL_A_FLOW_GTPC6'),
  gtpcTeid4: flow4(20, 'ETHTOOL_A_FLOW_GTPC_TEID4'),
  gtpcTeid6: flow6(21, 'ETHTOOL_A_FLOW_GTPC_TEID6'),
  gtpuEh4: flow4(22, 'ETHTOOL_A_FLOW_GTPU_EH4'),
  gtpuEh6: flow6(23, 'ETHTOOL_A_FLOW_GTPU_EH6'),
  gtpuUl4: flow4(24, 'ETHTOOL_A_FLOW_GTPU_UL4'),
  gtpuUl6: flow6(25, 'ETHTOOL_A_FLOW_GTPU_UL6'),
  gtpuDl4: flow4(26, 'ETHTOOL_A_FLOW_GTPU_DL4'),
  gtpuDl6: flow6(27, 'ETHTOOL_A_FLOW_GTPU_DL6'),
})

/** Receive side scaling: which queue a packet goes to. Source: uapi ETHTOOL_A_RSS_*. */
export const RSS = attrTable('rss', {
  header: headerRow('ETHTOOL_A_RSS_HEADER'),
  context: { id: 2, c: 'ETHTOOL_A_RSS_CONTEXT', codec: u32, doc: 'Default: 0, the one of the device.' },
  hfunc: {
    id: 3,
    c: 'ETHTOOL_A_RSS_HFUNC',
    codec: bitsOf(u32, HASH_FUNCTIONS),
    policy: ranged(u32, { min: 1, max: 255 }).policy,
  },
  indir: { id: 4, c: 'ETHTOOL_A_RSS_INDIR', codec: arrayOf(u32, 4), doc: 'Queue by low bits of the hash.' },
  hkey: { id: 5, c: 'ETHTOOL_A_RSS_HKEY', codec: binary({ min: 1 }) },
  inputXfrm: {
    id: 6,
    c: 'ETHTOOL_A_RSS_INPUT_XFRM',
    codec: bitsOf(u32, INPUT_XFRM),
    policy: ranged(u32, { max: 2 }).policy,
    doc: 'How both directions of a flow are made to hash alike.',
  },
  startContext: { id: 7, c: 'ETHTOOL_A_RSS_START_CONTEXT', codec: u32, doc: 'Dumps: leave out contexts below.' },
  flowHash: { id: 8, c: 'ETHTOOL_A_RSS_FLOW_HASH', since: '6.17', codec: nest(RSS_FLOW) },
})
export type EthtoolRss = AttrsOf<typeof RSS>
