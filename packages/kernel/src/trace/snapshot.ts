import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'

const {
  MAC_UNSET,
  PKT_DATA,
  PKT_GSO,
  PKT_HASH,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_MARK,
  PKT_PRIORITY,
  PKT_PROTOCOL,
  PKT_QUEUE,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TC_INDEX,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  PKT_VLAN,
  META_MASK,
  META_SHIFT,
  TYPE_MASK,
} = layout

/** Bytes of a frame that are compared. */
const MOST_BYTES = 2048
const TYPES = ['host', 'broadcast', 'multicast', 'otherhost', 'outgoing']

/** A packet as it was at some moment. */
export interface Snapshot {
  /** What is beside the frame, by name. */
  readonly marks: ReadonlyMap<string, string>
  readonly length: number
  /** The beginning of the frame, from its link-layer header on. */
  readonly frame: Uint8Array
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`

export function snapshot({ table: { fields }, memory }: Packets, handle: number): Snapshot {
  const i = handle << PKT_SHIFT
  const data = fields[i + PKT_DATA]
  const mac = fields[i + PKT_MAC]
  const start = mac !== MAC_UNSET && mac < data ? mac : data
  const linear = fields[i + PKT_LINEAR] + data - start
  const stamp = (BigInt(fields[i + PKT_TSTAMP_HI]) << 32n) | BigInt(fields[i + PKT_TSTAMP_LO] >>> 0)
  const vlan = fields[i + PKT_VLAN]
  return {
    length: fields[i + PKT_LENGTH] + data - start,
    frame: memory.u8.slice(start, start + Math.min(linear, MOST_BYTES)),
    marks: new Map([
      ['mark', hex(fields[i + PKT_MARK])],
      ['priority', hex(fields[i + PKT_PRIORITY])],
      ['queue', `${fields[i + PKT_QUEUE]}`],
      ['tc_index', `${fields[i + PKT_TC_INDEX]}`],
      ['hash', hex(fields[i + PKT_HASH])],
      ['type', TYPES[fields[i + PKT_STATE] & TYPE_MASK] ?? '?'],
      ['protocol', hex(fields[i + PKT_PROTOCOL])],
      ['tstamp', `${stamp}`],
      ['tag', vlan === 0 ? 'none' : `${vlan & 0xfff}`],
      ['metadata', `${(fields[i + PKT_STATE] & META_MASK) >>> META_SHIFT} bytes`],
      ['gso', `${fields[i + PKT_GSO] & 0xffff}`],
    ]),
  }
}
