import { errno, KernelError, type ReceivedDatagram, type SocketError, type SocketHandle } from '@netkit/netlink'
import type { DeviceSelector } from '../devices/selector.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { ECHO_HEADER, ECHO_MOST, ECHO4, ECHO6, type EchoKind, echoRequest, echoSequence } from './echo.ts'
import { PendingEchoes } from './pending-echoes.ts'
import { addressOf } from './prefix.ts'
import { decodeAddress, encodeAddress, openSocket, setOption } from './sockets.ts'

export interface PingOptions extends Where {
  /** How many echoes. Default: until the signal stops it, or the loop ends. */
  readonly count?: number
  /** ms from one to the next. Default: 1000. */
  readonly interval?: number
  /** Bytes of data behind the header of 8, 0 to 65507. Default: 56. */
  readonly size?: number
  /** ms that each is waited for. Default: 10000 until the first reply, then twice the longest time, at least a second. */
  readonly timeout?: number
  /** Send by this device; link-local addresses need it. */
  readonly device?: DeviceSelector
}

/** An answer. */
export interface PingReply {
  readonly type: 'reply'
  /** The first echo has 1. */
  readonly sequence: number
  readonly from: string
  /** Of the ICMP message, with its header. */
  readonly bytes: number
  /** TTL or hop limit that was left of it, where the kernel tells. */
  readonly ttl: number | undefined
  /** ms. */
  readonly rtt: number
  /** Another one had come. */
  readonly duplicate: boolean
}

/** An ICMP error about an echo, or one that could not be sent. */
export interface PingError {
  readonly type: 'error'
  readonly sequence: number | undefined
  readonly error: KernelError
  /** Who says it: undefined if it is the kernel itself. */
  readonly from: string | undefined
  /** The message: type, code, and the MTU of "packet too big". */
  readonly icmp: { readonly type: number; readonly code: number; readonly info: number } | undefined
}

/** Nobody has answered in time. */
export interface PingTimeout {
  readonly type: 'timeout'
  readonly sequence: number
}

export type PingEvent = PingReply | PingError | PingTimeout

const BATCH = 16

function checked(op: string, option: string, value: number, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw new InputError(op, option, `must be a number from ${least} to ${most}, not ${shown(value)}`)
}

function checkedInteger(op: string, option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value)) return checked(op, option, value, least, most)
  throw new InputError(op, option, `must be an integer from ${least} to ${most}, not ${shown(value)}`)
}

/** Longest time that timers count, ms. */
const LONGEST = 0x7fff_ffff

/**
 * Echoes to an address: `for await (const event of kernel.ping('10.0.0.1', { count: 3 }))`. Ends when all are answered or
 * given up, or quietly when its signal is aborted.
 */
export class Ping {
  readonly #places: Places
  readonly #options: PingOptions
  readonly #op: string
  readonly #address: string
  readonly #kind: EchoKind
  readonly #count: number
  readonly #interval: number
  readonly #size: number
  readonly #pending: PendingEchoes
  #sent = 0

  /** @internal */
  constructor(places: Places, address: string, options: PingOptions) {
    const op = `ping ${address}`
    const { count = Number.POSITIVE_INFINITY, interval = 1000, size = 56, timeout } = options
    if (count !== Number.POSITIVE_INFINITY) checkedInteger(op, 'count', count, 1, Number.MAX_SAFE_INTEGER)
    this.#kind = addressOf('ping', 'address', address).length === 4 ? ECHO4 : ECHO6
    this.#places = places
    this.#options = options
    this.#op = op
    this.#address = address
    this.#count = count
    this.#interval = checked(op, 'interval', interval, 0, LONGEST)
    this.#size = checkedInteger(op, 'size', size, 0, ECHO_MOST)
    const most = timeout === undefined ? undefined : checked(op, 'timeout', timeout, 0, LONGEST)
    this.#pending = new PendingEchoes(most, interval)
  }

  /** Echoes that were sent so far. */
  get sent(): number {
    return this.#sent
  }

