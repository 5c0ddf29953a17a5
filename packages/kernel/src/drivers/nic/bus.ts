import { KernelError, type NicModel, refused } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import { Device } from '../../net/device.ts'
import type { DriverHooks } from '../../net/driver.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { registerDevice, unregisterDevices } from '../../net/register.ts'
import { randomAddress } from '../address.ts'
import { NIC_BUS, NIC_DRIVERS } from './nic.ts'
import { connectWire } from './port.ts'
import { ringAbilities } from './rings.ts'
import { makeNicState, type NicIdentity, nicState } from './state.ts'

const MAX_QUEUES = 1024
const SWITCH_ID_LENGTH = 32

export interface PlugOptions {
  readonly ns: NetNamespace
  /** Rx and tx queues, 1 to 1024. Default 1. */
  readonly queues?: number
  /** Instance number, from 0. Default: the lowest free one, from 1. */
  readonly id?: number
  /** Name or template. Default `eth%d`. */
  readonly name?: string
  /** Default: a random one. */
  readonly address?: Uint8Array
  /** `netdevsim`: without what Linux's test NIC lacks. Default `nic`. */
  readonly model?: NicModel
}

/** Where NICs are plugged in and pulled out while the machine runs. */
export class NicBus {
  readonly #kernel: Core
  readonly #nics = new Map<number, Device>()
  /** Devlink instances are never numbered twice. */
  #devlinks = 0

  constructor(kernel: Core) {
    this.#kernel = kernel
  }

  /** The NICs that are plugged in, by instance number. */
  get nics(): ReadonlyMap<number, Device> {
    return this.#nics
  }

  /** Plugs a NIC in. Throws KernelError EINVAL, EEXIST, ENFILE. */
  plug(o: PlugOptions): Device {
    const kernel = this.#kernel
    const { queues = 1, id = this.#freeId() } = o
    const driver = NIC_DRIVERS[o.model ?? 'nic']
    const op = `plug in NIC ${id}`
    if (!Number.isInteger(queues) || queues < 1 || queues > MAX_QUEUES) {
      throw refused(op, 'EINVAL', `a NIC has 1 to ${MAX_QUEUES} queues, not ${queues}`)
    }
    if (!Number.isInteger(id) || id < 0 || id > 0xffff_ffff) throw refused(op, 'EINVAL', 'not a device number')
    if (this.#nics.has(id)) throw refused(op, 'EEXIST', 'a NIC with this number is plugged in')
    const identity = { id, devlink: ++this.#devlinks, switchId: this.#randomBytes(SWITCH_ID_LENGTH), home: o.ns }
    const dev = this.#make(driver, identity, queues, o.name)
    if (o.address) dev.address = o.address
    const error = registerDevice(kernel, dev)
    if (error !== 0) throw new KernelError({ op, errno: -error })
    this.#nics.set(id, dev)
    return dev
  }

  #make(driver: DriverHooks, identity: NicIdentity, queues: number, name = driver.nameTemplate): Device {
    const { world, release } = this.#kernel
    const state = makeNicState(identity, queues, ringAbilities(release), () => world.random())
    const dev = new Device(driver, identity.home, name, state)
    dev.numRxQueues = dev.realRxQueues = queues
    dev.numTxQueues = dev.realTxQueues = queues
    dev.parent = { name: `${NIC_BUS}${identity.id}`, bus: NIC_BUS }
    driver.setup(dev, release)
    dev.address = randomAddress(world)
    return dev
  }

  /** NICs that were plugged in where a namespace goes start anew in the initial one, wherever their device is. */
  leave(ns: NetNamespace): void {
    const { initialNs } = this.#kernel
    for (const [id, old] of this.#nics) {
      const { devlink, switchId, home } = nicState(old)
      if (home !== ns) continue
      connectWire(this.#kernel, old, undefined)
      unregisterDevices(this.#kernel, [old])
      const dev = this.#make(old.driver, { id, devlink, switchId, home: initialNs }, old.numRxQueues)
      this.#nics.set(id, dev)
      registerDevice(this.#kernel, dev)
    }
  }

  /** The devlink number that was given out last. */
  get devlinks(): number {
    return this.#devlinks
  }

  set devlinks(number: number) {
    this.#devlinks = number
  }

  /** Enters a NIC that was plugged in before, under its number. */
  adopt(id: number, dev: Device): void {
    this.#nics.set(id, dev)
  }

  /** Pulls a NIC out, and with it goes what leases its queues. Throws KernelError ENOENT. */
  unplug(id: number): void {
    const dev = this.#nics.get(id)
    if (!dev) throw refused(`unplug NIC ${id}`, 'ENOENT', 'there is no such NIC')
    this.#nics.delete(id)
    connectWire(this.#kernel, dev, undefined)
    unregisterDevices(this.#kernel, [dev])
  }

  #freeId(): number {
    let id = 1
    while (this.#nics.has(id)) id++
    return id
  }

  #randomBytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i += 4) {
      const n = this.#kernel.world.random()
      for (let j = 0; j < 4 && i + j < length; j++) bytes[i + j] = n >>> (8 * j)
    }
    return bytes
  }
}
