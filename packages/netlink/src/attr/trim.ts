import { align4 } from '../bytes/align.ts'
import { Data } from '../bytes/data.ts'
import type { Writer } from '../bytes/writer.ts'
import { hasSince } from './since.ts'
import type { AnyTable, NamedRow } from './table.ts'
import { attrLength, ID_MASK } from './walk.ts'

const KEEP = 0
const DROP = 1
const LOOK_INSIDE = 2

/** What to do with each attribute of a table, by id; undefined: nothing, with any of them. */
type Plan = Uint8Array | undefined

/** Takes out of messages what a release does not send. */
export class AttrTrimmer {
  readonly #release: string
  readonly #plans = new Map<AnyTable, Plan>()
  /** What is to be taken out: where each piece begins and ends. */
  readonly #pieces: number[] = []

  constructor(release: string) {
    this.#release = release
  }

  /** Takes back, of the attributes of a table written from `start` on, those that came later, in nests too. */
  trim(w: Writer, start: number, table: AnyTable): void {
    const plan = this.#plan(table)
    if (plan === undefined) return
    const pieces = this.#pieces
    pieces.length = 0
    if (this.#find(new Data(w.bytes), start, w.length, table, plan) === 0) return
    pieces.push(w.length)
    let to = pieces[0]
    for (let i = 1; i < pieces.length; i += 2) {
      w.bytes.copyWithin(to, pieces[i], pieces[i + 1])
      to += pieces[i + 1] - pieces[i]
    }
    w.length = to
  }

  /** Notes what is to go, and shortens the nests around it; returns how many bytes. */
  #find(data: Data, start: number, end: number, table: AnyTable, plan: Uint8Array): number {
    let found = 0
    for (let at = start; at < end; ) {
      const length = attrLength(data, at, end, table.name)
      const next = at + align4(length)
      const id = data.u16(at + 2) & ID_MASK
      const what = id < plan.length ? plan[id] : KEEP
      if (what === DROP) {
        this.#pieces.push(at, next)
        found += next - at
      } else if (what === LOOK_INSIDE) {
        const { codec } = table.byId[id]!
        const inner = codec.table?.(data, start, end)
        const innerPlan = inner && this.#plan(inner)
        const less =
          inner && innerPlan ? this.#find(data, at + 4 + (codec.headerSize ?? 0), at + length, inner, innerPlan) : 0
        if (less > 0) data.view.setUint16(at, length - less, true)
        found += less
      }
      at = next
    }
    return found
  }

  #plan(table: AnyTable): Plan {
    if (this.#plans.has(table)) return this.#plans.get(table)
    this.#plans.set(table, undefined) // tables may contain themselves
    const steps = Uint8Array.from(table.byId, (row: NamedRow | undefined) => (row ? this.#step(row) : KEEP))
    const plan = steps.every((step) => step === KEEP) ? undefined : steps
    this.#plans.set(table, plan)
    return plan
  }

  #step(row: NamedRow): number {
    if (!hasSince(this.#release, row.since)) return DROP
    const inner = row.codec.table?.()
    // A nest whose table depends on what is beside it may be anything.
    const concerned = inner !== undefined && (inner.byId.length === 0 || this.#plan(inner) !== undefined)
    return concerned ? LOOK_INSIDE : KEEP
  }
}
