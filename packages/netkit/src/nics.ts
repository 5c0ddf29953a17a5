import {
  type HardwareDoor,
  type ImpairmentInfo,
  type ImpairmentOptions,
  impairmentFault,
  NIC_MODELS,
  type NicInfo,
  type NicOptions,
  refused,
  type WireDirection,
  type WireOptions,
  type WireProgress,
} from '@netkit/netlink'
import type { Device } from './devices/device.ts'
import type { Devices } from './devices/devices.ts'
import { InputError, shown } from './input/input-error.ts'
import { checkName } from './input/names.ts'
import type { NamespaceTarget, Where } from './places/namespace.ts'
import type { Places } from './places/places.ts'

const MAX_QUEUES = 1024
const ADDRESS = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i

/** A NIC to plug in. `queues`: rx and tx, all combined channels, 1 to 1024, default 1. `name`: default `eth%d`. */
export interface AddNicOptions extends Omit<NicOptions, 'namespace'> {
  /** The namespace that it appears in. Default: the one that the client itself lives in. */
  readonly in?: NamespaceTarget
}

export interface PlayOptions {
  /** Frames to play. Default: all that the recording has left. */
  readonly frames?: number
  /** How often the recording is played. Default: once. */
  readonly loop?: number
}

/** Physical NICs and their cables: `kernel.nics`. A kernel that cannot plug in hardware refuses all of it with EOPNOTSUPP. */
export class Nics {
  readonly #places: Places
  readonly #devices: Devices

  /** @internal */
  constructor(places: Places, devices: Devices) {
    this.#places = places
    this.#devices = devices
  }

  /** Plugs a NIC in. KernelError EEXIST if the id is taken. */
  async add({ in: target, ...options }: AddNicOptions = {}): Promise<NicInfo> {
    const op = 'nic add'
    const door = this.#door(op)
    checkNic(op, options)
    if (target === undefined) return await door.addNic(options)
    return await this.#places.opened(target, ({ handle }) => door.addNic({ ...options, namespace: handle }))
  }

  /** Pulls a NIC out, as a hot-unplug would: netkit devices that lease its queues go with it. KernelError ENOENT. */
  async remove(id: number): Promise<void> {
    checkId('nic remove', id)
    await this.#door('nic remove').removeNic(id)
  }

  /** All NICs that were plugged in. */
  async list(): Promise<readonly NicInfo[]> {
    return await this.#door('nic list').listNics()
  }

  /** The network device of a NIC, if it is in namespace `in`. */
  async device(nic: NicInfo, where: Where = {}): Promise<Device> {
    return await this.#devices.get(nic.ifindex, where)
  }

  /** Connects a cable, instead of the one there was; undefined unplugs it. */
  async connect(id: number, wire: WireOptions | undefined): Promise<void> {
    checkId('nic connect', id)
    await this.#door('nic connect').connectWire(id, wire)
  }

  /** Plays the recording at the other end of the cable into the NIC; resolves when that is done. */
  async play(id: number, options: PlayOptions = {}): Promise<WireProgress> {
    const op = 'nic play'
    checkId(op, id)
    for (const key of ['frames', 'loop'] as const) {
      const value = options[key]
      if (value !== undefined && (!Number.isInteger(value) || value < 1))
        throw new InputError(op, key, `must be a positive integer, not ${shown(value)}`)
    }
    return await this.#door(op).play(id, options)
  }

  /** How far the recording has been played, and what the NIC has transmitted. */
  async progress(id: number): Promise<WireProgress> {
    checkId('nic progress', id)
    return await this.#door('nic progress').progress(id)
  }

  /** Takes the link of a connected cable away, or brings it back. KernelError EINVAL where no cable is connected. */
  async setLink(id: number, up: boolean): Promise<void> {
    checkId('nic link', id)
    await this.#door('nic link').setLink(id, up)
  }

  /**
   * Restarts one receive queue: its memory is given back and had anew, other queues go on, counters stay. KernelError
   * EINVAL for a queue that is not in use, ENETDOWN while the NIC is down.
   */
  async restartQueue(id: number, queue: number): Promise<void> {
    const op = 'nic restart'
    checkId(op, id)
    if (!Number.isInteger(queue) || queue < 0)
      throw new InputError(op, 'queue', `must be the number of a queue, not ${shown(queue)}`)
    await this.#door(op).restartQueue(id, queue)
  }

  /**
   * Impairs what the NIC receives or transmits, in place of the impairment there was; undefined ends it. Shares are 0 to 1, times
   * milliseconds, rates bits a second; `parseImpairment` reads them as tc-netem writes them. What was held back is lost.
   */
  async impair(id: number, direction: WireDirection, options: ImpairmentOptions | undefined): Promise<void> {
    const op = 'nic impair'
    checkId(op, id)
    if (direction !== 'rx' && direction !== 'tx')
      throw new InputError(op, 'direction', `must be rx or tx, not ${shown(direction)}`)
    const fault = options && impairmentFault(options)
    if (fault) throw new InputError(op, fault[0], `must be ${fault[1]}`)
    await this.#door(op).impair(id, direction, options)
  }

  /** The impairments of a NIC's wire, with what they have done so far. */
  async impairments(id: number): Promise<{ readonly [D in WireDirection]?: ImpairmentInfo }> {
    checkId('nic impairments', id)
    return await this.#door('nic impairments').impairments(id)
  }

  /** Delivers frames to a NIC as if they had come in over its cable; resolves with how many it took. */
  async inject(id: number, frames: readonly Uint8Array[]): Promise<number> {
    checkId('nic inject', id)
    return await this.#door('nic inject').inject(id, frames)
  }

  #door(op: string): HardwareDoor {
    const { doors } = this.#places.context
    if (doors.hardware) return doors.hardware
    throw refused(op, 'EOPNOTSUPP', `the ${doors.kind} kernel has the hardware that it has; NICs cannot be plugged in`)
  }
}

function checkId(op: string, id: unknown): void {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0) return
  throw new InputError(op, 'id', `must be the number of a NIC, not ${shown(id)}`)
}

function checkNic(op: string, { model, queues, name, address, id }: NicOptions): void {
  if (model !== undefined && !NIC_MODELS.includes(model)) {
    throw new InputError(op, 'model', `must be one of ${NIC_MODELS.join(', ')}, not ${shown(model)}`)
  }
  if (queues !== undefined && (!Number.isInteger(queues) || queues < 1 || queues > MAX_QUEUES)) {
    throw new InputError(op, 'queues', `must be an integer from 1 to ${MAX_QUEUES}, not ${shown(queues)}`)
  }
  if (name !== undefined) checkName(op, 'name', name)
  if (address !== undefined && !ADDRESS.test(address)) {
    throw new InputError(op, 'address', `must be a hardware address like 02:00:00:00:00:01, not ${shown(address)}`)
  }
  if (id !== undefined) checkId(op, id)
}
