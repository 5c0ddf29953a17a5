import { decodeAttrs } from '../attr/decode.ts'
import { encodeAttrs } from '../attr/encode.ts'
import type { AnyTable, AttrsOf } from '../attr/table.ts'
import { Data, DecodeError } from '../bytes/data.ts'
import { toHex } from '../bytes/hex.ts'
import { Writer } from '../bytes/writer.ts'
import { GENL_HEADER } from '../families/genl-header.ts'
import { type FamilyById, layoutOf, ROUTE_MESSAGES } from '../families/registry.ts'
import { decodeAck, decodeDone, EXTACK } from '../msg/ack.ts'
import { type Message, splitMessages } from '../msg/split.ts'
import { NETLINK_ROUTE, NLMSG_DONE, NLMSG_ERROR } from '../uapi/netlink.ts'

/** Who reads the bytes: what their ids mean, and which side of the conversation they are. */
export interface Reader {
  readonly protocol: number
  readonly families: FamilyById
  readonly fromKernel: boolean
}

/** What became of some bytes. `broken`: they were neither decoded faithfully nor refused as they should be; says how. */
export type Outcome = 'decoded' | 'refused' | { readonly broken: string }

interface Meant {
  readonly table: AnyTable
  readonly attrs: AttrsOf<AnyTable>
}

/** The attributes of one message; undefined where nobody knows what they mean. */
function meaning(m: Message, reader: Reader): Meant | undefined {
  const { header, data, start, end } = m
  if (header.type === NLMSG_ERROR) return { table: EXTACK, attrs: decodeAck(m).extack }
  if (header.type === NLMSG_DONE) return { table: EXTACK, attrs: decodeDone(m).extack }
  const body = start + 16
  const command = body < end ? data.u8(body) : 0
  const layout = layoutOf(reader.protocol, header.type, command, reader.families, reader.fromKernel)
  if (!layout) return undefined
  if (end - body < layout.headerSize) throw new DecodeError(body, `header of ${end - body} bytes`)
  const codec = reader.protocol === NETLINK_ROUTE ? ROUTE_MESSAGES.get(header.type)!.header : GENL_HEADER
  const at = body + layout.headerSize
  const value: object = codec.decode(data, body, at)
  const again = encode(codec, value)
  if (!same(again, data.bytes.subarray(body, at))) throw new Error(`header ${toHex(again)} instead of what was read`)
  return { table: layout.attrs, attrs: decodeAttrs(layout.attrs, data, at, end) }
}

const out = new Writer(4096)

function encode(codec: { encode(value: object, w: Writer): void }, value: object): Uint8Array {
  codec.encode(value, out.reset())
  return out.take()
}

/**
 * Reads a datagram, writes what was read, and reads that: both readings must be the same, and so must be the bytes of both
 * writings. Whatever cannot be read must be refused by a DecodeError that points into the datagram.
 */
export function roundTrip(datagram: Uint8Array, reader: Reader): Outcome {
  try {
    for (const m of splitMessages(datagram)) {
      const meant = meaning(m, reader)
      if (!meant) continue
      const broken = unfaithful(meant)
      if (broken) return { broken }
    }
    return 'decoded'
  } catch (e) {
    if (!(e instanceof DecodeError)) return { broken: `threw ${String((e as Error).stack ?? e)}` }
    // An offset right behind the last byte is where more was expected.
    if (Number.isInteger(e.offset) && e.offset >= 0 && e.offset <= datagram.length) return 'refused'
    return { broken: `refused at byte ${e.offset} of ${datagram.length}: ${e.message}` }
  }
}

function unfaithful({ table, attrs }: Meant): string | undefined {
  const once = encodeTable(table, attrs)
  const read = decodeAttrs(table, new Data(once), 0, once.length)
  if (!same(attrs, read)) return `${table.name}: reads differently after it was written: ${toHex(once)}`
  const twice = encodeTable(table, read)
  return same(once, twice)
    ? undefined
    : `${table.name}: is written differently each time: ${toHex(once)}, ${toHex(twice)}`
}

function encodeTable(table: AnyTable, attrs: AttrsOf<AnyTable>): Uint8Array {
  encodeAttrs(table, attrs, out.reset())
  return out.take()
}

/** Whether two decoded values are the same, maps and bytes included. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Uint8Array) {
    if (!(b instanceof Uint8Array) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
    return true
  }
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false
    return true
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false
    for (const [key, value] of a) if (!b.has(key) || !same(value, b.get(key))) return false
    return true
  }
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
      return false
  }
  return true
}
