import type { Codec } from '../../attr/codec.ts'
import { decodeAttrs } from '../../attr/decode.ts'
import { encodeAttrs } from '../../attr/encode.ts'
import { type AnyTable, type AttrsOf, attrTable, type RawAttr } from '../../attr/table.ts'
import { binary, string } from '../../attr/values.ts'
import { attrLength, ID_MASK } from '../../attr/walk.ts'
import { align4 } from '../../bytes/align.ts'
import type { Data } from '../../bytes/data.ts'
import { decodeText } from '../../bytes/text.ts'
import { Writer } from '../../bytes/writer.ts'
import { DUMMY, type DummyData } from './dummy.ts'
import { NETKIT, type NetkitData } from './netkit.ts'
import { VETH, type VethData } from './veth.ts'

const KIND = 1
const DATA = 2

export const LINK_KIND_NAMES = ['netkit', 'veth', 'dummy'] as const

/**
 * The attribute set of IFLA_INFO_DATA of a kind; a kind that has none keeps its attributes raw. Looked up when it is asked
 * for: a kind may describe a peer, which is a link.
 */
export function linkKind(name: string | undefined): AnyTable | undefined {
  switch (name) {
    case 'netkit':
      return NETKIT
    case 'veth':
      return VETH
    case 'dummy':
      return DUMMY
    default:
      return undefined
  }
}

/** The kind of a link and what is particular to it. */
export type LinkInfo = (
  | { kind: 'netkit'; data?: NetkitData }
  | { kind: 'veth'; data?: VethData }
  | { kind: 'dummy'; data?: DummyData }
  | { kind?: string & {}; data?: { rest?: readonly RawAttr[] } }
) & { xstats?: Uint8Array; slaveKind?: string; rest?: readonly RawAttr[] }

const NONE = attrTable('unknown kind', {})

function kindIn(data: Data, start: number, end: number): string | undefined {
  let kind: string | undefined
  for (let at = start; at < end; ) {
    const length = attrLength(data, at, end, 'linkinfo')
    if ((data.u16(at + 2) & ID_MASK) === KIND) kind = decodeText(data.bytes, at + 4, at + length)
    at += align4(length)
  }
  return kind
}

const tableOf = (kind: string | undefined): AnyTable => linkKind(kind) ?? NONE

/** What is inside IFLA_INFO_DATA depends on the kind beside it. */
const kindData = {
  ...binary(),
  table: (data?: Data, start = 0, end = 0) => (data ? tableOf(kindIn(data, start, end)) : NONE),
}

/** Inside IFLA_LINKINFO. Source: uapi IFLA_INFO_*. */
export const LINKINFO = attrTable('linkinfo', {
  kind: { id: KIND, c: 'IFLA_INFO_KIND', codec: string() },
  data: { id: DATA, c: 'IFLA_INFO_DATA', codec: kindData, policy: { type: 'nest' } },
  xstats: { id: 3, c: 'IFLA_INFO_XSTATS', codec: binary(), policy: { type: 'unspec' } },
  slaveKind: { id: 4, c: 'IFLA_INFO_SLAVE_KIND', codec: string() },
  slaveData: { id: 5, c: 'IFLA_INFO_SLAVE_DATA', codec: binary(), policy: { type: 'nest' } },
})

export const linkInfo: Codec<LinkInfo> = {
  kind: 'nest',
  policy: { type: 'nest' },
  table: () => LINKINFO,
  encode(info, w) {
    const { data, ...others } = info
    if (data === undefined) return encodeAttrs(LINKINFO, others, w)
    const inner = new Writer(64)
    encodeAttrs(tableOf(info.kind), data, inner)
    encodeAttrs(LINKINFO, { ...others, data: inner.take() }, w)
  },
  decode(source, start, end) {
    const info = decodeAttrs(LINKINFO, source, start, end) as { kind?: string; data?: unknown }
    if (info.data !== undefined) info.data = decodeKindData(info.kind, source, start, end)
    return info as LinkInfo
  },
}

/** Decodes in place, so that offsets in errors count from the start of the message. */
function decodeKindData(kind: string | undefined, source: Data, start: number, end: number): AttrsOf<AnyTable> {
  let value: AttrsOf<AnyTable> = {}
  for (let at = start; at < end; ) {
    const length = source.u16(at)
    if ((source.u16(at + 2) & ID_MASK) === DATA) value = decodeAttrs(tableOf(kind), source, at + 4, at + length)
    at += align4(length)
  }
  return value
}
