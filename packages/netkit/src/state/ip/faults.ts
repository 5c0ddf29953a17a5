import type { StateFault, StatePath } from '../schema/fault.ts'
import { inputFault } from '../schema/input-fault.ts'
import type { NamespaceState } from '../schema/schema.ts'
import { addressIdentity, plainAddress } from './address.ts'
import type { DeviceIpState } from './device.ts'
import { neighbourKey, plainNeighbour } from './neighbour.ts'
import { plainRoute, routeKey } from './route.ts'
import { plainRule, ruleKey } from './rule.ts'

/** What cannot be read in a list, and what is in it twice. */
function listFaults<T, P>(
  path: StatePath,
  list: readonly T[] | undefined,
  read: (item: T) => P,
  key: (plain: P) => string,
  twice: string,
): StateFault[] {
  const seen = new Map<string, number>()
  return (list ?? []).flatMap((item, i) => {
    const fault = inputFault([...path, i], () => read(item))
    // The one text of an item that is not a mapping is the item itself.
    if (fault) return [typeof item === 'string' ? { ...fault, path: [...path, i] } : fault]
    const name = key(read(item))
    const first = seen.get(name)
    if (first === undefined) seen.set(name, i)
    return first === undefined ? [] : [{ path: [...path, i], message: `is the same ${twice} as number ${first + 1}` }]
  })
}

/** An address stands once on a device, whatever else is said of it. */
const ends = (plain: ReturnType<typeof plainAddress>): string =>
  addressIdentity({ address: plain.address, peer: plain.peer })

/** What is wrong with the addresses and neighbours of a device. */
export const deviceIpFaults = (path: StatePath, { addresses, neighbours }: DeviceIpState): StateFault[] => [
  ...listFaults([...path, 'addresses'], addresses, plainAddress, ends, 'address'),
  ...listFaults([...path, 'neighbours'], neighbours, plainNeighbour, neighbourKey, 'neighbour'),
]

/** What is wrong inside of a namespace. */
export const namespaceIpFaults = (path: StatePath, { lo, routes, rules }: NamespaceState): StateFault[] => [
  ...deviceIpFaults([...path, 'lo'], lo ?? {}),
  ...listFaults([...path, 'routes'], routes, plainRoute, routeKey, 'network, table and metric'),
  ...listFaults([...path, 'rules'], rules, plainRule, ruleKey, 'rule'),
]
