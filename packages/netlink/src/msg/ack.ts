import { decodeAttrs } from '../attr/decode.ts'
import type { Extack } from '../attr/extack.ts'
import { u32 } from '../attr/integers.ts'
import { nest } from '../attr/nest.ts'
import { isDescribable, POLICY_TLV, writePolicy } from '../attr/policy-tlv.ts'
import { type AttrsOf, attrTable } from '../attr/table.ts'
import { binary, string } from '../attr/values.ts'
import { align4 } from '../bytes/align.ts'
import { type Data, DecodeError } from '../bytes/data.ts'
import type { Writer } from '../bytes/writer.ts'
import * as nl from '../uapi/netlink.ts'
import { beginMessage, decodeHeader, endMessage, type MessageHeader } from './header.ts'
import type { Message } from './split.ts'

/** The extended acknowledgement. Source: uapi NLMSGERR_ATTR_*. */
export const EXTACK = attrTable('extack', {
  msg: { id: nl.NLMSGERR_ATTR_MSG, c: 'NLMSGERR_ATTR_MSG', codec: string() },
  offset: { id: nl.NLMSGERR_ATTR_OFFS, c: 'NLMSGERR_ATTR_OFFS', codec: u32 },
  cookie: { id: nl.NLMSGERR_ATTR_COOKIE, c: 'NLMSGERR_ATTR_COOKIE', codec: binary({ max: 8 }) },
  policy: { id: nl.NLMSGERR_ATTR_POLICY, c: 'NLMSGERR_ATTR_POLICY', codec: nest(POLICY_TLV) },
  missType: { id: nl.NLMSGERR_ATTR_MISS_TYPE, c: 'NLMSGERR_ATTR_MISS_TYPE', codec: u32 },
  missNest: { id: nl.NLMSGERR_ATTR_MISS_NEST, c: 'NLMSGERR_ATTR_MISS_NEST', codec: u32 },
})
export type ExtackAttrs = AttrsOf<typeof EXTACK>

/** Whether there is anything to say. What points into the request is said on errors only. */
const speaks = (e: Extack, failed: boolean): boolean =>
  e.msg !== undefined ||
  e.cookie !== undefined ||
  (failed &&
    (e.offset !== undefined ||
      e.missType !== undefined ||
      e.missNest !== undefined ||
      (e.policy !== undefined && isDescribable(e.policy))))

/** Writes the attributes of an extended acknowledgement, in the kernel's order. */
export function writeExtack(w: Writer, e: Extack, failed: boolean): void {
  if (e.msg !== undefined) w.attrString(nl.NLMSGERR_ATTR_MSG, e.msg)
  if (e.cookie !== undefined) w.attrBytes(nl.NLMSGERR_ATTR_COOKIE, e.cookie)
  if (!failed) return
  if (e.offset !== undefined) w.attrU32(nl.NLMSGERR_ATTR_OFFS, e.offset)
  if (e.policy !== undefined && isDescribable(e.policy)) {
    const mark = w.beginNest(nl.NLMSGERR_ATTR_POLICY)
    writePolicy(w, e.policy)
    w.end(mark)
  }
  if (e.missType !== undefined) w.attrU32(nl.NLMSGERR_ATTR_MISS_TYPE, e.missType)
  if (e.missNest !== undefined) w.attrU32(nl.NLMSGERR_ATTR_MISS_NEST, e.missNest)
}

export interface AckOptions {
  readonly portId: number
  /** NETLINK_CAP_ACK: leave out the request's payload. */
  readonly capAck: boolean
  /** NETLINK_EXT_ACK: add the extended acknowledgement. */
  readonly extAck: boolean
}

/** Writes the answer to the request in `request[at, end)`. `error` is 0 or a negative errno. Source: spec 01 §1.3. */
export function writeAck(
  w: Writer,
  request: Uint8Array,
  at: number,
  end: number,
  error: number,
  extack: Extack,
  o: AckOptions,
): void {
  const failed = error !== 0
  const whole = failed && !o.capAck
  const tlvs = o.extAck && speaks(extack, failed)
  const flags = (whole ? 0 : nl.NLM_F_CAPPED) | (tlvs ? nl.NLM_F_ACK_TLVS : 0)
  const seq = request[at + 8] | (request[at + 9] << 8) | (request[at + 10] << 16) | (request[at + 11] << 24)
  const mark = beginMessage(w, nl.NLMSG_ERROR, flags, seq >>> 0, o.portId)
  w.u32(error >>> 0)
  const to = whole ? end : at + nl.NLMSG_HDRLEN
  const copy = w.reserve(to - at)
  const target = w.bytes
  for (let from = at, into = copy; from < to; from++, into++) target[into] = request[from]
  if (whole) w.pad()
  if (tlvs) writeExtack(w, extack, failed)
  endMessage(w, mark)
}

/** What an NLMSG_ERROR or NLMSG_DONE message says. */
export interface Ack {
  /** 0: done. Otherwise the positive error number. */
  readonly errno: number
  readonly extack: ExtackAttrs
  /** The header of the request that is answered; absent in DONE. */
  readonly request?: MessageHeader
}

/** Where the extended acknowledgement begins: behind the copy of the request, of which `header` tells how much there is. */
function behindRequest(header: MessageHeader, request: MessageHeader, at: number, end: number): number {
  if ((header.flags & nl.NLM_F_CAPPED) !== 0) return at + nl.NLMSG_HDRLEN
  // Compared before it is rounded: a length near 2^32 would wrap around.
  if (request.length > end - at || align4(request.length) > end - at) {
    throw new DecodeError(at, 'the request in the acknowledgement is longer than it')
  }
  return at + Math.max(align4(request.length), nl.NLMSG_HDRLEN)
}

/** The positive number of a negative one; 0 stays 0 and does not become -0. */
function errorAt(data: Data, at: number): number {
  const n = data.s32(at)
  return n === 0 ? 0 : -n
}

/** Reads an NLMSG_ERROR message. */
export function decodeAck({ header, data, start, end }: Message): Ack {
  if (end - start < 36) throw new DecodeError(start, `acknowledgement of ${end - start} bytes, expected at least 36`)
  const at = start + 20
  const request = decodeHeader(data, at)
  const has = (header.flags & nl.NLM_F_ACK_TLVS) !== 0
  const extack = has ? decodeAttrs(EXTACK, data, behindRequest(header, request, at, end), end) : {}
  return { errno: errorAt(data, start + 16), extack, request }
}

/** Reads an NLMSG_DONE message, which ends a dump. */
export function decodeDone({ header, data, start, end }: Message): Ack {
  if (end - start < 20) throw new DecodeError(start, `end of dump of ${end - start} bytes, expected at least 20`)
  const has = (header.flags & nl.NLM_F_ACK_TLVS) !== 0
  return { errno: errorAt(data, start + 16), extack: has ? decodeAttrs(EXTACK, data, start + 20, end) : {} }
}
