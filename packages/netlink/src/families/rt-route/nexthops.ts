import type { Codec } from '../../attr/codec.ts'
import { decodeAttrs } from '../../attr/decode.ts'
import { encodeAttrs } from '../../attr/encode.ts'
import { u32 } from '../../attr/integers.ts'
import { ipAddress, ipBytes, ipText } from '../../attr/ip-address.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { align4 } from '../../bytes/align.ts'
import { type Data, DecodeError } from '../../bytes/data.ts'
import type { Writer } from '../../bytes/writer.ts'

/** A gateway of the other family: its family and its address. */
export const via: Codec<string> = {
  kind: 'gateway of any family',
  policy: { type: 'binary', max: 18 },
  encode(text, w) {
    const bytes = ipBytes(text)
    if (!bytes) throw new RangeError(`'${text}' is no IP address`)
    w.u16(bytes.length === 4 ? 2 : 10).raw(bytes)
  },
  decode(data, start, end) {
    if (end - start !== 6 && end - start !== 18) throw new DecodeError(start, `a gateway of ${end - start} bytes`)
    return ipText(data.part(start + 2, end))
  },
}

/** Attributes of one nexthop of several. */
export const NEXTHOP = attrTable('nexthop', {
  gateway: { id: 5, c: 'RTA_GATEWAY', codec: ipAddress() },
  flow: { id: 11, c: 'RTA_FLOW', codec: u32 },
  via: { id: 18, c: 'RTA_VIA', codec: via },
})

/** One nexthop of several. `weight`: 1 to 256. */
export type NexthopValue = AttrsOf<typeof NEXTHOP> & { flags?: number; weight: number; oif: number }

const HEADER = 8

function encodeOne(one: NexthopValue, w: Writer): void {
  const at = w.length
  w.u16(0)
    .u8(one.flags ?? 0)
    .u8(one.weight - 1)
    .u32(one.oif)
  encodeAttrs(NEXTHOP, one, w)
  w.view.setUint16(at, w.length - at, true)
}

function decodeOne(data: Data, at: number, length: number): NexthopValue {
  const head = { flags: data.u8(at + 2), weight: data.u8(at + 3) + 1, oif: data.u32(at + 4) }
  return { ...head, ...decodeAttrs(NEXTHOP, data, at + HEADER, at + length) }
}

/** Several nexthops: each a structure with a length of its own, and attributes. Source: uapi struct rtnexthop. */
export const nexthops: Codec<readonly NexthopValue[]> = {
  kind: 'nexthop[]',
  policy: { type: 'unspec', min: HEADER },
  encode(list, w) {
    for (const one of list) encodeOne(one, w)
  },
  decode(data, start, end) {
    const list: NexthopValue[] = []
    for (let at = start; at < end; ) {
      const length = end - at >= HEADER ? data.u16(at) : 0
      if (length < HEADER || at + length > end) throw new DecodeError(at, `a nexthop of ${length} bytes`)
      list.push(decodeOne(data, at, length))
      at += align4(length)
    }
    return list
  },
}
