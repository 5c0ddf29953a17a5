import { type Bitset, ETHTOOL, FEATURES } from '@netkit/netlink'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { genericAttrs } from '../request/message.ts'
import { headerOf } from './header.ts'

/** One offload of a device. */
export interface Offload {
  /** The kernel's name: `tx-generic-segmentation`, `rx-ntuple-filter`. */
  readonly name: string
  readonly active: boolean
  /** Was asked for, though it may not be possible just now. */
  readonly wanted: boolean
  /** Can be switched. */
  readonly changeable: boolean
}

const { featuresGet: GET, featuresSet: SET } = ETHTOOL.commands

/** The names whose bits are set. A set without a mask lists them; one with a mask says of each. */
const namesIn = (set: Bitset | undefined): Set<string> => {
  const all = set?.bits?.bit ?? []
  return new Set(all.flatMap(({ name, value }) => (name !== undefined && (set?.nomask || value) ? [name] : [])))
}

/** What a device does for the stack: `kernel.ethtool.offloads`. */
export class Offloads {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** All offloads that the device knows, in the order of the kernel. */
  async list(device: DeviceSelector, where: Where = {}): Promise<Offload[]> {
    const op = `offload list ${deviceText(device)}`
    const header = headerOf(op, device)
    return await this.#places.with(placeOf(device, where.in), async (scope) => {
      const [reply] = await scope.call(ETHTOOL, GET, { header }, { op, signal: where.signal })
      const { hw, wanted, active, nochange } = genericAttrs(FEATURES, reply)
      const on = namesIn(active)
      const asked = namesIn(wanted)
      const can = namesIn(hw)
      const fixed = namesIn(nochange)
      const names = new Set([...can, ...asked, ...on, ...fixed])
      return [...names].map((name) => ({
        name,
        active: on.has(name),
        wanted: asked.has(name),
        changeable: can.has(name) && !fixed.has(name),
      }))
    })
  }

  /** Switches offloads on and off, by the kernel's names. What is not given stays. */
  async set(device: DeviceSelector, switches: Readonly<Record<string, boolean>>, where: Where = {}): Promise<void> {
    const op = `offload set ${deviceText(device)}`
    const header = headerOf(op, device)
    const bit = Object.entries(switches).map(([name, on]) => {
      if (typeof on !== 'boolean') throw new InputError(op, name, `must be true or false, not ${shown(on)}`)
      return { name, value: on ? (true as const) : undefined }
    })
    if (bit.length === 0) throw new InputError(op, 'switches', 'must not be empty')
    await this.#places.with(placeOf(device, where.in), (scope) =>
      scope.call(ETHTOOL, SET, { header, wanted: { bits: { bit } } }, { op, signal: where.signal }),
    )
  }
}
