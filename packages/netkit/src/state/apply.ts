import { KernelError } from '@netkit/netlink'
import { DumpInterruptedError } from '../request/errors.ts'
import { IncompleteError } from '../rollback.ts'
import { readActual, type StateContext } from './actual.ts'
import { execute, type Hands, type StateFiles } from './execute.ts'
import { makePlan, type PlanOptions, type StatePlan } from './plan.ts'
import { StateError, type StateFault } from './schema/fault.ts'
import type { StateDocument } from './schema/schema.ts'
import { type StateStep, stepText } from './step.ts'

export interface ApplyOptions extends PlanOptions {
  /** Removes and makes anew what cannot be changed as it is. Default: false, such a plan is refused. */
  readonly allowRecreate?: boolean
  /** Told of each step when it is done. */
  readonly onStep?: (step: StateStep) => void
  /** How paths of recordings become what the kernel can open. */
  readonly files?: StateFiles
  readonly signal?: AbortSignal
}

/** What was done. */
export interface Applied {
  readonly steps: readonly StateStep[]
  /** See StatePlan. */
  readonly undeclared: readonly string[]
}

/**
 * A step failed, and what came before it stays: applying the same document again goes on from there. `cause` is the failure,
 * `done`, `failed` and `remaining` say how far it got.
 */
export class ApplyError extends Error {
  override readonly name = 'ApplyError'
  readonly done: readonly StateStep[]
  readonly failed: StateStep
  readonly remaining: readonly StateStep[]

  constructor(cause: unknown, done: readonly StateStep[], failed: StateStep, remaining: readonly StateStep[]) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`${failed.of}: cannot ${stepText(failed)}: ${why}`, { cause })
    this.done = done
    this.failed = failed
    this.remaining = remaining
  }
}

/** How often a plan is made anew because others changed things meanwhile. */
const ATTEMPTS = 20
/** How often what is wrong from the beginning is looked at before it is believed. */
const LOOKS = 2
/** How often a step that fails is tried again, though nothing else has changed. */
const REPEATS = 2
const PATHS: StateFiles = { source: (path) => ({ path }), sink: (path) => ({ path }) }

/**
 * Makes the kernel as declared. Plans from what the kernel says, carries the plan out, and looks again until nothing is left
 * to do: what others change meanwhile, and what an earlier run left half done, is part of the next plan.
 */
export async function apply(context: StateContext, document: StateDocument, options: ApplyOptions): Promise<Applied> {
  const { files = PATHS, signal, onStep } = options
  const done: StateStep[] = []
  let failure: ApplyError | undefined
  let repeats = 0
  await using own = await context.namespaces.current()
  const hands: Hands = { ...context, files, signal, own }
  for (let attempt = 1; ; attempt++) {
    const plan = makePlan(document, await readActual(context, signal), options)
    const { steps, undeclared } = plan
    const wrong = faultsOf(plan, options)
    // What somebody else is in the middle of can look wrong: a device whose namespace was made after the names were listed.
    if (wrong.length > 0 && attempt <= (failure ? ATTEMPTS : LOOKS)) {
      await pause(attempt)
      continue
    }
    if (wrong.length > 0) throw failure ?? new StateError(wrong)
    if (steps.length === 0) return { steps: done, undeclared }
    // The same again and again: nobody else is in the way, it is the step itself that fails.
    repeats = failure && sameSteps(steps, failure) ? repeats + 1 : 0
    if (failure && (repeats === REPEATS || attempt > ATTEMPTS)) throw failure
    if (attempt > ATTEMPTS) throw unsettled(steps[0])
    failure = await carryOut(hands, steps, done, onStep)
    if (failure && !mayBeRace(failure.cause)) throw failure
  }
}

async function carryOut(
  hands: Hands,
  steps: readonly StateStep[],
  done: StateStep[],
  onStep: ((step: StateStep) => void) | undefined,
): Promise<ApplyError | undefined> {
  for (const [i, step] of steps.entries()) {
    try {
      hands.signal?.throwIfAborted()
      await execute(hands, step)
    } catch (e) {
      return new ApplyError(e, [...done], step, steps.slice(i + 1))
    }
    done.push(step)
    onStep?.(step)
  }
  return undefined
}

/** What keeps a plan from being carried out. */
function faultsOf({ faults, differences }: StatePlan, { allowRecreate }: ApplyOptions): readonly StateFault[] {
  const anew = allowRecreate ? [] : differences.filter(({ action }) => action === 'recreate')
  return [
    ...faults,
    ...anew.map(({ entry, why }) => ({
      path: entry.split('.', 1).concat(entry.slice(entry.indexOf('.') + 1)),
      message: `would have to be removed and made anew: ${why.join(', ')}`,
      needs: 'allowRecreate' as const,
    })),
  ]
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const sameSteps = (steps: readonly StateStep[], { failed, remaining }: ApplyError): boolean =>
  JSON.stringify(steps) === JSON.stringify([failed, ...remaining])

const unsettled = (step: StateStep): Error =>
  new Error(
    `${step.of}: something else keeps changing it: it was still to ${stepText(step)} after ${ATTEMPTS} attempts`,
  )

/** Refusals that come when another client was quicker: with names and queues that are taken, or with devices that are gone. */
const RACES: ReadonlySet<string> = new Set(['EEXIST', 'ENODEV', 'ENOENT', 'EBUSY', 'EINVAL'])

function mayBeRace(cause: unknown): boolean {
  if (cause instanceof IncompleteError) return mayBeRace(cause.cause)
  return cause instanceof DumpInterruptedError || (cause instanceof KernelError && RACES.has(cause.code))
}
