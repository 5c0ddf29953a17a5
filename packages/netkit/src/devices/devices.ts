import { KernelError, type LinkAttrs, NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, RT_LINK } from '@netkit/netlink'
import { InputError } from '../input/input-error.ts'
import type { NamespaceTarget, Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Reply } from '../request/exchange.ts'
import { Rollback } from '../rollback.ts'
import { add, checkAdd } from './add.ts'
import { altnames } from './altnames.ts'
import { decodeLink, type LinkMessage } from './decode.ts'
import { Device } from './device.ts'
import { extMask, look, type ShowParts } from './look.ts'
import { type MoveOptions, move } from './move.ts'
import type { AddOptions, DeviceSettings, NetkitChange, PairOptions } from './options.ts'
import { type DeviceSelector, deviceText, placeOf, select } from './selector.ts'
import { change, checkSet, set } from './set.ts'

/** Which namespace is asked, and what a description of a device contains. */
export interface ShowOptions extends Where, ShowParts {}

export interface DumpOptions extends ShowOptions {
  /** Only devices of this kind. */
  readonly kind?: string
  /** Only devices enslaved to the one with this ifindex. */
  readonly master?: number
  /** Only ifindex, flags, names: quick. Default: false. */
  readonly namesOnly?: boolean
}

/** Both ends of a pair: the one that was asked for, and the other. */
export interface DevicePair {
  readonly primary: Device
  readonly peer: Device
}

/** Network devices: `kernel.devices`. Each call acts in the namespace `in`, by default the client's own. */
export class Devices {
  /** @internal */
  readonly places: Places

  /** @internal */
  constructor(places: Places) {
    this.places = places
  }

  /** One device. Rejects with KernelError ENODEV if there is none. */
  get(selector: DeviceSelector, options: ShowOptions = {}): Promise<Device> {
    const place = placeOf(selector, options.in)
    const op = `device show ${deviceText(selector)}`
    return this.places.with(place, async (scope) =>
      this.make(await look(scope, op, selector, options, options.signal), place),
    )
  }

  /** One device, or undefined if there is none. */
  async find(selector: DeviceSelector, options: ShowOptions = {}): Promise<Device | undefined> {
    try {
      return await this.get(selector, options)
    } catch (e) {
      if (e instanceof KernelError && e.code === 'ENODEV') return undefined
      throw e
    }
  }

  /** All devices, in the order of their ifindex: one consistent view, read anew if it changed meanwhile. */
  async *dump(options: DumpOptions = {}): AsyncGenerator<Device, void, undefined> {
    for (const reply of await this.#dump(options)) {
      const device = this.make(decodeLink(reply), options.in)
      if (wanted(device, options)) yield device
    }
  }

  /** The same as an array. */
  async list(options: DumpOptions = {}): Promise<Device[]> {
    const devices: Device[] = []
    for (const reply of await this.#dump(options)) {
      const device = this.make(decodeLink(reply), options.in)
      if (wanted(device, options)) devices.push(device)
    }
    return devices
  }

  /**
   * Makes a device and resolves with it as the kernel announced it: of a pair, the primary. Options that the kernel
   * takes only later (alias, alternative names, the switches of a peer) are set afterwards; if that fails, the device is
   * removed again. Throws InputError for what makes no sense. Rejects with KernelError: EEXIST for a name that is taken,
   * EBUSY for an ifindex, EOPNOTSUPP where the kernel has no such kind or combination.
   */
  async add(options: AddOptions): Promise<Device> {
    checkAdd(options)
    return await add(this, options)
  }

  /** Makes a pair and resolves with both ends as they are then. If anything fails, neither is left. */
  async addPair(options: PairOptions): Promise<DevicePair> {
    const whole = { kind: 'netkit', ...options } as AddOptions
    if ((whole.data as { pairing?: unknown } | undefined)?.pairing === 'single') {
      throw new InputError(`device add ${whole.name ?? whole.kind}`, 'data.pairing', "must not be 'single' of a pair")
    }
    checkAdd(whole)
    const made = await add(this, whole)
    const back = new Rollback()
    back.done(`device ${made.name}`, () => this.remove(made))
    try {
      const peer = await this.peerOf(made, options.peer?.namespace ?? options.in, options.signal)
      return { primary: await this.get(made, { signal: options.signal }), peer }
    } catch (e) {
      return back.fail(e)
    }
  }

