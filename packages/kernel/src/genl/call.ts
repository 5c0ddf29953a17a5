import {
  beginMessage,
  endMessage,
  errno,
  GENL_HDRLEN,
  type GenlCommand,
  type GenlFamily,
  NLMSG_HDRLEN,
  Writer,
} from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import type { Request } from '../net/request.ts'

/** A family under the id that it was given here. */
export interface Registered {
  readonly id: number
  readonly family: GenlFamily
  /** Ids of its groups, in its order. */
  readonly groups: readonly number[]
  readonly server: FamilyServer
  /** Its commands, by number. */
  readonly commands: ReadonlyMap<number, Served>
}

/** A command, as the release has it, with what answers it. */
export interface Served {
  readonly command: GenlCommand
  /** Room for where each of its attributes stands, also of those that the release does not know. */
  readonly room: number
  readonly handlers: Handlers
}

/** A request of a generic netlink family that has passed all checks that are common to them. */
export interface GenlCall {
  readonly req: Request
  readonly kernel: Core
  /** Where each attribute stands, by id; 0: absent. */
  readonly attrs: Int32Array
  readonly registered: Registered
  readonly command: GenlCommand
}

/** What answers a command, in its two forms. Both return 0 or a negative errno; `dump` usually what starting a dump returns. */
export interface Handlers {
  do?(call: GenlCall): number
  dump?(call: GenlCall): number
}

/** Who answers the commands of a family. What has no handler is not supported by any device: -EOPNOTSUPP. */
export interface FamilyServer {
  readonly family: GenlFamily
  readonly handlers: Readonly<Record<string, Handlers>>
}

/** Opens a message of a family: both headers. Close it with `endMessage`. */
export function beginGenl(
  w: Writer,
  family: { readonly id: number; readonly version: number },
  command: number,
  flags: number,
  seq: number,
  portId: number,
): number {
  const mark = beginMessage(w, family.id, flags, seq, portId)
  w.u32(command | (family.version << 8))
  return mark
}

/** Opens a reply to the requester. */
export function beginReply(w: Writer, { req, registered, command }: GenlCall, flags = 0): number {
  const family = { id: registered.id, version: registered.family.version }
  return beginGenl(w, family, command.replyId ?? command.id, flags, req.seq, req.socket.portId)
}

const HEADERS = NLMSG_HDRLEN + GENL_HDRLEN
const out = new Writer(4096)

/** Closes a reply, without what the release does not send. */
export function endReply(w: Writer, mark: number, { kernel, command }: GenlCall): void {
  kernel.release.trim(w, mark + HEADERS, command.reply ?? command.attrs)
  endMessage(w, mark)
}

/** Sends one reply, whose attributes `fill` writes. */
export function reply(call: GenlCall, fill: (w: Writer) => void): number {
  const w = out.reset()
  const mark = beginReply(w, call)
  fill(w)
  endReply(w, mark, call)
  call.req.socket.deliver(w.take())
  return 0
}

/** Refuses a request because a required attribute is not there; `nest`: the attribute inside of which it should be. */
export function missing(req: Request, id: number, nest?: number): number {
  req.extack.missType = id
  req.extack.missNest = nest
  return -errno.EINVAL
}

/** The first of the required attributes that is absent, refused; 0 if all are there. */
export function requireAttrs(req: Request, attrs: Int32Array, ids: readonly number[], nest?: number): number {
  for (const id of ids) if (attrs[id] === 0) return missing(req, id, nest)
  return 0
}
