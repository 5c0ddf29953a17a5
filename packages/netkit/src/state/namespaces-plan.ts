import type { Place } from './actual.ts'
import type { StateChange } from './changes.ts'
import { addressLoopback } from './device-ip.ts'
import { type Draft, inNamespace, type StateDifference } from './draft.ts'
import { canonical } from './match.ts'
import { namespaceMark } from './owner.ts'
import { planRoutes, planRules } from './routes-plan.ts'
import { type PlaceTarget, placeOf, placesOf } from './targets.ts'

const labelOf = (name: string): string => `namespaces.${name}`

/** Makes the namespaces that are declared and missing, and refuses devices in such that are neither. */
export function enterNamespaces(draft: Draft): void {
  const { document, entries, set, adopt } = draft
  for (const { label: of, netns, state } of placesOf(document)) {
    const place = placeCalled(draft, netns)
    const device = { netns, name: 'lo' }
    if (!place && netns !== undefined) draft.add('enter', { of, do: 'namespace add', netns, mark: namespaceMark(set) })
    else if (adopt && place?.netns !== undefined && place.owner === undefined)
      draft.add('mark', { of, do: 'mark', device, mark: namespaceMark(set) })
    const up = state.lo?.up
    if (up !== undefined && up !== (place?.lo?.up ?? false))
      draft.add('up', { of, do: 'set', device, settings: { up } })
  }
  for (const { netns, path } of entries.flatMap((entry) => entry.ends)) {
    if (netns === undefined || Object.hasOwn(document.namespaces ?? {}, netns) || placeCalled(draft, netns)) continue
    draft.faults.push({
      path: [...path, 'netns'],
      message: `must be a namespace that is there or declared, not '${netns}'`,
    })
  }
}

const placeCalled = ({ actual }: Draft, netns: string | undefined): Place | undefined =>
  actual.places.find((place) => (netns === undefined ? place.netns === undefined : place.names.includes(netns)))

/** Addresses, routes and rules inside of namespaces. Those that are not declared may have something of the set all the same. */
export function furnishNamespaces(draft: Draft): void {
  const declared = placesOf(draft.document)
  const known = new Set(declared.map(({ netns }) => placeCalled(draft, netns)))
  const own = (place: Place) => place.netns !== undefined && place.owner === draft.set
  const others = draft.actual.places.filter((place) => !known.has(place) && !own(place))
  const differences: StateDifference[] = []
  for (const target of [...declared, ...others.map(({ netns }) => placeOf(netns, {}))]) {
    const place = placeCalled(draft, target.netns)
    const changes = [...loopbackChanges(target, place), ...setUpInside(draft, target, place)]
    if (!place || changes.length > 0)
      differences.push({ entry: target.label, action: place ? 'change' : 'add', why: [], changes })
  }
  draft.differences.unshift(...differences)
}

function loopbackChanges({ state }: PlaceTarget, place: Place | undefined): StateChange[] {
  const to = state.lo?.up
  const from = place && (place.lo?.up ?? false)
  return to === undefined || to === from ? [] : [{ field: 'lo.up', from, to }]
}

const setUpInside = (draft: Draft, target: PlaceTarget, place: Place | undefined): StateChange[] => [
  ...addressLoopback(draft, target, place),
  ...planRoutes(draft, target, place),
  ...planRules(draft, target, place),
]

/** Removes the set's own namespaces that are not declared any more, when they are empty. */
export function leaveNamespaces(draft: Draft): void {
  const { actual, document, set, entries } = draft
  const needed = new Set(entries.flatMap((entry) => entry.ends).map((target) => draft.netnsOf(target)))
  for (const name of Object.keys(document.namespaces ?? {})) needed.add(canonical(actual.places, name))
  for (const place of actual.places) {
    const { netns } = place
    if (netns === undefined || place.owner !== set || needed.has(netns)) continue
    if (!draft.prune) draft.undeclared.push(labelOf(netns))
    else leave(draft, place, netns)
  }
}

function leave(draft: Draft, place: Place, netns: string): void {
  const leaving = new Set(draft.entries.flatMap((entry) => entry.ends.flatMap((target) => draft.stays(target) ?? [])))
  const left = draft.actual.devices.filter((d) => d.netns === netns && !draft.doomed.has(d) && !leaving.has(d))
  if (left.length > 0) {
    const names = left.map(({ device }) => device.name).join(', ')
    draft.faults.push({
      path: ['namespaces', netns],
      message: `cannot be removed: ${names}${inNamespace(netns)} would be lost, and is not of this set`,
    })
    return
  }
  for (const name of place.names) draft.add('leave', { of: labelOf(netns), do: 'namespace remove', netns: name })
  draft.differences.push({ entry: labelOf(netns), action: 'remove', why: [], changes: [] })
}
