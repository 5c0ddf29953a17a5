import {
  type AnyTable,
  type AttrsOf,
  beginMessage,
  decodeAttrs,
  encodeAttrs,
  endMessage,
  GENL_HEADER,
  type GenlCommand,
  type GenlFamily,
  NLM_F_REQUEST,
  NLMSG_HDRLEN,
  type RouteMessage,
  Writer,
} from '@netkit/netlink'
import type { Reply } from './exchange.ts'

const writer = new Writer(512) // encoding never waits, so one is enough

/** The bytes of an rtnetlink request. The sequence number is filled in when it is sent. */
export function routeRequest(message: RouteMessage, flags: number, header: object, attrs: object): Uint8Array {
  const w = writer.reset()
  const mark = beginMessage(w, message.type, NLM_F_REQUEST | flags, 0, 0)
  message.header.encode(header, w)
  encodeAttrs(message.attrs, attrs as AttrsOf<AnyTable>, w)
  endMessage(w, mark)
  return w.take()
}

/** The bytes of a generic netlink request, to the family with this id. */
export function genericRequest(
  id: number,
  family: GenlFamily,
  command: GenlCommand,
  flags: number,
  attrs: object,
): Uint8Array {
  const w = writer.reset()
  const mark = beginMessage(w, id, NLM_F_REQUEST | flags, 0, 0)
  w.u8(command.id).u8(family.version).u16(0)
  encodeAttrs(command.attrs, attrs as AttrsOf<AnyTable>, w)
  endMessage(w, mark)
  return w.take()
}

/** Reads the attributes of a generic netlink message. Throws DecodeError where the bytes are not what their table says. */
export const genericAttrs = <T extends AnyTable>(table: T, { data, start, end }: Reply): AttrsOf<T> =>
  decodeAttrs(table, data, start + NLMSG_HDRLEN + GENL_HEADER.size, end)
