import type { Actual } from './actual.ts'
import type { StateChange } from './changes.ts'
import { refuseClashes, refuseSharedNumber } from './clashes.ts'
import { addressLeftovers } from './device-ip.ts'
import { Draft, type StateDifference } from './draft.ts'
import { type Fate, Fates } from './fate.ts'
import { deviceIpChanges, NO_DEVICE_IP, planDeviceIp } from './ip/device.ts'
import { matchEntries } from './match.ts'
import { enterNamespaces, furnishNamespaces, leaveNamespaces } from './namespaces-plan.ts'
import { DEFAULT_SET, protocolOf } from './owner.ts'
import { planRemovals } from './removals.ts'
import type { StateFault } from './schema/fault.ts'
import type { StateDocument } from './schema/schema.ts'
import type { StateStep } from './step.ts'
import { addEntry, keepEntry, relocate } from './steps-of-entry.ts'
import { type Entry, entriesOf } from './targets.ts'

export interface PlanOptions {
  /** Takes what is there by the declared name, and nobody's, into the set. Default: false, a clash is refused. */
  readonly adopt?: boolean
  /** Removes what the set owns and the document does not declare any more. Default: false, it stays. */
  readonly prune?: boolean
}

/** What has to be done so that the kernel is as declared. */
export interface StatePlan {
  /** In the order in which they are to be done; none as long as there are faults. */
  readonly steps: readonly StateStep[]
  readonly differences: readonly StateDifference[]
  /** Why it cannot be done. */
  readonly faults: readonly StateFault[]
  /** What the set owns, the document does not declare, and stays: `singles.nk1`. */
  readonly undeclared: readonly string[]
  /** Entries whose leases can be looked at only when their NIC is up; the plan is made again then. */
  readonly unseen: readonly string[]
}

/** Compares a document with what there is. Sends nothing. */
export function makePlan(document: StateDocument, actual: Actual, options: PlanOptions = {}): StatePlan {
  const { adopt = false, prune = false } = options
  const set = document.set ?? DEFAULT_SET
  const entries = entriesOf(document)
  const matching = matchEntries(entries, actual, { set, adopt })
  const faults: StateFault[] = [...matching.faults]
  const fates = new Fates(entries, actual, matching, faults, protocolOf(set))
  const draft = new Draft({ set, document, entries, actual, matching, fates, prune, adopt, faults })

  enterNamespaces(draft)
  planRemovals(draft)
  refuseClashes(draft)
  refuseSharedNumber(draft)
  relocate(draft)
  for (const fate of fates.all) {
    const difference = differenceOf(fate)
    if (difference) draft.differences.push(difference)
    if (fate.action === 'keep') keepEntry(draft, fate)
    else addEntry(draft, fate)
  }
  addressLeftovers(draft)
  furnishNamespaces(draft)
  leaveNamespaces(draft)
  return {
    steps: faults.length > 0 ? [] : draft.steps,
    differences: draft.differences,
    faults,
    undeclared: draft.undeclared,
    unseen: fates.all.filter((fate) => fate.unseen).map((fate) => fate.entry.label),
  }
}

function differenceOf({ entry, action, why, changes }: Fate): StateDifference | undefined {
  if (action === 'add') return { entry: entry.label, action, why, changes: declared(entry) }
  if (action === 'keep' && changes.length === 0) return undefined
  return { entry: entry.label, action: action === 'keep' ? 'change' : action, why, changes }
}

/** Everything that is said of an entry, as a change from nothing. */
function declared({ ends }: Entry): StateChange[] {
  return ends.flatMap(({ role, name, netns, state }) => {
    const prefix = role === 'peer' ? 'peer.' : ''
    const { leases, altnames, rings, wire: _wire, addresses, neighbours, ...plain } = state
    const fields: Record<string, unknown> = { ...plain, name, netns, altnames }
    for (const [key, value] of Object.entries(rings ?? {})) fields[`rings.${key}`] = value
    if (leases) fields.leases = leases.map(({ nic, queue }) => `${nic} queue ${queue}`)
    const changes = Object.entries(fields).flatMap(([key, to]) =>
      to === undefined ? [] : [{ field: prefix + key, to: to as StateChange['to'] }],
    )
    const ip = planDeviceIp({ addresses, neighbours }, NO_DEVICE_IP, { name: name ?? '', owned: true, protocol: 0 })
    return [...changes, ...deviceIpChanges(ip, prefix)]
  })
}
