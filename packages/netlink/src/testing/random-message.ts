import type { Codec } from '../attr/codec.ts'
import type { AnyTable, NamedRow } from '../attr/table.ts'
import { NLA_F_NESTED } from '../attr/walk.ts'
import { encodeText } from '../bytes/text.ts'
import { Writer } from '../bytes/writer.ts'
import type { GenlFamily } from '../families/family.ts'
import { ROUTE_MESSAGES } from '../families/registry.ts'
import { LINK_KIND_NAMES, LINKINFO, linkKind } from '../families/rt-link/linkinfo.ts'
import { beginMessage, endMessage } from '../msg/header.ts'
import {
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_ECHO,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
} from '../uapi/netlink.ts'
import type { Chance } from './chance.ts'

/** How wild a generated message is. */
export interface Wildness {
  /** Of 100 attributes so many have a wrong size, a strange id or a missing flag. */
  readonly odd: number
  /** Most attributes on a level, and most levels. */
  readonly width: number
  readonly depth: number
}

export const TAME: Wildness = { odd: 0, width: 6, depth: 4 }
export const WILD: Wildness = { odd: 15, width: 8, depth: 6 }

const KINDS = LINK_KIND_NAMES.map((name) => [name, linkKind(name)] as const)
const NAMES = [
  'a',
  'nk0',
  'nk%d',
  'lo',
  'eth0',
  'pod',
  'netkit',
  'veth',
  'dummy',
  'netdev',
  'ethtool',
  '',
  '%d%d',
  '\u00e9t\u00e9',
]
const SIZES: Readonly<Record<string, number>> = {
  u8: 1,
  s8: 1,
  u16: 2,
  s16: 2,
  u32: 4,
  s32: 4,
  u64: 8,
  s64: 8,
  flag: 0,
}
const SMALL = [
  0, 1, 2, 3, 5, 6, 7, 16, 68, 100, 321, 1500, 9000, 32767, 65535, 65536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
]

function writeNumber(w: Writer, size: number, chance: Chance): void {
  const n = chance.odds(3, 4) ? chance.pick(SMALL) : chance.u32()
  if (size === 8) w.u64n(n)
  else if (size === 4) w.u32(n)
  else if (size === 2) w.u16(n & 0xffff)
  else if (size === 1) w.u8(n & 0xff)
}

function writePayload(w: Writer, codec: Codec<unknown>, chance: Chance): void {
  const named = codec.names ? Object.values(codec.names) : undefined
  const kind = codec.kind.replace(/^(enum|flags) /, '')
  if (kind === 'string') w.raw(encodeText(chance.pick(NAMES))).u8(0)
  else if (kind === 'address') w.raw(chance.bytes(6))
  else if (kind === 'uint') writeNumber(w, chance.odds(1, 4) ? 8 : 4, chance)
  else if (kind in SIZES) {
    if (named && SIZES[kind] === 4 && chance.odds(3, 4)) w.u32(chance.pick(named))
    else writeNumber(w, SIZES[kind], chance)
  } else w.raw(chance.bytes(4 * chance.below(6)))
}

/** Bytes of attributes whose ids are keys of a list or a map, as far as a table cannot tell. */
const isList = (codec: Codec<unknown>): boolean => codec.kind === 'nest[]' || codec.kind.startsWith('map of')

function writeOne(
  w: Writer,
  row: NamedRow,
  chance: Chance,
  wild: Wildness,
  depth: number,
  inner: AnyTable | undefined,
): void {
  const odd = chance.odds(wild.odd, 100)
  const flags = inner && !(odd && chance.odds(1, 3)) ? NLA_F_NESTED : odd && chance.odds(1, 3) ? NLA_F_NESTED : 0
  const mark = w.begin((odd && chance.odds(1, 4) ? chance.below(80) : row.id) | flags)
  if (inner) {
    for (let n = row.codec.headerSize ?? 0; n > 0; n -= 4) writeNumber(w, 4, chance)
    writeAttrs(w, inner, chance, wild, depth + 1)
  } else if (isList(row.codec)) {
    for (let i = 1 + chance.below(3); i > 0; i--) w.end(w.beginNest(i))
  } else writePayload(w, row.codec as Codec<unknown>, chance)
  if (odd && chance.odds(1, 2)) w.raw(chance.bytes(1 + chance.below(5)))
  else if (odd && w.length - mark > 4) w.length -= 1 + chance.below(Math.min(3, w.length - mark - 4))
  w.end(mark)
}

/** Attributes of a table, some of them and in any order. The kind of a link comes before what depends on it. */
export function writeAttrs(w: Writer, table: AnyTable, chance: Chance, wild: Wildness, depth = 0): void {
  const rows = table.byId.filter((row) => row !== undefined)
  if (rows.length === 0) return
  const [kind, inside] = table === LINKINFO ? chance.pick(KINDS) : [undefined, undefined]
  if (kind !== undefined) w.attrString(LINKINFO.ids.kind, kind)
  for (let n = chance.below(wild.width + 1); n > 0; n--) {
    const row = chance.pick(rows)
    if (kind !== undefined && row.key === 'kind') continue
    const inner = inside && row.key === 'data' ? inside : row.codec.table?.()
    if (inner && depth >= wild.depth) continue
    writeOne(w, row, chance, wild, depth, inner)
  }
}

/** What a generated message is about. */
export interface MessageOptions {
  readonly protocol: number
  /** Generic netlink families by id. Default: none, so that generic messages have no attributes that anyone knows. */
  readonly families?: ReadonlyMap<number, GenlFamily>
  /** Replies and notifications instead of requests. */
  readonly fromKernel?: boolean
  /** Flags of the message header. Default: REQUEST and some others. */
  readonly flags?: number
  /** Numbers that are likely to be the ifindex of a device. */
  readonly ifindexes?: readonly number[]
}

const FLAGS = [
  0,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_CREATE,
  NLM_F_CREATE | NLM_F_EXCL,
  NLM_F_REPLACE,
  NLM_F_ECHO,
  NLM_F_ECHO | NLM_F_ACK,
]

/** A message made from the tables of its family, with whatever values. */
export function randomMessage(chance: Chance, wild: Wildness, o: MessageOptions): Uint8Array {
  const w = new Writer(512)
  const flags = o.flags ?? NLM_F_REQUEST | chance.pick(FLAGS)
  if (o.protocol === NETLINK_ROUTE) {
    const type = chance.pick([...ROUTE_MESSAGES.values()])
    const mark = beginMessage(w, type.type, flags, chance.u32(), 0)
    if (type.header.size === 16) {
      const ifindex = chance.pick(o.ifindexes ?? [0, 1, 2, 3])
      w.u32(0)
        .u32(ifindex)
        .u32(chance.pick([0, 0, 1, chance.u32()]))
        .u32(chance.pick([0, 0, 1, chance.u32()]))
    } else w.u32(0)
    writeAttrs(w, type.attrs, chance, wild)
    endMessage(w, mark)
    return w.take()
  }
  const families = [...(o.families ?? [])]
  const [id, family] = families.length > 0 ? chance.pick(families) : [chance.below(64), undefined]
  const mark = beginMessage(w, id, flags, chance.u32(), 0)
  const command = family && chance.pick(Object.values(family.commands))
  w.u8(command ? (o.fromKernel ? (command.replyId ?? command.id) : command.id) : chance.below(64))
    .u8(1)
    .u16(0)
  if (command) writeAttrs(w, o.fromKernel ? (command.reply ?? command.attrs) : command.attrs, chance, wild)
  endMessage(w, mark)
  return w.take()
}
