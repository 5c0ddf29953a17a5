import type { Role } from './owner.ts'
import type { StatePath } from './schema/fault.ts'
import { pathText } from './schema/fault.ts'
import type {
  LeaseState,
  NamespaceState,
  NicState,
  PairState,
  PeerState,
  SingleState,
  StateDocument,
} from './schema/schema.ts'

export type Section = 'nics' | 'pairs' | 'singles'

/** What may be said of any end: fields of one kind that others do not have are absent. */
export type EndState = Partial<Omit<NicState & SingleState & PairState & Omit<PeerState, 'netns'>, 'peer'>>

/** One device that is declared. */
export interface Target {
  readonly entry: Entry
  readonly role: Role
  readonly path: StatePath
  /** `pairs.nk0.peer` */
  readonly label: string
  /** Absent: left to the kernel. */
  readonly name: string | undefined
  /** Absent: the client's own. */
  readonly netns: string | undefined
  readonly state: EndState
}

/** One entry of a document: a NIC, a single device, or a pair with both of its ends, the primary first. */
export interface Entry {
  readonly section: Section
  readonly id: string
  readonly path: StatePath
  /** `pairs.nk0` */
  readonly label: string
  readonly ends: readonly Target[]
}

/** A namespace that is declared. */
export interface PlaceTarget {
  readonly path: StatePath
  /** `namespaces.pod`, or `own`. */
  readonly label: string
  /** Absent: the client's own. */
  readonly netns: string | undefined
  readonly state: NamespaceState
}

/** All namespaces of a document, the client's own first. */
export function placesOf({ own, namespaces }: StateDocument): PlaceTarget[] {
  const named = Object.entries(namespaces ?? {}).map(([netns, state]) => placeOf(netns, state))
  return own ? [placeOf(undefined, own), ...named] : named
}

/** Where a namespace stands in documents, declared or not. */
export function placeOf(netns: string | undefined, state: NamespaceState): PlaceTarget {
  const path = netns === undefined ? ['own'] : ['namespaces', netns]
  return { path, label: pathText(path), netns, state }
}

const ROLES = { nics: 'nic', pairs: 'primary', singles: 'single' } as const

/** All entries of a document, NICs first, since others lease from them. */
export function entriesOf(document: StateDocument): Entry[] {
  const entries: Entry[] = []
  for (const section of ['nics', 'pairs', 'singles'] as const) {
    for (const [id, state] of Object.entries(document[section] ?? {})) entries.push(entryOf(section, id, state))
  }
  return entries
}

function entryOf(section: Section, id: string, state: NicState | PairState | SingleState): Entry {
  const path = [section, id]
  const ends: Target[] = []
  const entry: Entry = { section, id, path, label: pathText(path), ends }
  const { peer = {}, ...own } = state as PairState
  ends.push({ ...placed(entry, path, own), role: ROLES[section], name: state.name ?? id })
  if (section === 'pairs') {
    const { netns, ...other } = peer
    const at = [...path, 'peer']
    ends.push({
      ...placed(entry, at, other),
      role: 'peer',
      name: peer.name,
      netns: netns === undefined ? state.netns : (netns ?? undefined),
    })
  }
  return entry
}

const placed = (entry: Entry, path: StatePath, state: EndState) => ({
  entry,
  path,
  label: pathText(path),
  netns: state.netns,
  state,
})

/** The leases that an entry declares, and the end that they are declared of. */
export function leasesOf(
  entry: Entry,
): { readonly target: Target; readonly leases: readonly LeaseState[] } | undefined {
  const target = entry.ends.at(-1)!
  const { leases } = target.state
  return leases && { target, leases }
}
