import type { ImpairmentOptions, WireDirection } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { learnMerging } from '../../net/features.ts'
import type { Poller } from '../../net/poller.ts'
import type { Packets } from '../../packet/packets.ts'
import { ImpairedWire } from '../../wire/impaired-wire.ts'
import { Impairment } from '../../wire/impairment.ts'
import { type Wire, WireFrame, type WirePort } from '../../wire/wire.ts'
import { receiveFrames } from './receive.ts'
import { nicState } from './state.ts'
import { setCable } from './updown.ts'
import { sendFromPools } from './xsk.ts'

/** Where a wire is plugged into a NIC. */
export class NicPort implements WirePort, Poller {
  /** What the NIC sends to and fetches from: the cable, or an impairment around it. */
  wire: Wire
  impaired: ImpairedWire | undefined
  readonly frame = new WireFrame()
  scheduled = false
  readonly #kernel: Core
  readonly #dev: Device
  readonly #cable: Wire

  constructor(kernel: Core, dev: Device, cable: Wire) {
    this.#kernel = kernel
    this.#dev = dev
    this.#cable = cable
    this.wire = cable
    this.impair()
  }

  /** Puts the NIC's impairments around the cable, in place of those there were. */
  impair(): void {
    const { rx, tx } = nicState(this.#dev).impairments
    this.impaired?.clear()
    const make = (o: typeof rx) => o && new Impairment(o)
    this.impaired =
      rx || tx ? new ImpairedWire(this.#cable, this, this.#kernel.world, { rx: make(rx), tx: make(tx) }) : undefined
    this.wire = this.impaired ?? this.#cable
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

  unplugged(): void {
    if (nicState(this.#dev).port === this) connectWire(this.#kernel, this.#dev, undefined)
  }

  poll(budget: number): boolean {
    const { pagePools, path, release } = this.#kernel
    if (!this.#dev.up) return false
    if (this.#dev.mergesSegments === undefined) learnMerging(this.#dev, release)
    pagePools.polling = this.#dev
    path.copiesAt(this.#dev)
    const more = receiveFrames(path, this.#dev, this, budget)
    pagePools.polling = undefined
    path.copiesAt(undefined)
    if (nicState(this.#dev).xskCount === 0) return more
    return sendFromPools(this.#kernel.path, this.#dev, budget) || more
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

/** Impairs one direction of a NIC's wire; undefined: no more. Without a seed it gets a random one. */
export function impair(
  kernel: Core,
  dev: Device,
  direction: WireDirection,
  options: ImpairmentOptions | undefined,
): void {
  const state = nicState(dev)
  const seeded = options && { ...options, seed: options.seed ?? kernel.world.random() }
  state.impairments = { ...state.impairments, [direction]: seeded }
  state.port?.impair()
  kernel.changes++
}
