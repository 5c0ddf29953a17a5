/** What becomes of a list: of the addresses of a device, or of the routes of a namespace. */
export interface ListPlan<T> {
  readonly add: readonly T[]
  readonly change: readonly { readonly from: T; readonly to: T }[]
  readonly remove: readonly T[]
  /** What has to be given, in this order: what is new, and what goes along with something that is removed. */
  readonly give: readonly T[]
}

/** One thing that is there, and whether it may be removed. */
export interface Listed<T> {
  readonly state: T
  readonly ours: boolean
}

export const NOTHING_TO_DO: ListPlan<never> = { add: [], change: [], remove: [], give: [] }

/** Compares lists of which each item has a key. What is not ours stays, and will do where it is as it is to be. */
export function planList<T>(
  wanted: readonly T[],
  there: readonly Listed<T>[],
  key: (item: T) => string,
  same: (wanted: T, now: T) => boolean,
): ListPlan<T> {
  const now = new Map(there.map((one) => [key(one.state), one]))
  const keys = new Set(wanted.map(key))
  const add = wanted.filter((one) => !now.has(key(one)))
  return {
    add,
    give: add,
    change: wanted.flatMap((to) => {
      const from = now.get(key(to))?.state
      return from === undefined || same(to, from) ? [] : [{ from, to }]
    }),
    remove: there.filter(({ state, ours }) => ours && !keys.has(key(state))).map(({ state }) => state),
  }
}

/** The same plan as changes of a field. */
export const listChanges = <T>(
  field: string,
  { add, change, remove }: ListPlan<T>,
  text: (item: T) => string,
): { readonly field: string; readonly from?: string; readonly to?: string }[] => [
  ...remove.map((one) => ({ field, from: text(one) })),
  ...change.map(({ from, to }) => ({ field, from: text(from), to: text(to) })),
  ...add.map((one) => ({ field, to: text(one) })),
]
