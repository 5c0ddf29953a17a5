import type { Actual, Found } from './actual.ts'
import { changesOf, type StateChange } from './changes.ts'
import { ipChangesOf } from './device-ip.ts'
import { type Lessor, leasesTo, leaseText, lessorOf } from './lessor.ts'
import { canonical, type Matching } from './match.ts'
import type { StateFault } from './schema/fault.ts'
import type { LeaseState } from './schema/schema.ts'
import { type Entry, leasesOf } from './targets.ts'

/** What has to happen to an entry as a whole. */
export interface Fate {
  readonly entry: Entry
  readonly action: 'add' | 'keep' | 'recreate'
  /** Why it cannot stay: what differs and cannot be changed. */
  readonly why: readonly string[]
  readonly changes: readonly StateChange[]
  /** Leases that are missing. */
  readonly leases: readonly { readonly lease: LeaseState; readonly lessor: Lessor }[]
  /** Its leases cannot be seen before its NIC is up, which the plan sees to first. */
  readonly unseen: boolean
}

/** Decides on all entries, NICs first. `faults` takes what cannot be. */
export class Fates {
  readonly all: Fate[] = []
  readonly #actual: Actual
  readonly #matching: Matching
  readonly #faults: StateFault[]
  readonly #protocol: number
  readonly #nics: Map<string, Entry>

  constructor(entries: readonly Entry[], actual: Actual, matching: Matching, faults: StateFault[], protocol: number) {
    this.#protocol = protocol
    this.#actual = actual
    this.#matching = matching
    this.#faults = faults
    this.#nics = new Map(entries.filter((e) => e.section === 'nics').map((e) => [e.id, e]))
    for (const entry of entries) this.all.push(this.#decide(entry))
  }

  /** The device of an entry's first end, if there is one. */
  foundOf(entry: Entry): Found | undefined {
    return this.#matching.matches.get(entry.ends[0])?.found
  }

  #decide(entry: Entry): Fate {
    const changes: StateChange[] = []
    const why: string[] = []
    const found = this.foundOf(entry)
    const kind = found && kindOf(found)
    if (kind && kind !== entry.section) why.push(`it is ${KINDS[kind]}`)
    else if (found) {
      for (const target of entry.ends) {
        const match = this.#matching.matches.get(target)
        if (!match) continue
        const here = changesOf(target, match.found, canonical(this.#actual.places, target.netns))
        const ip = ipChangesOf(target, match.found, match.how, this.#protocol)
        changes.push(...here.fixed, ...here.changes, ...ip)
        for (const { field, from, to } of here.fixed) why.push(`${field} ${from} cannot become ${to}`)
      }
    }
    const leases = this.#leases(entry, found !== undefined && why.length === 0, why, changes)
    const used = this.#matching.matches.get(entry.ends[0])?.how === 'used'
    if (used && why.length > 0) {
      this.#faults.push({ path: entry.path, message: `is a NIC that is not made by this set, and ${why.join(', ')}` })
    }
    const action = !found ? 'add' : why.length > 0 && !used ? 'recreate' : 'keep'
    return { entry, action, why, changes, ...leases }
  }

  /** Compares leases. What is leased otherwise takes another device: there is no way to end a single lease. */
  #leases(entry: Entry, stays: boolean, why: string[], changes: StateChange[]): Pick<Fate, 'leases' | 'unseen'> {
    const declared = leasesOf(entry)
    const lessee = declared && this.#matching.matches.get(declared.target)?.found
    const has = lessee ? leasesTo(this.#actual, lessee) : []
    const goes = has.find(({ nic }) => this.all.some((f) => f.action === 'recreate' && this.foundOf(f.entry) === nic))
    if (stays && goes) why.push(`it leases from ${goes.nic.device.name}, which is plugged in anew`)
    if (!declared) return { leases: [], unseen: false }
    const wanted = declared.leases.flatMap((lease, i) => {
      const lessor = this.#lessor(lease, [...declared.target.path, 'leases', i])
      return lessor ? [{ lease, lessor }] : []
    })
    if (wanted.length < declared.leases.length || !stays || !lessee) return { leases: wanted, unseen: false }
    const unseen = wanted.some(({ lessor }) => lessor.found && !lessor.found.device.up)
    if (unseen) return { leases: [], unseen }
    const same = has.every(({ nic, queue }, i) => wanted[i]?.lessor.found === nic && wanted[i].lease.queue === queue)
    const text = {
      from: has.map(({ nic, queue }) => leaseText(nic.device.name, queue)),
      to: wanted.map(({ lease }) => leaseText(lease.nic, lease.queue)),
    }
    if (!same)
      why.push(`leases end only with the device: ${text.from.join(', ')} cannot become ${text.to.join(', ') || 'none'}`)
    if (!same || has.length < wanted.length)
      changes.push({ field: declared.target.role === 'peer' ? 'peer.leases' : 'leases', ...text })
    const room = lessee.device.attrs.numRxQueues ?? 1
    if (room <= wanted.length && why.length === 0)
      why.push(`numrxqueues ${room} is no room for ${wanted.length} leases`)
    return { leases: why.length > 0 ? wanted : wanted.slice(has.length), unseen: false }
  }

  #lessor(lease: LeaseState, path: (string | number)[]): Lessor | undefined {
    const lessor = lessorOf(lease, this.#nics, (entry) => this.foundOf(entry), this.#actual)
    if (!lessor) {
      const where = lease.netns === undefined ? '' : ` in ${lease.netns}`
      this.#faults.push({ path: [...path, 'nic'], message: `cannot be found: there is no NIC ${lease.nic}${where}` })
      return undefined
    }
    const { entry, found } = lessor
    const up = entry?.ends[0].state.up ?? found?.device.up ?? false
    if (up) return lessor
    const remedy = entry ? `declare up: true of ${entry.label}` : 'set it up'
    this.#faults.push({
      path: [...path, 'nic'],
      message: `is down, and kernels tell of leases of NICs that are up only: ${remedy}`,
    })
    return undefined
  }
}

const KINDS = { nics: 'a NIC', pairs: 'a pair', singles: 'a single device' } as const

/** Which section of a document a device belongs into. */
export function kindOf({ isNic, device }: Found): Entry['section'] | undefined {
  if (isNic) return 'nics'
  if (!device.netkit) return undefined
  return device.netkit.pairing === 'single' ? 'singles' : 'pairs'
}
