import type { Actual, Found } from './actual.ts'
import type { StateChange } from './changes.ts'
import type { Fates } from './fate.ts'
import { canonical, type Matching } from './match.ts'
import { markOf } from './owner.ts'
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
 * The order of steps: namespaces first, since devices go into them; removals before all that may want a freed name or queue;
 * NICs before what leases from them; leases before the lessee is up; namespaces last, when they are empty.
 */
const PHASES = ['enter', 'remove', 'mark', 'relocate', 'nics', 'devices', 'settings', 'leases', 'up', 'leave'] as const
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
  readonly faults: StateFault[]
  readonly differences: StateDifference[] = []
  readonly undeclared: string[] = []
  /** Devices that will be removed. */
  readonly doomed = new Set<Found>()
  readonly #phases = new Map<Phase, StateStep[]>(PHASES.map((phase) => [phase, []]))

  constructor(o: Pick<Draft, 'set' | 'document' | 'entries' | 'actual' | 'matching' | 'fates' | 'prune' | 'faults'>) {
    this.set = o.set
    this.document = o.document
    this.entries = o.entries
    this.actual = o.actual
    this.matching = o.matching
    this.fates = o.fates
    this.prune = o.prune
    this.faults = o.faults
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

  /** A declared device as later steps find it: in its place, by its mark; hardware that is only used by its name. */
  ref(target: Target): StateRef {
    const name = target.name ?? this.stays(target)?.device.name
    const used = this.matching.matches.get(target)?.how === 'used'
    return { netns: this.netnsOf(target), name, by: used ? undefined : { altname: this.markOf(target) } }
  }
}

/** How a namespace is told of in messages. */
export const inNamespace = (netns: string | undefined): string => (netns === undefined ? '' : ` in namespace ${netns}`)
