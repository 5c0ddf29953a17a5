import type { Place } from './actual.ts'
import { type Draft, inNamespace } from './draft.ts'
import { canonical } from './match.ts'
import { namespaceMark } from './owner.ts'

const labelOf = (name: string): string => `namespaces.${name}`

/** Makes the namespaces that are declared and missing, and refuses devices in such that are neither. */
export function enterNamespaces(draft: Draft, adopt: boolean): void {
  const { actual, document, set } = draft
  const declared = document.namespaces ?? {}
  const placeCalled = (name: string) => actual.places.find((place) => place.names.includes(name))
  for (const [name, state] of Object.entries(declared)) {
    const place = placeCalled(name)
    const of = labelOf(name)
    const up = state.lo?.up
    if (!place) {
      draft.add('enter', { of, do: 'namespace add', netns: name, mark: namespaceMark(set) })
      const changes = up === undefined ? [] : [{ field: 'lo.up', to: up }]
      draft.differences.push({ entry: of, action: 'add', why: [], changes })
    } else if (adopt && place.netns !== undefined && place.owner === undefined)
      draft.add('mark', { of, do: 'mark', device: { netns: name, name: 'lo' }, mark: namespaceMark(set) })
    const now = place?.lo?.up ?? false
    if (up === undefined || up === now) continue
    draft.add('up', { of, do: 'set', device: { netns: name, name: 'lo' }, settings: { up } })
    if (place)
      draft.differences.push({ entry: of, action: 'change', why: [], changes: [{ field: 'lo.up', from: now, to: up }] })
  }
  for (const { netns, path } of draft.entries.flatMap((entry) => entry.ends)) {
    if (netns === undefined || Object.hasOwn(declared, netns) || placeCalled(netns)) continue
    draft.faults.push({
      path: [...path, 'netns'],
      message: `must be a namespace that is there or declared, not '${netns}'`,
    })
  }
}

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
