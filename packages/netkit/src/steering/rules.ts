import { type EthtoolIoctlDoor, KernelError, refused } from '@netkit/netlink'
import { look } from '../devices/look.ts'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { decodeRule, encodeRule } from './codec.ts'
import {
  ETHTOOL_GRXCLSRLALL,
  ETHTOOL_GRXCLSRLCNT,
  ETHTOOL_GRXCLSRULE,
  ETHTOOL_SRXCLSRLDEL,
  ETHTOOL_SRXCLSRLINS,
  RX_CLS_LOC_ANY,
  RX_CLS_LOC_SPECIAL,
  RXNFC,
  SPEC,
} from './layout.ts'
import type { NewRule, SteeringRule } from './rule.ts'

/** Sends one command to a device whose name is known. */
type Ioctl = (command: Uint8Array) => Promise<Uint8Array>

/** How many rules there are, how many there can be, and whether the device chooses places itself. */
interface RuleCount {
  readonly count: number
  readonly size: number
  readonly chooses: boolean
}

const LOCATION_AT = RXNFC.spec + SPEC.location

/** Rules that steer received packets to queues: `kernel.ethtool.rules`. Linux has no netlink for them, only SIOCETHTOOL. */
export class SteeringRules {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** All rules of a device, in the order of their places. KernelError EOPNOTSUPP of devices that cannot steer. */
  list(device: DeviceSelector, where: Where = {}): Promise<SteeringRule[]> {
    return this.#with(`rule list ${deviceText(device)}`, device, where, async (ioctl) => {
      const { count } = await counted(ioctl)
      const rules: SteeringRule[] = []
      for (const location of await locations(ioctl, count)) {
        const rule = decodeRule(
          await ioctl(command(ETHTOOL_GRXCLSRULE, (view) => view.setUint32(LOCATION_AT, location, true))),
        )
        if (rule) rules.push(rule)
      }
      return rules
    })
  }

  /**
   * Adds a rule, or replaces the one in the same place, and resolves with its place. Throws InputError for what the kind
   * of traffic does not have; rejects with KernelError EINVAL for a queue that there is not, ENOSPC for a full table.
   */
  add(device: DeviceSelector, rule: NewRule, where: Where = {}): Promise<number> {
    const op = `rule add ${deviceText(device)}`
    return this.#with(op, device, where, async (ioctl) => {
      checkLocation(op, rule.location)
      const location = rule.location ?? (await freeLocation(op, ioctl))
      const insert = command(ETHTOOL_SRXCLSRLINS)
      encodeRule(op, rule, location, insert)
      return view(await ioctl(insert)).getUint32(LOCATION_AT, true)
    })
  }

  /** Removes the rule in a place. KernelError ENOENT if there is none. */
  async remove(device: DeviceSelector, location: number, where: Where = {}): Promise<void> {
    const op = `rule remove ${deviceText(device)}`
    await this.#with(op, device, where, async (ioctl) => {
      checkLocation(op, location)
      await ioctl(command(ETHTOOL_SRXCLSRLDEL, (v) => v.setUint32(LOCATION_AT, location, true)))
    })
  }

  async #with<T>(op: string, device: DeviceSelector, where: Where, act: (ioctl: Ioctl) => Promise<T>): Promise<T> {
    const door = this.#door(op)
    return await this.#places.with(placeOf(device, where.in), async (scope) => {
      const { attrs } = await look(scope, op, device, { stats: false }, where.signal)
      const send = async (bytes: Uint8Array): Promise<Uint8Array> => {
        where.signal?.throwIfAborted()
        return await door.ethtool(attrs.ifname ?? '', bytes, scope.handle).catch((e) => {
          throw e instanceof KernelError ? new KernelError({ ...e, op, cause: e }) : e
        })
      }
      return await act(send)
    })
  }

  #door(op: string): EthtoolIoctlDoor {
    const { doors } = this.#places.context
    if (doors.ethtoolIoctl) return doors.ethtoolIoctl
    throw refused(op, 'EOPNOTSUPP', `the ${doors.kind} kernel is reached without ethtool's ioctl`)
  }
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function command(number: number, fill?: (view: DataView) => void, extra = 0): Uint8Array {
  const bytes = new Uint8Array(RXNFC.size + extra)
  view(bytes).setUint32(RXNFC.cmd, number, true)
  fill?.(view(bytes))
  return bytes
}

async function counted(ioctl: Ioctl): Promise<RuleCount> {
  const answer = view(await ioctl(command(ETHTOOL_GRXCLSRLCNT)))
  const data = answer.getUint32(RXNFC.data, true)
  return {
    count: answer.getUint32(RXNFC.ruleCount, true),
    size: (data & ~RX_CLS_LOC_SPECIAL) >>> 0,
    chooses: (data & RX_CLS_LOC_SPECIAL) !== 0,
  }
}

/** Places in use, ascending. */
async function locations(ioctl: Ioctl, count: number): Promise<number[]> {
  if (count === 0) return []
  const ask = command(ETHTOOL_GRXCLSRLALL, (v) => v.setUint32(RXNFC.ruleCount, count, true), 4 * count)
  const answer = view(await ioctl(ask))
  const n = Math.min(count, answer.getUint32(RXNFC.ruleCount, true))
  return Array.from({ length: n }, (_, i) => answer.getUint32(RXNFC.locations + 4 * i, true)).sort((a, b) => a - b)
}

async function freeLocation(op: string, ioctl: Ioctl): Promise<number> {
  const { count, size, chooses } = await counted(ioctl)
  if (chooses) return RX_CLS_LOC_ANY
  const taken = new Set(await locations(ioctl, count))
  for (let location = size - 1; location >= 0; location--) if (!taken.has(location)) return location
  throw refused(op, 'ENOSPC', 'no place is free in the table of rules')
}

function checkLocation(op: string, location: number | undefined): void {
  if (location === undefined || (Number.isInteger(location) && location >= 0 && location < RX_CLS_LOC_SPECIAL)) return
  throw new InputError(op, 'location', `must be an integer from 0 to ${RX_CLS_LOC_SPECIAL - 1}, not ${shown(location)}`)
}
