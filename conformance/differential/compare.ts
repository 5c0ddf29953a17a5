import { comparable } from './comparable.ts'
import { describe, differingParts } from './describe.ts'
import { Normaliser } from './normalise.ts'
import type { Heard, Outcome, Protocol, Recorded, Scenario } from './scenario.ts'

/** The first step at which two kernels differ, and how. */
export interface Disagreement {
  readonly step: number
  /** In short, for grouping: what differs, without values. */
  readonly kind: string
  readonly lines: readonly string[]
}

/** Compares what two kernels did with the same scenario; `want` is the real one. Notifications of a namespace are in order within each protocol. */
export function compare(scenario: Scenario, want: Recorded, got: Recorded): Disagreement | undefined {
  const normal = { want: new Normaliser(scenario), got: new Normaliser(scenario) }
  for (const [step, wanted] of want.steps.entries()) {
    const had = got.steps[step]
    if (wanted.error !== undefined) return { step, kind: 'recorder failed', lines: [wanted.error] }
    if (had.error !== undefined) return { step, kind: 'embedded kernel threw', lines: [had.error] }
    const problems: Problem[] = []
    const step0 = scenario.steps[step]
    lists(
      'reply',
      step0.op === 'netlink' ? step0.proto : 'route',
      comparable(wanted.replies ?? []),
      comparable(had.replies ?? []),
      normal,
      problems,
    )
    for (const ns of namespacesOf(wanted, had)) {
      for (const proto of ['route', 'generic'] as const) {
        lists(`notification in ${ns}`, proto, heardIn(wanted, ns, proto), heardIn(had, ns, proto), normal, problems)
      }
    }
    if (problems.length > 0) {
      return { step, kind: problems.map((p) => p.kind).join('; '), lines: problems.flatMap((p) => p.lines) }
    }
  }
  return undefined
}

interface Problem {
  readonly kind: string
  readonly lines: readonly string[]
}

const heardIn = (o: Outcome, ns: string, proto: Protocol): string[] =>
  comparable(o.notify.filter((n: Heard) => n[0] === ns && n[1] === proto).map((n) => n[2]))

function namespacesOf(...outcomes: readonly Outcome[]): string[] {
  return [...new Set(outcomes.flatMap((o) => o.notify.map((n) => n[0])))].sort()
}

function lists(
  what: string,
  proto: Protocol,
  want: readonly string[],
  got: readonly string[],
  normal: { want: Normaliser; got: Normaliser },
  problems: Problem[],
): void {
  for (let i = 0; i < Math.max(want.length, got.length); i++) {
    const w = want[i] === undefined ? undefined : normal.want.message(want[i], proto)
    const g = got[i] === undefined ? undefined : normal.got.message(got[i], proto)
    if (w === g) continue
    const name = `${what} ${i}`
    const place = what.split(' ')[0]
    if (w === undefined) problems.push({ kind: `extra ${place}`, lines: [`${name}: too many: ${describe(got[i])}`] })
    else if (g === undefined)
      problems.push({ kind: `missing ${place}`, lines: [`${name}: missing: ${describe(want[i])}`] })
    else {
      const parts = differingParts(w, g)
      problems.push({
        kind: `${place}: ${parts.map((p) => p.name).join(', ')}`,
        lines: [`${name}: ${describe(want[i])}`, ...parts.map((p) => `    ${p.name}: ${p.got} instead of ${p.want}`)],
      })
    }
  }
}
