import { Data, DecodeError, Writer } from '@netkit/netlink'

/** Who asked. The user namespace is the initial one: clients of a kernel that keeps a journal have no other. */
export interface EventCredentials {
  readonly uid: number
  readonly capabilities: bigint
}

/** A descriptor or a process that a request could mean, and the inode of its namespace; 0: it is none. */
export type Mention = readonly [number: number, inode: number]

/** A datagram that a client sent. */
export interface RequestEvent {
  readonly kind: 'request'
  readonly protocol: number
  /** Inode of the socket's namespace. */
  readonly ns: number
  readonly pid: number
  readonly sender: EventCredentials
  readonly opener: EventCredentials
  readonly files: readonly Mention[]
  readonly processes: readonly Mention[]
  readonly bytes: Uint8Array
}

/** A change that came through another door, by name, with what it was given. */
export interface ChangeEvent {
  readonly kind: 'change'
  readonly op: string
  readonly args: unknown
}

/** An input that changed the kernel, with the time and the chance that it was handled with. */
export type JournalEvent = (RequestEvent | ChangeEvent) & { readonly now: bigint; readonly random: readonly number[] }

const REQUEST = 1
const CHANGE = 2
const w = new Writer(1024)
const utf8 = new TextEncoder()
const text = new TextDecoder()

function putCredentials(c: EventCredentials): void {
  w.u32(c.uid).u64(c.capabilities)
}

function putMentions(list: readonly Mention[]): void {
  w.u16(list.length)
  for (const [number, inode] of list) w.u32(number).u32(inode)
}

export function encodeEvent(event: JournalEvent): Uint8Array {
  w.reset()
    .u8(event.kind === 'request' ? REQUEST : CHANGE)
    .u64(event.now)
    .u16(event.random.length)
  for (const n of event.random) w.u32(n)
  if (event.kind === 'change') return w.raw(utf8.encode(JSON.stringify([event.op, event.args]))).take()
  w.u16(event.protocol).u32(event.ns).u32(event.pid)
  putCredentials(event.sender)
  putCredentials(event.opener)
  putMentions(event.files)
  putMentions(event.processes)
  return w.raw(event.bytes).take()
}

class Cursor {
  readonly #data: Data
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#data = new Data(bytes)
  }

  #skip(n: number): number {
    const at = this.#at
    if (at + n > this.#data.bytes.length) throw new DecodeError(at, 'event ends too early')
    this.#at = at + n
    return at
  }
  u8(): number {
    return this.#data.u8(this.#skip(1))
  }
  u16(): number {
    return this.#data.u16(this.#skip(2))
  }
  u32(): number {
    return this.#data.u32(this.#skip(4))
  }
  u64(): bigint {
    return this.#data.u64(this.#skip(8))
  }
  rest(): Uint8Array {
    return this.#data.bytes.subarray(this.#at)
  }
  credentials(): EventCredentials {
    return { uid: this.u32(), capabilities: this.u64() }
  }
  mentions(): Mention[] {
    return Array.from({ length: this.u16() }, () => [this.u32(), this.u32()] as const)
  }
}

function decodeChange(bytes: Uint8Array): { readonly op: string; readonly args: unknown } {
  let change: unknown
  try {
    change = JSON.parse(text.decode(bytes))
  } catch {
    change = undefined
  }
  if (!Array.isArray(change) || typeof change[0] !== 'string')
    throw new DecodeError(0, 'change is not a list with a name')
  return { op: change[0], args: change[1] }
}

/** Throws DecodeError. */
export function decodeEvent(bytes: Uint8Array): JournalEvent {
  const c = new Cursor(bytes)
  const kind = c.u8()
  const now = c.u64()
  const random = Array.from({ length: c.u16() }, () => c.u32())
  if (kind === CHANGE) return { kind: 'change', now, random, ...decodeChange(c.rest()) }
  if (kind !== REQUEST) throw new DecodeError(0, `event of unknown kind ${kind}`)
  return {
    kind: 'request',
    now,
    random,
    protocol: c.u16(),
    ns: c.u32(),
    pid: c.u32(),
    sender: c.credentials(),
    opener: c.credentials(),
    files: c.mentions(),
    processes: c.mentions(),
    bytes: c.rest(),
  }
}
