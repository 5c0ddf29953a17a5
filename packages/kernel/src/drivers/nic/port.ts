import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import type { Poller } from '../../net/poller.ts'
import type { Packets } from '../../packet/packets.ts'
import { type Wire, WireFrame, type WirePort } from '../../wire/wire.ts'
import { receiveFrames } from './receive.ts'
import { nicState } from './state.ts'
import { setCable } from './updown.ts'

/** Where a wire is plugged into a NIC. */
export class NicPort implements WirePort, Poller {
  readonly wire: Wire
  readonly frame = new WireFrame()
  scheduled = false
  readonly #kernel: Core
  readonly #dev: Device

  constructor(kernel: Core, dev: Device, wire: Wire) {
    this.#kernel = kernel
    this.#dev = dev
    this.wire = wire
  }

  get packets(): Packets {
    return this.#kernel.path.packets
  }

  ready(): void {
    if (this.#dev.up) this.#kernel.path.schedule(this)
  }

  carrier(on: boolean): void {
    setCable(this.#kernel, this.#dev, on)
  }

  poll(budget: number): boolean {
    return this.#dev.up && receiveFrames(this.#kernel.path, this.#dev, this, budget)
  }
}

/** Plugs a wire into a NIC, in place of the one there was. Undefined: unplugs it. */
export function connectWire(kernel: Core, dev: Device, wire: Wire | undefined): void {
  const state = nicState(dev)
  const before = state.port
  state.port = undefined
  before?.wire.enable(false)
  before?.wire.detach()
  if (!wire) {
    if (before) setCable(kernel, dev, false)
    return
  }
  const port = new NicPort(kernel, dev, wire)
  state.port = port
  wire.attach(port)
  if (dev.up) wire.enable(true)
}
