import {
  type Codec,
  GENL_HEADER,
  layoutOf,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_APPEND,
  NLM_F_ATOMIC,
  NLM_F_BULK,
  NLM_F_CAPPED,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_DUMP_FILTERED,
  NLM_F_DUMP_INTR,
  NLM_F_ECHO,
  NLM_F_EXCL,
  NLM_F_MATCH,
  NLM_F_MULTI,
  NLM_F_NONREC,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  NLM_F_ROOT,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
  ROUTE_MESSAGES,
} from '@netkit/netlink'
import type { MessageContext } from './fields.ts'

const CONTROL = new Map([
  [NLMSG_NOOP, 'NLMSG_NOOP'],
  [NLMSG_ERROR, 'NLMSG_ERROR'],
  [NLMSG_DONE, 'NLMSG_DONE'],
  [NLMSG_OVERRUN, 'NLMSG_OVERRUN'],
])

/** What a message is called in the uapi headers: `RTM_NEWLINK`, `NETDEV_CMD_QUEUE_GET`; numbers where it has no name. */
export function messageName(type: number, command: number, context: MessageContext): string {
  const control = CONTROL.get(type)
  if (control) return control
  const layout = layoutOf(context.protocol, type, command, context.families, context.fromKernel)
  if (layout) return layout.c
  const family = context.protocol === NETLINK_ROUTE ? undefined : context.families(type)
  return family ? `${family.name} command ${command}` : `type ${type}`
}

/** The structure in front of a message's attributes. */
export const headerOf = (protocol: number, type: number): Codec<unknown> | undefined =>
  protocol === NETLINK_ROUTE ? ROUTE_MESSAGES.get(type)?.header : GENL_HEADER

type Bits = readonly (readonly [bit: number, name: string])[]

const COMMON: Bits = [
  [NLM_F_REQUEST, 'REQUEST'],
  [NLM_F_MULTI, 'MULTI'],
  [NLM_F_ACK, 'ACK'],
  [NLM_F_ECHO, 'ECHO'],
  [NLM_F_DUMP_INTR, 'DUMP_INTR'],
  [NLM_F_DUMP_FILTERED, 'DUMP_FILTERED'],
]
const GET: Bits = [
  [NLM_F_DUMP, 'DUMP'],
  [NLM_F_ROOT, 'ROOT'],
  [NLM_F_MATCH, 'MATCH'],
  [NLM_F_ATOMIC, 'ATOMIC'],
]
const NEW: Bits = [
  [NLM_F_REPLACE, 'REPLACE'],
  [NLM_F_EXCL, 'EXCL'],
  [NLM_F_CREATE, 'CREATE'],
  [NLM_F_APPEND, 'APPEND'],
]
const DELETE: Bits = [
  [NLM_F_NONREC, 'NONREC'],
  [NLM_F_BULK, 'BULK'],
]
const ANSWER: Bits = [
  [NLM_F_CAPPED, 'CAPPED'],
  [NLM_F_ACK_TLVS, 'ACK_TLVS'],
]

/** What the upper flag bits mean depends on what a message does. */
function upper(type: number, name: string): Bits {
  if (type === NLMSG_ERROR || type === NLMSG_DONE) return ANSWER
  if (!name.startsWith('RTM_')) return GET
  return name.startsWith('RTM_GET') ? GET : name.startsWith('RTM_DEL') ? DELETE : NEW
}

/** The flags of a message header by name: `REQUEST|ACK|DUMP`. */
export function headerFlags(flags: number, type: number, name: string): string {
  const names: string[] = []
  let rest = flags
  for (const [bit, text] of [...COMMON, ...upper(type, name)]) {
    if ((rest & bit) !== bit) continue
    names.push(text)
    rest &= ~bit
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`)
  return names.join('|') || '0'
}

/** The first byte of a message's payload: the command of a generic message. */
export const commandOf = (data: { u8(at: number): number }, start: number, end: number): number =>
  end - start > 16 ? data.u8(start + 16) : 0
