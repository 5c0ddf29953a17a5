import { type AnyTable, type AttrsOf, ETHTOOL, type EthtoolHeader, type GenlCommand } from '@netkit/netlink'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import { checkAttrs } from '../input/check.ts'
import { InputError } from '../input/input-error.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { genericAttrs } from '../request/message.ts'
import { headerOf } from './header.ts'

/** What is known of one device: its settings, and which device it is. */
export type Shown<A> = Omit<A, 'header'> & { readonly header: EthtoolHeader }

/** One group of settings of ethtool: a table with the commands that get and set it. */
export interface SettingsKind<T extends AnyTable> {
  /** As it is called in messages: `channels`. */
  readonly name: string
  readonly table: T
  readonly get: GenlCommand
  readonly set: GenlCommand
}

/** Settings of devices that are got and set as a group: `kernel.ethtool.channels`, `.rings`. */
export class EthtoolSettings<T extends AnyTable> {
  readonly #places: Places
  readonly #kind: SettingsKind<T>

  /** @internal */
  constructor(places: Places, kind: SettingsKind<T>) {
    this.#places = places
    this.#kind = kind
  }

  /** Those of one device. KernelError ENODEV if there is none, EOPNOTSUPP if it has no such settings (netkit, loopback). */
  async get(device: DeviceSelector, where: Where = {}): Promise<Shown<AttrsOf<T>>> {
    const { name, table, get } = this.#kind
    const op = `${name} show ${deviceText(device)}`
    const header = headerOf(op, device)
    return await this.#places.with(placeOf(device, where.in), async (scope) => {
      const [reply] = await scope.call(ETHTOOL, get, { header }, { op, signal: where.signal })
      return genericAttrs(table, reply) as Shown<AttrsOf<T>>
    })
  }

  /** Those of all devices that have them. */
  list(where: Where = {}): Promise<Shown<AttrsOf<T>>[]> {
    const { name, table, get } = this.#kind
    return this.#places.with(where.in, async (scope) => {
      const replies = await scope.dump(ETHTOOL, get, {}, { op: `${name} list`, signal: where.signal })
      return replies.map((reply) => genericAttrs(table, reply) as Shown<AttrsOf<T>>)
    })
  }

  /** Sets what is given and leaves the rest. Rejects with KernelError; it says which value the device refuses. */
  async set(device: DeviceSelector, settings: Omit<AttrsOf<T>, 'header' | 'rest'>, where: Where = {}): Promise<void> {
    const { name, table, set } = this.#kind
    const op = `${name} set ${deviceText(device)}`
    const header = headerOf(op, device)
    if (Object.values(settings).every((value) => value === undefined))
      throw new InputError(op, 'settings', 'must not be empty')
    checkAttrs(op, '', table, settings, 'change')
    await this.#places.with(placeOf(device, where.in), (scope) =>
      scope.call(ETHTOOL, set, { header, ...settings }, { op, signal: where.signal }),
    )
  }
}
