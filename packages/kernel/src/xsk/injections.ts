import { errno } from '@netkit/netlink'
import type { PollingPath } from '../net/path.ts'
import type { Poller } from '../net/poller.ts'
import { DROP } from '../packet/drop-reason.ts'
import type { Packets } from '../packet/packets.ts'

/** Frames that can wait; the ring that they wait in, a power of two. Source: spec 03 §8.5, 3. */
const MOST = 1000
const RING = 1024
const MASK = RING - 1

/** Who is given what was injected. */
interface Taker {
  takeInjected(packets: Packets, handle: number): number
  flush(): void
}

/**
 * What the own stack of a device sends to sockets on one queue. It is put into their rings in a turn of its own, as what a NIC has
 * received is: only who polls writes to an RX ring. What cannot be taken then is dropped, and known to the socket's statistics alone.
 */
export class Injections implements Poller {
  scheduled = false
  #path: PollingPath | undefined
  #handles: Int32Array | undefined
  readonly #takers: (Taker | undefined)[] = []
  #head = 0
  #tail = 0

  /** Takes a frame; ENOBUFS if too many wait. */
  push(path: PollingPath, taker: Taker, handle: number): number {
    if (this.#tail - this.#head === MOST) return -errno.ENOBUFS
    this.#handles ??= new Int32Array(RING)
    this.#path = path
    const at = this.#tail++ & MASK
    this.#handles[at] = handle
    this.#takers[at] = taker
    path.schedule(this)
    return 0
  }

  poll(budget: number): boolean {
    const path = this.#path
    const handles = this.#handles
    if (path === undefined || handles === undefined) return false
    for (let n = 0; n < budget && this.#head !== this.#tail; n++) {
      const at = this.#head++ & MASK
      const taker = this.#takers[at] as Taker
      this.#takers[at] = undefined
      if (taker.takeInjected(path.packets, handles[at]) < 0) path.packets.drop(handles[at], DROP.XDP)
      // Who comes next may be another socket of the same queue.
      if (this.#head === this.#tail || this.#takers[this.#head & MASK] !== taker || n === budget - 1) taker.flush()
    }
    return this.#head !== this.#tail
  }
}
