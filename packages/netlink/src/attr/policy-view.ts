import { type AttrHistory, NO_ATTRS, type Policy, type PolicyTable } from './policy.ts'
import { hasSince } from './since.ts'

/** The policies of a release: without the attributes that came later. A table is always seen as the same one. */
export class PolicyView {
  readonly #release: string
  readonly #seen = new Map<PolicyTable, PolicyTable>()

  constructor(release: string) {
    this.#release = release
  }

  of(table: PolicyTable): PolicyTable {
    let seen = this.#seen.get(table)
    if (seen === undefined) {
      seen = this.#make(table)
      this.#seen.set(table, seen)
    }
    return seen
  }

  #make(table: PolicyTable): PolicyTable {
    const { history = [], strictSince } = table
    const has = (id: number): boolean => hasSince(this.#release, history[id]?.since)
    const policies = table.policies.map((policy, id) =>
      policy && has(id) ? this.#nested(this.#earlier(history[id]) ?? policy) : undefined,
    )
    const strictFrom = hasSince(this.#release, strictSince) ? table.strictFrom : Number.POSITIVE_INFINITY
    // Without its highest attribute a table ends at the last one that there is, or that it takes.
    const exists = (_: unknown, id: number) => history[id] !== undefined && has(id)
    const last = table.whole ? history.findLastIndex(exists) : policies.findLastIndex((policy) => policy !== undefined)
    const maxId = has(table.maxId) ? table.maxId : last
    return maxId < 1 ? NO_ATTRS : { ...table, maxId, strictFrom, policies: policies.slice(0, maxId + 1) }
  }

  #earlier(history: AttrHistory | undefined): Policy | undefined {
    const earlier = history?.earlier
    return earlier && !hasSince(this.#release, earlier.before) ? earlier.policy : undefined
  }

  #nested(policy: Policy): Policy {
    if ((policy.type !== 'nest' && policy.type !== 'nest-array') || !policy.inner) return policy
    const { inner } = policy
    return { ...policy, inner: () => this.of(inner()) }
  }
}