  /**
   * Makes a device of any kind from attributes as they are, without any check: `linkinfo` says the kind. `header`: fields
   * of the link header. The way to what the other calls do not know.
   */
  addRaw(attrs: LinkAttrs, options: Where & { readonly header?: object } = {}): Promise<Device | undefined> {
    const op = `device add ${attrs.ifname ?? attrs.linkinfo?.kind ?? ''}`
    return this.places.with(options.in, async (scope) => {
      const flags = NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO
      const replies = await scope.routeCall(RT_LINK.newlink, flags, options.header ?? {}, attrs, {
        op,
        signal: options.signal,
      })
      return replies.length > 0 ? this.make(decodeLink(replies[0]), options.in) : undefined
    })
  }

  /**
   * Sets what all devices have: name, MTU, addresses, up and down. All or nothing: if the kernel refuses one of several
   * settings, those that it has carried out are set back (IncompleteError if that fails too).
   */
  async set(selector: DeviceSelector, settings: DeviceSettings, where: Where = {}): Promise<void> {
    checkSet(selector, settings)
    await this.places.with(placeOf(selector, where.in), (scope) =>
      set({ scope, signal: where.signal }, selector, settings),
    )
  }

  /**
   * Changes a netkit pair through its primary: what happens to packets of either end while no program is attached. All
   * else is fixed at birth. Rejects with KernelError EACCES on the peer, EOPNOTSUPP on a single device.
   */
  async change(selector: DeviceSelector, data: NetkitChange, where: Where = {}): Promise<void> {
    await this.places.with(placeOf(selector, where.in), (scope) =>
      change({ scope, signal: where.signal }, selector, 'netkit', data),
    )
  }

  /**
   * Moves a device to another namespace and resolves with it as it is there: down. Leases and the tie of a pair stay.
   * Rejects with KernelError EEXIST if the name is taken there, EBUSY if the ifindex is.
   */
  async move(selector: DeviceSelector, options: MoveOptions): Promise<Device> {
    return this.make(await move(this.places, selector, options), options.to)
  }

  /** Removes a device, of a pair both ends, and ends the leases of either. KernelError EOPNOTSUPP for hardware and loopback. */
  async remove(selector: DeviceSelector, where: Where = {}): Promise<void> {
    const op = `device remove ${deviceText(selector)}`
    const { ifindex, attrs } = select(op, 'device', selector)
    await this.places.with(placeOf(selector, where.in), (scope) =>
      scope.routeCall(RT_LINK.dellink, 0, { ifindex }, attrs, { op, signal: where.signal }),
    )
  }

  /** Removes all devices of a group in one go: all, or none if one cannot be removed. Group 0 is refused with EPERM. */
  async removeGroup(group: number, where: Where = {}): Promise<void> {
    const op = `device remove group ${group}`
    await this.places.with(where.in, (scope) =>
      scope.routeCall(RT_LINK.dellink, 0, {}, { group }, { op, signal: where.signal }),
    )
  }

  /** Adds alternative names, all or none of them. Each 1 to 127 bytes. KernelError EEXIST for one that is taken. */
  async addAltnames(selector: DeviceSelector, names: readonly string[], where: Where = {}): Promise<void> {
    await altnames(this.places, 'add', selector, names, where)
  }

  /** Takes alternative names away, all or none of them. KernelError ENOENT for one that there is not. */
  async removeAltnames(selector: DeviceSelector, names: readonly string[], where: Where = {}): Promise<void> {
    await altnames(this.places, 'remove', selector, names, where)
  }

  /** The other end of a pair. `place`: the namespace that it lives in. */
  async peerOf(device: Device, place: NamespaceTarget | undefined, signal?: AbortSignal): Promise<Device> {
    const { link } = device.attrs
    if (!link) throw new InputError(`device show peer of ${device.name}`, 'device', 'has no peer')
    return await this.get(link, { in: place, signal })
  }

  /** @internal */
  make(message: LinkMessage, place: NamespaceTarget | undefined): Device {
    return new Device(this, place, message)
  }

  #dump(options: DumpOptions): Promise<readonly Reply[]> {
    const attrs = {
      master: options.master,
      linkinfo: options.kind === undefined ? undefined : { kind: options.kind },
      extMask: options.namesOnly ? ['nameOnly'] : extMask(options),
    }
    return this.places.with(options.in, (scope) =>
      scope.routeDump(RT_LINK.getlink, {}, attrs, { op: 'device list', signal: options.signal }),
    )
  }
}

/** Kernels list everything when they do not know the kind that is asked for. */
const wanted = (device: Device, { kind }: DumpOptions): boolean => kind === undefined || device.kind === kind
