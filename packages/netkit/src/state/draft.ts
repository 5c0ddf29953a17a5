import type { Actual, Found } from './actual.ts'
import type { StateChange } from './changes.ts'
import type { Fates } from './fate.ts'
import { canonical, type Matching } from './match.ts'
import { markOf, protocolOf } from './owner.ts'
import type { StateFault } from './schema/fault.ts'
import type { StateDocument } from './schema/schema.ts'
import type { StateRef, StateStep } from './step.ts'
import type { Entry, Target } from './targets.ts'

/** How one entry differs. */
export interface StateDifference {
  /** `pairs.nk0` */
  readonly entry: string
  /** `recreate`: it is removed and made anew, because of `why`. */
  readonly action: 'add' | 'change' | 'recreate' | 'remove'
  readonly why: readonly string[]
  readonly changes: readonly StateChange[]
}

/**
 * The order of steps: namespaces first, since devices go into them; removals before all that may want a freed name, queue or
 * address; NICs before what leases from them; leases before the lessee is up; addresses when their devices are up, what is
 * reached by them behind; namespaces last, when they are empty.
 */
const PHASES = [
  'enter',
  'unrule',
  'unroute',
  'remove',
  'mark',
  'relocate',
  'unaddress',
  'nics',
  'devices',
  'settings',
  'leases',
  'up',
  'addresses',
  'neighbours',
  'routes',
  'rules',
  'leave',
] as const
type Phase = (typeof PHASES)[number]

/** A plan in the making. */
export class Draft {
  readonly set: string
  readonly document: StateDocument
  readonly entries: readonly Entry[]
  readonly actual: Actual
  readonly matching: Matching
  readonly fates: Fates
  readonly prune: boolean
  readonly adopt: boolean
  readonly faults: StateFault[]
  readonly differences: StateDifference[] = []
  readonly undeclared: string[] = []
  /** Devices that will be removed. */
  readonly doomed = new Set<Found>()
  /** Addresses that will be taken away, by `lostKey`: with them go IPv4 routes that send from them. */
  readonly lost = new Set<string>()
  /** Devices that lose all of their IPv4 addresses, at least for a moment, and their IPv4 routes with them. */
  readonly bare = new Set<Found>()
  readonly #targets: ReadonlyMap<Found, Target>
  readonly #phases = new Map<Phase, StateStep[]>(PHASES.map((phase) => [phase, []]))

  constructor(
    o: Pick<Draft, 'set' | 'document' | 'entries' | 'actual' | 'matching' | 'fates' | 'prune' | 'adopt' | 'faults'>,
  ) {
    this.set = o.set
    this.document = o.document
    this.entries = o.entries
    this.actual = o.actual
    this.matching = o.matching
    this.fates = o.fates
    this.prune = o.prune
    this.adopt = o.adopt
    this.#targets = new Map([...o.matching.matches].map(([target, { found }]) => [found, target]))
    this.faults = o.faults
  }

  /** What the routes, rules, addresses and neighbours of the set bear. */
  get protocol(): number {
    return protocolOf(this.set)
  }

  add(phase: Phase, step: StateStep): void {
    this.#phases.get(phase)!.push(step)
  }

  get steps(): StateStep[] {
    return PHASES.flatMap((phase) => this.#phases.get(phase)!)
  }

  /** The namespace that a device is to be in, by the name that it has here. */
  netnsOf(target: Target): string | undefined {
    return canonical(this.actual.places, target.netns)
  }

  markOf(target: Target): string {
    return markOf(this.set, target.entry.id, target.role)
  }

  /** The device that a target was recognized in, unless it is removed. */
  stays(target: Target): Found | undefined {
    const found = this.matching.matches.get(target)?.found
    return found && !this.doomed.has(found) ? found : undefined
  }

  /** What is declared of a device that is there. */
  targetOf(found: Found): Target | undefined {
    return this.#targets.get(found)
  }

  /** Whether all routes through a device go, because it goes, moves or is set down. */
  loses(found: Found): boolean {
    const target = this.#targets.get(found)
    if (this.doomed.has(found) || !target) return this.doomed.has(found)
    return found.netns !== this.netnsOf(target) || (found.device.up && target.state.up === false)
  }

  /** The devices that there will be in a namespace. */
  namesIn(netns: string | undefined): ReadonlySet<string> {
    const there = canonical(this.actual.places, netns)
    const names = new Set(['lo'])
    for (const found of this.actual.devices)
      if (found.netns === there && !this.doomed.has(found) && !this.#targets.has(found)) names.add(found.device.name)
    for (const target of this.entries.flatMap((entry) => entry.ends)) {
      const name = target.name ?? this.stays(target)?.device.name
      if (name !== undefined && this.netnsOf(target) === there) names.add(name)
    }
    return names
  }

  /** A declared device as later steps find it: in its place, by its mark; hardware that is only used by its name. */
  ref(target: Target): StateRef {
    const name = target.name ?? this.stays(target)?.device.name
    const used = this.matching.matches.get(target)?.how === 'used'
    return { netns: this.netnsOf(target), name, by: used ? undefined : { altname: this.markOf(target) } }
  }
}

/** How a namespace is told of in messages. */
export const inNamespace = (netns: string | undefined): string => (netns === undefined ? '' : ` in namespace ${netns}`)

/** An address of a namespace. */
export const lostKey = (netns: string | undefined, address: string): string => `${netns ?? ''}/${address}`
