import { compare, type Disagreement } from './compare.ts'
import { playEmbedded, releaseOf } from './embedded.ts'
import { playReal } from './guest.ts'
import type { Scenario } from './scenario.ts'

interface Failing {
  readonly scenario: Scenario
  readonly found: Disagreement
}

/** What comes after the step that shows a disagreement does not matter. */
const cut = ({ name, steps }: Scenario, { step }: Disagreement): Scenario => ({ name, steps: steps.slice(0, step + 1) })

/** The scenario without some of its steps, the last one never: halves of it first, single steps at the end. */
function* parts({ name, steps }: Scenario): Generator<Scenario> {
  const last = steps.length - 1
  for (let size = last >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= last; at += size)
      yield { name, steps: [...steps.slice(0, at), ...steps.slice(at + size)] }
  }
}

/** Makes scenarios that disagree as small as they can be without showing something else, all of them side by side. */
export async function shrink(failing: readonly Failing[]): Promise<Failing[]> {
  let all = failing.map(({ scenario, found }) => ({ scenario: cut(scenario, found), found, done: false }))
  while (all.some((f) => !f.done)) {
    const tries = all.map((f) => (f.done ? [] : [...parts(f.scenario)]))
    const recorded = await playReal(tries.flat())
    let at = 0
    all = all.map((f, i) => {
      const from = at
      at += tries[i].length
      const smaller = tries[i]
        .map((scenario, n) => ({
          scenario,
          found: compare(scenario, recorded[from + n], playEmbedded(scenario, releaseOf(recorded[from + n].kernel))),
        }))
        .filter((t): t is Failing => t.found?.kind === f.found.kind)
        .map(({ scenario, found }) => ({ scenario: cut(scenario, found), found, done: false }))
        .sort((a, b) => a.scenario.steps.length - b.scenario.steps.length)
      return smaller[0] ?? { ...f, done: true }
    })
  }
  return all
}
