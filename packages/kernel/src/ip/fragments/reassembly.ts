import type { Device } from '../../net/device.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { PacketPath } from '../../net/path.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import type { StackClock } from '../core/clock.ts'
import { DUPLICATE, FragmentQueue, type Piece, SPOILT } from './queue.ts'

const { PKT_BUFFER, PKT_SHIFT } = layout

/** What IPv4 and IPv6 do differently with packets in pieces. */
export interface ReassemblyRules {
  /** Bytes of fragments that a namespace may hold, and for how long, ms. */
  bytes(ns: NetNamespace): number
  lifetime(ns: NetNamespace): number
  /** Fragments from elsewhere that may come in between; 0: any number. */
  distance(ns: NetNamespace): number
  /** Puts a complete packet together. The fragments stay. -1 where that cannot be done. */
  join(queue: FragmentQueue): number
  /** Time is up; `first` is the first fragment, if it came. */
  expired(dev: Device, first: number): void
}

/** Packets in pieces that wait for the rest. Not on the path of packets that are whole. */
export class Reassembly {
  readonly #path: PacketPath
  readonly #clock: StackClock
  readonly #rules: ReassemblyRules
  readonly #queues = new Map<string, FragmentQueue>()
  /** Bytes held, by namespace. */
  readonly #held = new Map<NetNamespace, number>()
  /** Fragments seen, by pair of hosts, to find those that came too far apart. */
  readonly #seen = new Map<string, number>()

  constructor(path: PacketPath, clock: StackClock, rules: ReassemblyRules) {
    this.#path = path
    this.#clock = clock
    this.#rules = rules
  }

  /** Packets that are incomplete. */
  get waiting(): number {
    return this.#queues.size
  }

  /**
   * Takes a fragment. Returns the whole packet if it was the last that was missing, else -1. `key` tells packets apart, `hosts`
   * pairs of hosts.
   */
  add(dev: Device, key: string, hosts: string, piece: Piece, more: boolean, ecn: number): number {
    const queue = this.#queue(dev, key, hosts)
    if (queue === undefined) {
      this.#path.drop(dev, piece.handle, DROP.NOMEM)
      return -1
    }
    const result = queue.add(piece, more)
    if (result === DUPLICATE) {
      this.#path.drop(dev, piece.handle, DROP.DUP_FRAG)
      return -1
    }
    if (result === SPOILT) {
      this.#path.drop(dev, piece.handle, DROP.FRAG_REASM_TIMEOUT)
      this.#end(key, queue)
      return -1
    }
    queue.dev = dev
    queue.ecn |= 1 << ecn
    this.#hold(dev.ns, queue, this.#sizeOf(piece.handle))
    if (!queue.complete) return -1
    const whole = this.#rules.join(queue)
    this.#end(key, queue)
    return whole
  }

  #queue(dev: Device, key: string, hosts: string): FragmentQueue | undefined {
    const { ns } = dev
    const distance = this.#rules.distance(ns)
    const order = (this.#seen.get(hosts) ?? 0) + 1
    if (distance > 0) this.#seen.set(hosts, order)
    let queue = this.#queues.get(key)
    if (queue && distance > 0 && order - queue.order > distance && queue.pieces.length > 0) {
      this.#end(key, queue)
      queue = undefined
    }
    if (queue === undefined) {
      if ((this.#held.get(ns) ?? 0) > this.#rules.bytes(ns)) return undefined
      queue = new FragmentQueue(dev)
      const made = queue
      queue.timer = this.#clock.after(this.#rules.lifetime(ns), () => this.#expire(key, made))
      this.#queues.set(key, queue)
    }
    queue.order = order
    return queue
  }

  #sizeOf(handle: number): number {
    const buffer = this.#path.packets.fields[(handle << PKT_SHIFT) + PKT_BUFFER]
    return buffer < 0 ? 0 : this.#path.packets.buffers.size(buffer)
  }

  #hold(ns: NetNamespace, queue: FragmentQueue, bytes: number): void {
    queue.memory += bytes
    this.#held.set(ns, (this.#held.get(ns) ?? 0) + bytes)
  }

  #expire(key: string, queue: FragmentQueue): void {
    const { first, dev } = queue
    if (first !== undefined) this.#rules.expired(dev, first.handle)
    this.#end(key, queue)
  }

  #end(key: string, queue: FragmentQueue): void {
    queue.timer?.cancel()
    this.#queues.delete(key)
    if (this.#queues.size === 0) this.#seen.clear()
    const { ns } = queue.dev
    const left = (this.#held.get(ns) ?? 0) - queue.memory
    if (left > 0) this.#held.set(ns, left)
    else this.#held.delete(ns)
    for (const { handle } of queue.pieces.splice(0)) this.#path.packets.free(handle)
  }

  /** A device goes: what waits because of it is given up. */
  forget(dev: Device): void {
    for (const [key, queue] of [...this.#queues]) if (queue.dev === dev) this.#end(key, queue)
  }
}
