import type { Actual, Found, Place } from './actual.ts'
import { birthAddress, birthGroup, type Role } from './owner.ts'
import type { StateFault } from './schema/fault.ts'
import type { Entry, Target } from './targets.ts'

/**
 * How a device was recognized. `marked`: by its mark. `born`: it was made for this entry, but whoever made it did not live to
 * mark it. `adopted`: by its name, because the user says so. `used`: hardware that was there; it is set up, but not owned.
 */
export type How = 'marked' | 'born' | 'adopted' | 'used'

export interface Match {
  readonly found: Found
  readonly how: How
}

export interface Matching {
  readonly matches: ReadonlyMap<Target, Match>
  readonly faults: readonly StateFault[]
}

export interface MatchOptions {
  readonly set: string
  readonly adopt: boolean
}

/** Finds the devices that entries of a document speak of. */
export function matchEntries(entries: readonly Entry[], actual: Actual, options: MatchOptions): Matching {
  const matches = new Map<Target, Match>()
  const faults: StateFault[] = []
  for (const entry of entries) {
    for (const target of entry.ends) {
      const match = matchTarget(target, actual, options)
      if (match) matches.set(target, match)
    }
    const fault = entry.section === 'pairs' ? joinPeer(entry, actual, matches) : undefined
    if (fault) faults.push(fault)
  }
  return { matches, faults }
}

function matchTarget(
  target: Target,
  { devices, places, nics }: Actual,
  { set, adopt }: MatchOptions,
): Match | undefined {
  const { entry, role, name } = target
  const isPeer = role === 'peer'
  const marked = devices.find((d) => d.mark?.set === set && d.mark.id === entry.id && d.mark.peer === isPeer)
  if (marked) return { found: marked, how: 'marked' }
  const born = devices.find((d) => d.mark === undefined && isNewborn(d, set, entry.id, role))
  if (born) return { found: born, how: 'born' }
  const netns = canonical(places, target.netns)
  const called = devices.find((d) => d.netns === netns && d.device.name === name)
  if (!called) return undefined
  if (role === 'nic' && called.isNic) return { found: called, how: adopt && nics && !called.mark ? 'adopted' : 'used' }
  return adopt && called.mark === undefined && called.device.netkit ? { found: called, how: 'adopted' } : undefined
}

/** Whether a device is as it is made for an entry, and nobody has come to it since. */
const isNewborn = ({ device, isNic }: Found, set: string, id: string, role: Role): boolean =>
  role === 'nic'
    ? isNic && device.address === birthAddress(set, id)
    : device.netkit !== undefined && device.attrs.group === birthGroup(set, id, role)

/** Both ends of a pair are found, or neither is. */
function joinPeer(entry: Entry, { peers }: Actual, matches: Map<Target, Match>): StateFault | undefined {
  const [primary, peer] = entry.ends
  const one = matches.get(primary)
  const other = matches.get(peer)
  if (!one && other) {
    if (other.how !== 'adopted')
      return { path: entry.path, message: `is in a namespace that has no name here; ${peer.label} is not` }
    matches.delete(peer)
    return undefined
  }
  const kind = one?.found.device.netkit
  if (!one || !kind || kind.pairing === 'single') return undefined
  const joined = peers.get(one.found)
  if (!joined)
    return { path: peer.path, message: 'is in a namespace that has no name here, so that it cannot be looked at' }
  if (other?.found !== joined) matches.set(peer, { found: joined, how: one.how === 'marked' ? 'born' : one.how })
  return undefined
}

/** The one name under which a namespace with several names is known here; undefined is the client's own. */
export function canonical(places: readonly Place[], netns: string | undefined): string | undefined {
  if (netns === undefined) return undefined
  const place = places.find((one) => one.names.includes(netns))
  return place ? place.netns : netns
}
