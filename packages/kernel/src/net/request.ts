import type { Extack, Policy, PolicyTable } from '@netkit/netlink'
import type { Credentials } from '../access/credentials.ts'
import type { Listener } from './listener.ts'
import type { NetNamespace } from './namespace.ts'
import type { Process } from './process.ts'

const NO_BYTES = new Uint8Array(16)

/** One message of a request being handled: its bytes, who sent it, and what is wrong with it so far. */
export class Request {
  /**
   * Requests live briefly. As long as there is one, garbage collections do not make the engine forget how they look, and
   * with that throw away the code compiled for it: all of the control plane.
   */
  static readonly sample: Request = new Request(
    {} as Listener,
    {} as Process,
    {} as Credentials,
    NO_BYTES,
    new DataView(NO_BYTES.buffer),
    0,
    NO_BYTES.length,
  )
  readonly socket: Listener
  /** Whose file descriptors and credentials count. */
  readonly process: Process
  readonly sender: Credentials
  readonly bytes: Uint8Array
  readonly view: DataView
  /** Where the message begins and ends in `bytes`; offsets in the extended ack count from the beginning. */
  readonly start: number
  readonly end: number
  readonly type: number
  readonly flags: number
  readonly seq: number
  /** Flags that the acknowledgement shows instead of those of the request: what handling it made of them. */
  acknowledgedFlags: number | undefined = undefined
  readonly extack: Extack = {}

  constructor(
    socket: Listener,
    process: Process,
    sender: Credentials,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ) {
    this.socket = socket
    this.process = process
    this.sender = sender
    this.bytes = bytes
    this.view = view
    this.start = start
    this.end = end
    this.type = view.getUint16(start + 4, true)
    this.flags = view.getUint16(start + 6, true)
    this.seq = view.getUint32(start + 8, true)
  }

  get ns(): NetNamespace {
    return this.socket.ns
  }

  /** How the kernel that was asked checks what a table declares. */
  policy(table: PolicyTable): PolicyTable {
    return this.socket.kernel.release.policy(table)
  }

  u8(attr: number): number {
    return this.bytes[attr + 4]
  }
  u16(attr: number): number {
    return this.view.getUint16(attr + 4, true)
  }
  u32(attr: number): number {
    return this.view.getUint32(attr + 4, true)
  }
  s32(attr: number): number {
    return this.view.getInt32(attr + 4, true)
  }
  /** A number of 4 or 8 bytes. */
  uint(attr: number): number {
    return this.attrLength(attr) === 8 ? Number(this.view.getBigUint64(attr + 4, true)) : this.u32(attr)
  }
  attrLength(attr: number): number {
    return this.view.getUint16(attr, true) - 4
  }
  /** Offset behind the attribute's payload. */
  attrEnd(attr: number): number {
    return attr + this.view.getUint16(attr, true)
  }
  payload(attr: number): Uint8Array {
    return this.bytes.slice(attr + 4, this.attrEnd(attr))
  }

  /** Refuses with a negative errno, a text, and the attribute at fault. */
  refuse(code: number, msg?: string, attr?: number, policy?: Policy): number {
    if (msg !== undefined) this.extack.msg = msg
    if (attr !== undefined) {
      this.extack.offset = attr
      this.extack.policy = policy
    }
    return -code
  }

  /** The same with a text made from values, which is cut to 79 characters. */
  refuseFormatted(code: number, msg: string): number {
    this.extack.msg = msg.slice(0, 79)
    return -code
  }
}
