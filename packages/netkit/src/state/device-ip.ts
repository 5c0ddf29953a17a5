import { type Found, ipOf, type Place } from './actual.ts'
import type { StateChange } from './changes.ts'
import { type Draft, lostKey } from './draft.ts'
import { addressText } from './ip/address.ts'
import {
  type DeviceIp,
  type DeviceIpState,
  deviceIpChanges,
  type IpHolder,
  listedAddresses,
  listedNeighbours,
  NO_DEVICE_IP,
  planDeviceIp,
} from './ip/device.ts'
import type { ListPlan } from './ip/list-plan.ts'
import { neighbourText } from './ip/neighbour.ts'
import type { How } from './match.ts'
import type { AddressState } from './schema/schema.ts'
import type { StateRef } from './step.ts'
import type { PlaceTarget, Target } from './targets.ts'

/** A device whose addresses and neighbours are looked after. */
interface Holding {
  readonly of: string
  readonly device: StateRef
  /** Absent: it is new, or a loopback device. */
  readonly found?: Found
  readonly state: DeviceIpState
  /** What it still has when its turn comes. */
  readonly left: DeviceIp
  readonly holder: IpHolder
}

/** Hardware that is only used keeps what others gave it. */
const holderOf = ({ device }: Found, how: How | undefined, protocol: number): IpHolder => ({
  name: device.name,
  owned: how !== undefined && how !== 'used',
  protocol,
})

/** What of a device's addresses and neighbours is not as declared. */
export function ipChangesOf(target: Target, found: Found, how: How, protocol: number): StateChange[] {
  const plan = planDeviceIp(target.state, found.ip, holderOf(found, how, protocol))
  return deviceIpChanges(plan, target.role === 'peer' ? 'peer.' : '')
}

/** Gives a declared device its addresses and neighbours, and takes away what is not declared any more. */
export function addressTarget(draft: Draft, target: Target, found: Found | undefined): void {
  const { protocol } = draft
  const moves = !found || found.netns !== draft.netnsOf(target)
  plan(draft, {
    of: target.label,
    device: draft.ref(target),
    found,
    state: target.state,
    left: moves ? NO_DEVICE_IP : leftOf(found.ip, found.device.up && target.state.up === false),
    holder: found
      ? holderOf(found, draft.matching.matches.get(target)?.how, protocol)
      : { name: target.name ?? '', owned: true, protocol },
  })
}

/** The same of a loopback device, which no set makes; returns what is not as declared. */
export function addressLoopback(draft: Draft, target: PlaceTarget, place: Place | undefined): StateChange[] {
  const { protocol } = draft
  const { lo: state = {} } = target.state
  const lo = place?.lo
  const now = lo ? ipOf(place.ip, lo.ifindex) : NO_DEVICE_IP
  const holder = { name: 'lo', owned: false, protocol }
  const left = leftOf(now, lo?.up === true && state.up === false)
  plan(draft, {
    of: target.label,
    device: { netns: place ? place.netns : target.netns, name: 'lo' },
    state,
    left,
    holder,
  })
  return deviceIpChanges(planDeviceIp(state, now, holder), 'lo.')
}

/** What the set gave to devices that are neither declared nor its own. */
export function addressLeftovers(draft: Draft): void {
  const known = new Set([...draft.matching.matches.values()].map(({ found }) => found))
  for (const found of draft.actual.devices) {
    if (known.has(found) || found.mark || draft.doomed.has(found)) continue
    const { device, netns, ip } = found
    const ref = { netns, name: device.name, by: { ifindex: device.ifindex } }
    const holder = holderOf(found, undefined, draft.protocol)
    plan(draft, { of: device.name, device: ref, found, state: {}, left: ip, holder })
  }
}

/** A device that goes down loses all but its IPv4 addresses. */
const leftOf = (ip: DeviceIp, goesDown: boolean): DeviceIp =>
  goesDown ? { addresses: ip.addresses.filter(({ family }) => family === 'inet'), neighbours: [] } : ip

function plan(draft: Draft, holding: Holding): void {
  const { of, device, left, holder } = holding
  const { addresses, neighbours } = planDeviceIp(withLeftovers(draft, holding), left, holder)
  const { protocol } = holder
  for (const neighbour of neighbours.remove)
    draft.add('unaddress', { of, do: 'neighbour remove', device, neighbour, protocol })
  for (const address of addresses.remove)
    draft.add('unaddress', { of, do: 'address remove', device, address, protocol })
  noteLosses(draft, holding, addresses)
  for (const { to } of addresses.change)
    draft.add('addresses', { of, do: 'address change', device, address: to, protocol })
  for (const address of addresses.give) draft.add('addresses', { of, do: 'address add', device, address, protocol })
  for (const { to } of neighbours.change)
    draft.add('neighbours', { of, do: 'neighbour change', device, neighbour: to, protocol })
  for (const neighbour of neighbours.give)
    draft.add('neighbours', { of, do: 'neighbour add', device, neighbour, protocol })
}

/** Which addresses are gone for a moment, for the sake of the routes that go with them. */
function noteLosses(
  draft: Draft,
  { device, found, left }: Holding,
  { add, give, remove }: ListPlan<AddressState>,
): void {
  const gone = [...remove, ...give.filter((one) => !add.includes(one))]
  for (const { address } of gone) draft.lost.add(lostKey(device.netns, address.split('/')[0]))
  const v4 = left.addresses.filter(({ family }) => family === 'inet').length
  if (found && v4 > 0 && gone.filter(({ address }) => !address.includes(':')).length === v4) draft.bare.add(found)
}

/** Of a device that the set does not own, what bears the set's number and no list declares is left over. */
function withLeftovers(draft: Draft, { device, state, left, holder }: Holding): DeviceIpState {
  if (holder.owned) return state
  const { addresses, neighbours } = state
  if (draft.prune) return { addresses: addresses ?? [], neighbours: neighbours ?? [] }
  const where = `${device.name}${device.netns === undefined ? '' : ` in ${device.netns}`}`
  const texts = [
    ...(addresses ? [] : listedAddresses(left, holder).flatMap((one) => (one.ours ? [addressText(one.state)] : []))),
    ...(neighbours
      ? []
      : listedNeighbours(left, holder).flatMap((one) => (one.ours ? [`neighbour ${neighbourText(one.state)}`] : []))),
  ]
  for (const text of texts) draft.undeclared.push(`${text} of ${where}`)
  return state
}
