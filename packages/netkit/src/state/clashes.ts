import type { Found } from './actual.ts'
import { type Draft, inNamespace } from './draft.ts'
import { protocolOf } from './owner.ts'
import type { StatePath } from './schema/fault.ts'
import { placesOf, type Target } from './targets.ts'

/** Refuses names that another device has and keeps, before anything is done. */
export function refuseClashes(draft: Draft): void {
  const targets = draft.entries.flatMap((entry) => entry.ends)
  const leaving = new Set<Found>()
  for (const target of targets) {
    const found = draft.stays(target)
    if (found && (found.netns !== draft.netnsOf(target) || found.device.name !== (target.name ?? found.device.name)))
      leaving.add(found)
  }
  for (const target of targets) {
    const { name, path, state } = target
    if (name !== undefined) refuse(draft, target, name, path, leaving)
    state.altnames?.forEach((altname, i) => {
      refuse(draft, target, altname, [...path, 'altnames', i], leaving)
    })
  }
}

/** Refuses to tell routes and rules apart by a number that another set of this kernel has, too. */
export function refuseSharedNumber(draft: Draft): void {
  const { actual, set, protocol, entries, document, faults } = draft
  const saysIp =
    entries.some(({ ends }) => ends.some(({ state }) => state.addresses ?? state.neighbours)) ||
    placesOf(document).some(({ state }) => state.lo?.addresses ?? state.routes ?? state.rules)
  if (!saysIp) return
  const sets = [...actual.devices.map(({ mark }) => mark?.set), ...actual.places.map(({ owner }) => owner)]
  const other = sets.find((one) => one !== undefined && one !== set && protocolOf(one) === protocol)
  if (other !== undefined)
    faults.push({
      path: ['set'],
      message: `must be another name: routes of set ${other}, which is there, bear the same number ${protocol}`,
    })
}

function refuse(draft: Draft, target: Target, name: string, path: StatePath, leaving: ReadonlySet<Found>): void {
  const netns = draft.netnsOf(target)
  const own = draft.stays(target)
  if (name === 'lo') draft.faults.push({ path, message: 'cannot be called lo: that is the loopback device' })
  const holder = draft.actual.devices.find((d) => {
    if (d === own || d.netns !== netns || draft.doomed.has(d)) return false
    return (d.device.name === name && !leaving.has(d)) || d.device.altnames.includes(name)
  })
  if (holder)
    draft.faults.push({ path, message: `cannot be called ${name}${inNamespace(netns)}: ${who(draft, holder)}` })
}

function who({ set }: Draft, { device, mark, isNic }: Found): string {
  const what = isNic ? 'a NIC' : `a device of kind ${device.kind ?? 'unknown'}`
  if (mark === undefined) {
    const remedy = device.netkit ? '; --adopt takes it over if it is what is declared' : ''
    return `${what} is, which is not of this set${remedy}`
  }
  if (mark.set !== set) return `${what} is, which belongs to set ${mark.set} as ${mark.id}`
  return `${mark.id} is, which is of this set, but not declared any more; --prune removes it`
}
