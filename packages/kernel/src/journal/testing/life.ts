import { randomFrom } from '../../world.ts'
import type { ReviveOptions } from '../revive.ts'
import { Machine } from './machine.ts'
import { portrait, randomStep, type Step } from './random-step.ts'

/** Steps before the snapshot in the middle, and after. */
const STEPS = 60
const MORE_STEPS = 20

async function doAll(machine: Machine, steps: readonly Step[]): Promise<string[]> {
  const said: string[] = []
  for (const step of steps) said.push(await step(machine))
  return said
}

/** Without the clock, which goes on, and the count of changes, which only has to grow. */
const timeless = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/"(now|changes)":("\d+"|\d+)/g, '"$1":0'))

/** A machine that random things were done to, and what can be revived from it. */
export interface Life {
  readonly machine: Machine
  /** All events, a snapshot of the end, and a snapshot of the middle with the events since. */
  readonly kept: Readonly<Record<'events' | 'snapshot' | 'both', Pick<ReviveOptions, 'snapshot' | 'events'>>>
  readonly more: readonly Step[]
}

export async function live(seed: number): Promise<Life> {
  const dice = randomFrom(seed)
  const steps = (n: number) => Array.from({ length: n }, () => randomStep(dice))
  const machine = new Machine(seed)
  await doAll(machine, steps(STEPS))
  const middle = machine.snapshot()
  const before = machine.events.length
  await doAll(machine, steps(STEPS))
  const kept = {
    events: { events: [...machine.events] },
    snapshot: { snapshot: machine.snapshot() },
    both: { snapshot: middle, events: machine.events.slice(before) },
  }
  return { machine, kept, more: steps(MORE_STEPS) }
}

/** How two machines that should be the same are: what they are made of, what they answer, and what they do from now on. */
export async function compare(
  one: Machine,
  other: Machine,
  more: readonly Step[],
): Promise<[was: unknown, is: unknown][]> {
  const pairs: [unknown, unknown][] = [
    [timeless(one.snapshot()), timeless(other.snapshot())],
    [portrait(one), portrait(other)],
  ]
  // The same dice, so that what they do can be compared.
  other.world.chance.state.set(one.world.chance.state)
  pairs.push([await doAll(one, more), await doAll(other, more)])
  return pairs
}
