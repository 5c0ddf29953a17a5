import { IFA_F_DEPRECATED, IFA_F_PERMANENT } from '@netkit/netlink'
import type { Core } from '../core.ts'
import type { Device } from '../device.ts'
import { FOREVER, type V4Address, type V6Address } from '../ip-address.ts'
import { TICKS_PER_SECOND, ticks } from './clock.ts'
import { removeV4 } from './v4-addresses.ts'
import { beginDad, continueDad, removeV6 } from './v6-addresses.ts'

const NEVER = Number.POSITIVE_INFINITY
const NS_PER_TICK = 10_000_000n

/** When an address ends or is to be used no more, whichever comes first. */
function ageAt(a: V4Address | V6Address): number {
  if ((a.flags & IFA_F_PERMANENT) !== 0) return NEVER
  const valid = a.valid === FOREVER ? NEVER : a.updated + a.valid * TICKS_PER_SECOND
  const deprecated = a.preferred === FOREVER || (a.flags & IFA_F_DEPRECATED) !== 0
  return deprecated ? valid : Math.min(valid, a.updated + a.preferred * TICKS_PER_SECOND)
}

const dadAt = (a: V6Address): number => (a.dadAt === 0 ? NEVER : a.dadAt)

function dueOf({ inet }: Device): number {
  let due = NEVER
  for (const a of inet?.v4Addresses ?? []) due = Math.min(due, ageAt(a))
  for (const a of inet?.v6Addresses ?? []) due = Math.min(due, ageAt(a), dadAt(a))
  return due
}

/**
 * What becomes of addresses with time: looking for duplicates, growing old. It happens when the clock says so or, at the
 * latest, before the next request, with the times at which it was due: a journal need not know of it.
 */
export class IpTimers {
  readonly #kernel: Core
  readonly #devices = new Set<Device>()
  #starting: { readonly dev: Device; readonly address: V6Address }[] = []
  #due = NEVER
  #task: { cancel(): void } | undefined
  #scheduled = NEVER

  constructor(kernel: Core) {
    this.#kernel = kernel
  }

  /** Looks for others that have an address, after the request, in the order in which addresses came. */
  start(dev: Device, address: V6Address): void {
    this.#starting.push({ dev, address })
  }

  /** Something about the addresses of a device has changed. */
  watch(dev: Device): void {
    this.#devices.add(dev)
    this.#due = Math.min(this.#due, dueOf(dev))
  }

  /** The device has no addresses any more. */
  forget(dev: Device): void {
    this.#devices.delete(dev)
  }

  /** Does what is due; then has itself called for what comes next. */
  run(): void {
    while (this.#starting.length > 0) {
      const starting = this.#starting
      this.#starting = []
      for (const { dev, address } of starting) {
        if (dev.inet?.v6Addresses.includes(address)) beginDad(this.#kernel, dev, address)
        this.watch(dev)
      }
    }
    if (this.#due === NEVER && this.#scheduled === NEVER) return
    const now = ticks(this.#kernel)
    while (this.#due <= now) {
      const due = this.#due
      for (const dev of inOrder(this.#devices)) if (dueOf(dev) <= due) this.#age(dev, due)
      this.#due = NEVER
      for (const dev of this.#devices) {
        const next = dueOf(dev)
        if (next === NEVER) this.#devices.delete(dev)
        else this.#due = Math.min(this.#due, next)
      }
    }
    this.#schedule()
  }

  #schedule(): void {
    if (this.#due === this.#scheduled) return
    this.#task?.cancel()
    this.#scheduled = this.#due
    this.#task = undefined
    if (this.#due === NEVER) return
    this.#task = this.#kernel.world.schedule(BigInt(this.#due) * NS_PER_TICK, () => {
      this.#scheduled = NEVER
      this.run()
    })
  }

  #age(dev: Device, due: number): void {
    const kernel = this.#kernel
    for (const a of [...(dev.inet?.v6Addresses ?? [])]) {
      if (dadAt(a) <= due) continueDad(kernel, dev, a)
    }
    for (const a of [...(dev.inet?.v4Addresses ?? [])]) {
      if (ageAt(a) <= due && !deprecate(kernel, dev, a, due)) removeV4(kernel, dev, a)
    }
    for (const a of [...(dev.inet?.v6Addresses ?? [])]) {
      if (ageAt(a) <= due && !deprecate(kernel, dev, a, due)) removeV6(kernel, dev, a)
    }
  }
}

/** The order does not depend on when a device was watched first: it is the same in a kernel that was made anew. */
const inOrder = (devices: Iterable<Device>): Device[] =>
  [...devices].sort((a, b) => a.ns.inode - b.ns.inode || a.ifindex - b.ifindex)

/** An address is to be used no more for what is new. False: its end has come. */
function deprecate(kernel: Core, dev: Device, a: V4Address | V6Address, due: number): boolean {
  if (a.valid !== FOREVER && a.updated + a.valid * TICKS_PER_SECOND <= due) return false
  a.flags |= IFA_F_DEPRECATED
  kernel.changes++
  kernel.announce.address(dev, a, 'new')
  return true
}
