import { errno } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import { backing } from '../net/lease.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { PollingPath } from '../net/path.ts'
import type { RxQueue } from '../net/queue.ts'
import type { RedirectSocket, SocketMap } from '../net/xsk.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import { copyToUmem, deliver } from './deliver.ts'
import type { Pool, Sender } from './pool.ts'
import type { ConsumedRing, ProducedRing } from './ring.ts'
import type { Umem } from './umem.ts'

const { PKT_BUFFER, PKT_SHIFT } = layout

export const READY = 0
export const BOUND = 1
/** Its device is gone: for good. */
export const UNBOUND = 2

const POLLIN = 1
const POLLOUT = 4

/** An AF_XDP socket. Source: spec 02 §8, spec 03 §5. */
export class XskSocket implements Sender, RedirectSocket {
  readonly ns: NetNamespace
  state: typeof READY | typeof BOUND | typeof UNBOUND = READY
  umem: Umem | undefined
  rx: ProducedRing | undefined
  tx: ConsumedRing | undefined
  /** Made for a pool of its own; then they are the pool's. */
  fill: ConsumedRing | undefined
  completion: ProducedRing | undefined
  pool: Pool | undefined
  /** What it is bound to; of its queue the record, if the device receives by that. */
  device: Device | undefined
  queue = 0
  rxQueue: RxQueue | undefined
  multiBuffer = false
  /** Descriptors that one call sends in copy mode, at most. */
  budget = 32
  /** SO_ERROR, positive. */
  error = 0
  invalidTx = 0
  emptyTx = 0
  droppedRx = 0
  fullRx = 0
  closed = false
  /** Called once when something may have changed for those who wait. */
  readonly #waiting: (() => void)[] = []
  /** Maps that hold it, or did. */
  readonly #maps = new Set<SocketMap>()

  constructor(ns: NetNamespace) {
    this.ns = ns
  }

  /** Whether a frame at (device, queue) is for this socket: its own, or the physical one behind a leased queue. */
  accepts(dev: Device, queue: number): boolean {
    if (dev === this.device && queue === this.queue) return true
    const { rxQueue } = this
    if (rxQueue?.lease === undefined) return false
    const physical = backing(rxQueue)
    return physical.device === dev && physical.index === queue
  }

  /** Takes a frame that a program redirected to it; 0, and the frame is gone, or a negative errno. Source: spec 03 §5.4. */
  receive(packets: Packets, dev: Device, queue: number, handle: number): number {
    const { pool, rx } = this
    if (this.state !== BOUND || pool === undefined || rx === undefined) return -errno.ENXIO
    if (!this.accepts(dev, queue)) return -errno.EINVAL
    const buffer = packets.table.fields[(handle << PKT_SHIFT) + PKT_BUFFER]
    return pool.owns(buffer) ? deliver(this, pool, rx, packets, handle) : copyToUmem(this, pool, rx, packets, handle)
  }

  inject(path: PollingPath, dev: Device, handle: number): number {
    const { pool } = this
    if (this.state !== BOUND || pool === undefined || this.rx === undefined) return -errno.ENXIO
    if (dev !== this.device) return -errno.EINVAL
    return pool.injections.push(path, this, handle)
  }

  /** Takes what was injected: 0, and it is gone, or a negative errno, also once the socket or its device is out of use. */
  takeInjected(packets: Packets, handle: number): number {
    const { device, pool, rx } = this
    if (this.state !== BOUND || !device?.up || pool === undefined || rx === undefined) return -errno.ENXIO
    return copyToUmem(this, pool, rx, packets, handle)
  }

  /** Shows the application what it received. */
  flush(): void {
    this.pool?.fill.release()
    if (this.rx?.publish()) this.wake()
  }

  /** Events of poll(2) that there are now. */
  get events(): number {
    if (this.state !== BOUND || this.device?.up !== true) return 0
    const { rx, tx } = this
    const readable = rx !== undefined && rx.waiting > 0 ? POLLIN : 0
    return tx !== undefined && tx.available(tx.entries) <= tx.entries / 2 ? readable | POLLOUT : readable
  }

  /** Has `then` called when something happens; the function takes that back. */
  watch(then: () => void): () => void {
    this.#waiting.push(then)
    return () => {
      const at = this.#waiting.indexOf(then)
      if (at >= 0) this.#waiting.splice(at, 1)
    }
  }

  wake(): void {
    if (this.#waiting.length > 0) for (const then of this.#waiting.splice(0)) then()
  }

  heldBy(map: SocketMap): void {
    this.#maps.add(map)
  }

  /** It is bound: maps tell programs its queue. */
  tellMaps(): void {
    for (const map of this.#maps) map.socketBound(this)
  }

  leaveMaps(): void {
    for (const map of this.#maps) map.forgetSocket(this)
    this.#maps.clear()
  }
}
