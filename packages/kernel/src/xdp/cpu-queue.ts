import { errno } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import { receiveFrame } from '../net/ethernet.ts'
import type { Poller } from '../net/poller.ts'
import { XDP_PASS, XDP_REDIRECT, type XdpTarget } from '../net/xdp-run.ts'
import { PacketBatch } from '../packet/batch.ts'
import { DROP } from '../packet/drop-reason.ts'
import type { XdpHostPath } from './host-path.ts'

/** Frames that can wait, a power of two: as many as one entry of a map can ask for. */
const RING = 16_384
const MASK = RING - 1

/** Who sends frames on. */
interface Follower {
  follow(dev: Device, handle: number): number
  flush(): void
}

/**
 * Frames that programs sent to the processor: received there as if the driver had handed them up, in a turn of their own.
 * There is one processor. Source: spec 02 §7.1.
 */
export class CpuQueue implements Poller {
  scheduled = false
  readonly #path: XdpHostPath
  readonly #follower: Follower
  #handles: Int32Array | undefined
  readonly #from: (Device | undefined)[] = []
  readonly #entries: (XdpTarget | undefined)[] = []
  readonly #arrived = new PacketBatch(64)
  #head = 0
  #tail = 0

  constructor(path: XdpHostPath, follower: Follower) {
    this.#path = path
    this.#follower = follower
  }

  /** Takes a frame; ENOSPC if the entry's queue is full. */
  push(from: Device, entry: XdpTarget, handle: number): number {
    this.#handles ??= new Int32Array(RING)
    if (this.#tail - this.#head >= entry.room) return -errno.ENOSPC
    const at = this.#tail++ & MASK
    this.#handles[at] = handle
    this.#from[at] = from
    this.#entries[at] = entry
    this.#path.schedule(this)
    return 0
  }

  poll(budget: number): boolean {
    const handles = this.#handles
    if (handles === undefined) return false
    const arrived = this.#arrived
    for (let n = 0; n < budget && this.#head !== this.#tail; n++) {
      const at = this.#head++ & MASK
      const from = this.#from[at] as Device
      const entry = this.#entries[at] as XdpTarget
      if (!this.#passes(from, entry, handles[at])) continue
      receiveFrame(this.#path.packets, handles[at], from)
      arrived.push(handles[at])
      const next = this.#from[this.#head & MASK]
      if (arrived.room === 0 || next !== from) this.#path.receive(from, arrived)
    }
    if (arrived.count > 0) this.#path.receive(this.#from[(this.#head - 1) & MASK] as Device, arrived)
    this.#follower.flush()
    return this.#head !== this.#tail
  }

  /** Whether the entry's program lets a frame through. */
  #passes(from: Device, { program }: XdpTarget, handle: number): boolean {
    if (program === undefined) return true
    const action = this.#path.programs.runXdp(program, from, handle, 0, 0)
    if (action === XDP_PASS) return true
    if (action === XDP_REDIRECT) this.#follower.follow(from, handle)
    else this.#path.drop(from, handle, DROP.XDP)
    return false
  }

  /** A device goes: what it has received is dropped. */
  forget(dev: Device): void {
    for (let n = this.#tail - this.#head; n > 0; n--) {
      const at = this.#head++ & MASK
      const handle = (this.#handles as Int32Array)[at]
      if (this.#from[at] === dev) this.#path.drop(dev, handle, DROP.DEVICE_GONE)
      else {
        const to = this.#tail++ & MASK
        ;(this.#handles as Int32Array)[to] = handle
        this.#from[to] = this.#from[at]
        this.#entries[to] = this.#entries[at]
      }
    }
  }
}
