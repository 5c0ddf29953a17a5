import { encodeAttrs } from '../attr/encode.ts'
import type { Extack } from '../attr/extack.ts'
import type { AnyTable, AttrsOf } from '../attr/table.ts'
import { Data } from '../bytes/data.ts'
import { Writer } from '../bytes/writer.ts'
import type { RouteMessage } from '../families/family.ts'
import { writeAck, writeExtack } from '../msg/ack.ts'
import { beginMessage, decodeHeader, endMessage } from '../msg/header.ts'
import { NLM_F_ACK_TLVS, NLM_F_MULTI, NLMSG_DONE } from '../uapi/netlink.ts'

/** What an answer says about itself: whom it answers, and the flags and port id of its header. */
export interface AnswerOptions {
  readonly flags?: number
  readonly seq?: number
  readonly portId?: number
}

/** The sequence number of a request. */
export const seqOf = (request: Uint8Array): number => decodeHeader(new Data(request), 0).seq

/** An acknowledgement: `error` is 0 or a positive error number. */
export function ack(request: Uint8Array, error = 0, extack: Extack = {}): Uint8Array {
  const w = new Writer()
  writeAck(w, request, 0, request.length, -error, extack, { portId: 1, capAck: false, extAck: true })
  return w.take()
}

/** The end of a dump. `error` is 0 or a positive error number. */
export function done(request: Uint8Array, error = 0, extack: Extack = {}): Uint8Array {
  const w = new Writer()
  const speaks = Object.keys(extack).length > 0
  const mark = beginMessage(w, NLMSG_DONE, NLM_F_MULTI | (speaks ? NLM_F_ACK_TLVS : 0), seqOf(request), 1)
  w.u32(-error >>> 0)
  if (speaks) writeExtack(w, extack, error !== 0)
  endMessage(w, mark)
  return w.take()
}

/** A message of rtnetlink. */
export function routeMessage(message: RouteMessage, header: object, attrs: object, o: AnswerOptions = {}): Uint8Array {
  const w = new Writer()
  const mark = beginMessage(w, message.type, o.flags ?? 0, o.seq ?? 0, o.portId ?? 0)
  message.header.encode(header, w)
  encodeAttrs(message.attrs, attrs as AttrsOf<AnyTable>, w)
  endMessage(w, mark)
  return w.take()
}

/** A message of a generic netlink family with this id. */
export function genericMessage(
  id: number,
  command: { readonly id: number; readonly attrs: AnyTable },
  attrs: object,
  o: AnswerOptions = {},
): Uint8Array {
  const w = new Writer()
  const mark = beginMessage(w, id, o.flags ?? 0, o.seq ?? 0, o.portId ?? 0)
  w.u8(command.id).u8(1).u16(0)
  encodeAttrs(command.attrs, attrs as AttrsOf<AnyTable>, w)
  endMessage(w, mark)
  return w.take()
}

/** Several messages as one datagram. */
export function datagram(...messages: readonly Uint8Array[]): Uint8Array {
  const w = new Writer()
  for (const m of messages) w.raw(m).pad()
  return w.take()
}
