import type { Address } from '../../ip/addresses.ts'
import type { Neighbour } from '../../ip/neighbours.ts'
import type { AddressState, NeighbourState } from '../schema/schema.ts'
import { addressIdentity, addressNow, addressText, isKernelMade, lastsAs, networkOf, plainAddress } from './address.ts'
import { type Listed, type ListPlan, listChanges, NOTHING_TO_DO, planList } from './list-plan.ts'
import { neighbourKey, neighbourNow, neighbourText, plainNeighbour, sameNeighbour } from './neighbour.ts'

/** What IP knows of a device. */
export interface DeviceIp {
  readonly addresses: readonly Address[]
  readonly neighbours: readonly Neighbour[]
}

export const NO_DEVICE_IP: DeviceIp = { addresses: [], neighbours: [] }

/** What a document may say of it. */
export interface DeviceIpState {
  readonly addresses?: readonly (string | AddressState)[]
  readonly neighbours?: readonly NeighbourState[]
}

/** A device, as it matters here. */
export interface IpHolder {
  /** As it is called now. */
  readonly name: string
  /** The set owns all that people give it, not only what bears the set's number. */
  readonly owned: boolean
  /** The number that the set's addresses, neighbours, routes and rules bear. */
  readonly protocol: number
}

export interface DeviceIpPlan {
  readonly addresses: ListPlan<AddressState>
  readonly neighbours: ListPlan<NeighbourState>
}

/** Compares what a device has with what is declared. What is not declared is left alone. */
export function planDeviceIp(state: DeviceIpState, now: DeviceIp, holder: IpHolder): DeviceIpPlan {
  const { addresses, neighbours } = state
  return {
    addresses: addresses ? planAddresses(addresses.map(plainAddress), listedAddresses(now, holder)) : NOTHING_TO_DO,
    neighbours: neighbours
      ? planList(neighbours.map(plainNeighbour), listedNeighbours(now, holder), neighbourKey, sameNeighbour)
      : NOTHING_TO_DO,
  }
}

/** The same as changes of fields. */
export const deviceIpChanges = ({ addresses, neighbours }: DeviceIpPlan, prefix = '') => [
  ...listChanges(`${prefix}addresses`, addresses, addressText),
  ...listChanges(`${prefix}neighbours`, neighbours, neighbourText),
]

/** Addresses of a device. Those that the kernel made are nobody's. */
export const listedAddresses = ({ addresses }: DeviceIp, { name, owned, protocol }: IpHolder): Listed<AddressState>[] =>
  addresses.map((a) => ({
    state: addressNow(a, name),
    ours: !isKernelMade(a) && (owned || a.attrs.proto === protocol),
  }))

/** Neighbours that are known for good, and proxies. */
export const listedNeighbours = ({ neighbours }: DeviceIp, { owned, protocol }: IpHolder): Listed<NeighbourState>[] =>
  neighbours.flatMap((n) => {
    const state = neighbourNow(n)
    return state ? [{ state, ours: owned || n.protocol === protocol }] : []
  })

/**
 * Of IPv4, the first address of a network is its primary; where another is to be, it makes room. With a primary its
 * secondaries go, unless the kernel promotes one: that they are given again then fails, and is planned anew.
 */
function planAddresses(
  wanted: readonly AddressState[],
  listed: readonly Listed<AddressState>[],
): ListPlan<AddressState> {
  const there = withoutOpenLabels(wanted, listed)
  const identities = new Set(wanted.map(addressIdentity))
  const goes = new Set(there.filter((one) => one.ours && !identities.has(addressIdentity(one.state))))
  const firsts = new Map<string, AddressState>()
  for (const one of wanted) {
    const network = networkOf(one)
    if (network !== undefined && !firsts.has(network)) firsts.set(network, one)
  }
  const along = new Set<Listed<AddressState>>()
  const primaries = new Map<string, Listed<AddressState>>()
  for (const one of there) {
    const network = networkOf(one.state)
    if (network === undefined) continue
    const primary = primaries.get(network)
    if (primary) {
      if (goes.has(primary) && !goes.has(one)) along.add(one)
      continue
    }
    primaries.set(network, one)
    const first = firsts.get(network)
    if (first && one.ours && addressIdentity(first) !== addressIdentity(one.state)) goes.add(one)
  }
  const staying = new Map(
    there.filter((one) => !goes.has(one) && !along.has(one)).map(({ state }) => [addressIdentity(state), state]),
  )
  const before = new Set([...along].map(({ state }) => addressIdentity(state)))
  const missing = wanted.filter((one) => !staying.has(addressIdentity(one)))
  return {
    add: missing.filter((one) => !before.has(addressIdentity(one))),
    give: missing,
    change: wanted.flatMap((to) => {
      const from = staying.get(addressIdentity(to))
      return from === undefined || lastsAs(to, from) ? [] : [{ from, to }]
    }),
    // Secondaries first: otherwise they would be gone with their primary.
    remove: there
      .filter((one) => goes.has(one))
      .map(({ state }) => state)
      .reverse(),
  }
}

/** A label that is not declared may be any: a device that is renamed gets addresses with labels of the kernel's own. */
function withoutOpenLabels(
  wanted: readonly AddressState[],
  there: readonly Listed<AddressState>[],
): readonly Listed<AddressState>[] {
  const open = new Set(wanted.filter(({ label }) => label === undefined).map(addressIdentity))
  return there.map((one) => {
    const { label: _, ...state } = one.state
    return open.has(addressIdentity(state)) ? { ...one, state } : one
  })
}
