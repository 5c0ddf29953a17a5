import { decodeAttrs } from '../attr/decode.ts'
import { Data } from '../bytes/data.ts'
import type { GenlFamily } from '../families/family.ts'
import { GENL_HEADER } from '../families/genl-header.ts'
import { NLCTRL } from '../families/nlctrl/family.ts'
import { ROUTE_MESSAGES } from '../families/registry.ts'
import { decodeHeader } from '../msg/header.ts'
import { GENL_ID_CTRL, NLM_F_DUMP, NLM_F_MULTI } from '../uapi/netlink.ts'
import { ack, datagram, done, genericMessage, seqOf } from './answers.ts'
import type { Play } from './played-socket.ts'

/** A request as its tables read it. */
export interface ReadRequest {
  /** Name in the uapi headers, `RTM_GETLINK` or `NETDEV_CMD_QUEUE_GET`. */
  readonly c: string
  readonly flags: number
  /** The header in front of the attributes; empty for generic netlink. */
  readonly header: Readonly<Record<string, number>>
  readonly attrs: Readonly<Record<string, unknown>>
  readonly bytes: Uint8Array
}

/** Reads a request to rtnetlink. */
export function readRoute(bytes: Uint8Array): ReadRequest {
  const data = new Data(bytes)
  const { type, flags, length } = decodeHeader(data, 0)
  const message = ROUTE_MESSAGES.get(type)
  if (!message) throw new Error(`no rtnetlink message has type ${type}`)
  const body = 16 + message.header.size
  return {
    c: message.c,
    flags,
    header: message.header.decode(data, 16, body) as Record<string, number>,
    attrs: decodeAttrs(message.attrs, data, body, length) as Record<string, unknown>,
    bytes,
  }
}

/** Reads a request to one of these families, whose ids are as in `familyIds`. */
export function readGeneric(bytes: Uint8Array, families: ReadonlyMap<number, GenlFamily>): ReadRequest {
  const data = new Data(bytes)
  const { type, flags, length } = decodeHeader(data, 0)
  const number = data.u8(16)
  const commands = Object.values(families.get(type)?.commands ?? {})
  const command = commands.find((c) => c.id === number && !c.event)
  if (!command) throw new Error(`no family has id ${type} and command ${number}`)
  const attrs = decodeAttrs(command.attrs, data, 16 + GENL_HEADER.size, length) as Record<string, unknown>
  return { c: command.c, flags, header: {}, attrs, bytes }
}

/**
 * Plays rtnetlink. The function gets each request and answers with messages; the acknowledgement, or the end of a dump,
 * is added. It throws nothing: to refuse, it returns an acknowledgement of its own (`ack(request.bytes, errno.…)`).
 */
export const playRoute =
  (answer: (request: ReadRequest) => readonly Uint8Array[]): Play =>
  (bytes) =>
    finished(bytes, answer(readRoute(bytes)))

/** First id that is given to the families of a played kernel. */
const FIRST_ID = 20

/** The ids that `playGeneric` gives to families, in their order from 20 on. */
export const familyIds = (families: readonly GenlFamily[]): ReadonlyMap<number, GenlFamily> =>
  new Map([[GENL_ID_CTRL, NLCTRL as GenlFamily], ...families.map((f, i) => [FIRST_ID + i, f] as const)])

/** Plays generic netlink with these families. The controller is played too: group n of family f has id 10 f + n. */
export function playGeneric(
  families: readonly GenlFamily[],
  answer: (request: ReadRequest) => readonly Uint8Array[],
): Play {
  const ids = familyIds(families)
  return (bytes) => {
    const request = readGeneric(bytes, ids)
    return finished(bytes, request.c === 'CTRL_CMD_GETFAMILY' ? controller(request, ids) : answer(request))
  }
}

function controller({ attrs, bytes }: ReadRequest, ids: ReadonlyMap<number, GenlFamily>): readonly Uint8Array[] {
  for (const [familyId, { name, groups }] of ids) {
    if (name !== attrs.familyName) continue
    const mcastGroups = groups.map((group, i) => ({ name: group, id: 10 * familyId + i }))
    const answer = { familyName: name, familyId, mcastGroups }
    return [genericMessage(GENL_ID_CTRL, { ...NLCTRL.commands.newfamily }, answer, { seq: seqOf(bytes) })]
  }
  return [ack(bytes, 2)]
}

function finished(request: Uint8Array, messages: readonly Uint8Array[]): readonly Uint8Array[] {
  const isDump = (decodeHeader(new Data(request), 0).flags & NLM_F_DUMP) === NLM_F_DUMP
  const last = messages.at(-1)
  const refused = last !== undefined && new Data(last).u16(4) === 2
  if (refused) return [datagram(...messages)]
  return [datagram(...messages.map((m) => (isDump ? marked(m) : m)), isDump ? done(request) : ack(request))]
}

function marked(message: Uint8Array): Uint8Array {
  const copy = message.slice()
  copy[6] |= NLM_F_MULTI
  return copy
}
