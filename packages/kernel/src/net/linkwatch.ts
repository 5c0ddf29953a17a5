import { IF_OPER_DORMANT, IF_OPER_DOWN, IF_OPER_LOWERLAYERDOWN, IF_OPER_TESTING, IF_OPER_UP } from '@netkit/netlink'
import type { Core } from './core.ts'
import { type Device, REGISTERED, UNINITIALIZED } from './device.ts'

const LINK_MODE_DORMANT = 1
const LINK_MODE_TESTING = 2

/** The state of RFC 2863 that a device is in. Source: spec 01 §2.11. */
function operstateOf(dev: Device): number {
  if (!dev.carrier) {
    const { iflink } = dev
    if (iflink === dev.ifindex) return IF_OPER_DOWN
    // Looked up in the device's own namespace, whatever namespace iflink counts in.
    const lower = dev.ns.devices.get(iflink)
    return lower !== undefined && !lower.carrier ? IF_OPER_LOWERLAYERDOWN : IF_OPER_DOWN
  }
  return dev.dormant ? IF_OPER_DORMANT : IF_OPER_UP
}

function recompute(dev: Device): void {
  let state = operstateOf(dev)
  if (state === IF_OPER_UP && dev.linkMode === LINK_MODE_DORMANT) state = IF_OPER_DORMANT
  if (state === IF_OPER_UP && dev.linkMode === LINK_MODE_TESTING) state = IF_OPER_TESTING
  dev.operstate = state
}

/** Carrier changes are noted as events and worked off in order, after the request that caused them. */
export class LinkWatch {
  readonly #kernel: Core
  /** In the order in which they came up. */
  readonly #events = new Set<Device>()

  constructor(kernel: Core) {
    this.#kernel = kernel
  }

  fire(dev: Device): void {
    dev.linkEventPending = true
    this.#events.add(dev)
  }

  /** Works off all events, also those that come up meanwhile. */
  run(): void {
    for (const dev of this.#events) this.#process(dev)
  }

  /** Works off the event of one device now. */
  sync(dev: Device): void {
    if (this.#events.has(dev)) this.#process(dev)
  }

  /** The device goes: nobody is told any more. */
  forget(dev: Device): void {
    dev.linkEventPending = false
    this.#events.delete(dev)
  }

  #process(dev: Device): void {
    this.#events.delete(dev)
    dev.linkEventPending = false
    if (dev.state !== REGISTERED) return
    const before = dev.operstate
    recompute(dev)
    if (dev.operstate !== before) this.#kernel.changes++
    if (!dev.up) return
    this.#kernel.ip.change(dev)
    this.#kernel.announce.link(dev, { change: 0 })
  }
}

/** Turns the carrier off or on. Only real changes count and are told. */
export function setCarrier(kernel: Core, dev: Device, on: boolean): void {
  if (dev.carrier === on) return
  dev.carrier = on
  if (dev.state === UNINITIALIZED) return
  if (on) dev.carrierUpCount++
  else dev.carrierDownCount++
  kernel.changes++
  kernel.linkWatch.fire(dev)
}