  /**
   * Sends and listens; to be iterated once. Throws KernelError if the first echo cannot be sent: ENETUNREACH, EACCES for a
   * broadcast address; ENODEV; EOPNOTSUPP where the kernel has no door for sockets.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<PingEvent, void, undefined> {
    const kind = this.#kind
    const { device, in: target, signal } = this.#options
    const wish = { v4: kind === ECHO4, protocol: kind.protocol, device, in: target, signal }
    const { handle, ifindex } = await openSocket(this.#places, this.#op, wish)
    try {
      await setOption(handle, kind.receiveErrors.level, kind.receiveErrors.name, 1)
      const to = { address: this.#address, port: 0, scope: ifindex }
      yield* this.#run(handle, encodeAddress(this.#op, 'address', to))
    } finally {
      await handle.close()
    }
  }

  async *#run(handle: SocketHandle, to: Uint8Array): AsyncGenerator<PingEvent, void, undefined> {
    const pending = this.#pending
    let next = performance.now()
    while (!this.#options.signal?.aborted) {
      if (this.#sent < this.#count && performance.now() >= next) {
        const failures = await this.#send(handle, to)
        if (failures.length === 0) next = Math.max(next + this.#interval, performance.now())
        yield* failures
      }
      for (const sequence of pending.expire(performance.now())) yield { type: 'timeout', sequence }
      const more = this.#sent < this.#count
      if (!more && pending.unanswered === 0) return
      yield* await this.#receive(handle, Math.min(more ? next : pending.deadline, pending.deadline))
    }
  }

  /** Sends the next echo. What is given instead are errors about earlier ones, which the socket tells first, or its own. */
  async #send(handle: SocketHandle, to: Uint8Array): Promise<PingEvent[]> {
    const sequence = this.#sent + 1
    this.#pending.put(sequence, performance.now())
    try {
      await handle.sendto(echoRequest(this.#kind, sequence & 0xffff, this.#size), to)
      this.#sent = sequence
      return []
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      const echo = this.#pending.get(sequence & 0xffff)
      if (echo) this.#pending.answer(echo)
      const earlier = await this.#errors(handle)
      if (earlier.length > 0) return earlier
      const own = new KernelError({ op: this.#op, errno: error.errno, extack: error.extack })
      if (sequence === 1) throw own
      this.#sent = sequence
      return [{ type: 'error', sequence, error: own, from: undefined, icmp: undefined }]
    }
  }

  /** What comes until then, or before the signal is aborted. */
  async #receive(handle: SocketHandle, until: number): Promise<PingEvent[]> {
    const { signal } = this.#options
    const stop = new AbortController()
    const abort = () => stop.abort()
    const timer = setTimeout(abort, Math.min(Math.max(until - performance.now(), 0), LONGEST))
    signal?.addEventListener('abort', abort, { once: true })
    try {
      const list = await handle.receive(BATCH, { signal: stop.signal })
      const now = performance.now()
      return list.flatMap((one) => this.#reply(one, now) ?? [])
    } catch (error) {
      if (stop.signal.aborted && error === stop.signal.reason) return []
      if (!(error instanceof KernelError) || error.errno === errno.EBADF) throw error
      const told = await this.#errors(handle)
      if (told.length === 0) throw error
      return told
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  #reply({ data, address, ttl }: ReceivedDatagram, now: number): PingReply | undefined {
    const echo = this.#pending.get(echoSequence(data, this.#kind.reply))
    if (!echo || data.length !== ECHO_HEADER + this.#size) return undefined
    const rtt = now - echo.sentAt
    const duplicate = !this.#pending.answer(echo, rtt)
    const from = decodeAddress(address).address
    return { type: 'reply', sequence: echo.sequence, from, bytes: data.length, ttl, rtt, duplicate }
  }

  async #errors(handle: SocketHandle): Promise<PingError[]> {
    return (await handle.errors()).map((told) => this.#told(told))
  }

  #told({ errno, type, code, info, data, offender }: SocketError): PingError {
    const echo = this.#pending.get(echoSequence(data, this.#kind.request))
    if (echo) this.#pending.answer(echo)
    const error = new KernelError({ op: this.#op, errno })
    const from = decodeAddress(offender).address
    return { type: 'error', sequence: echo?.sequence, error, from, icmp: { type, code, info } }
  }
}
