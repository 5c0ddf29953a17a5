import { checkStructure, findFunctions } from './cfg.ts'
import type { ContextField } from './context.ts'
import { COMPLEXITY_LIMIT, Exploration } from './explore.ts'
import type { VerifyInput } from './input.ts'
import { type LogEntry, render } from './log.ts'
import { checkRecursion } from './recursion.ts'
import { Refusal } from './refusal.ts'
import { checkStackDepth } from './stack-depth.ts'
import { checkTypeInfo, functionName } from './type-info.ts'
import { Verification } from './verification.ts'

/** What was found out about a program that can be loaded. */
export interface VerifiedFacts {
  readonly contextReads: ReadonlySet<ContextField>
  readonly contextWrites: ReadonlySet<ContextField>
  /** Writes to the packet through pointers: it has to be the packet's own first. */
  readonly writesPacket: boolean
}

export interface Verdict {
  /** 0: it can be loaded; else the positive errno of the refusal. */
  readonly errno: number
  /** Lines of the log; the last but the summary says why it is refused. At log level 0 only the summary. */
  readonly log: readonly string[]
  /** Instructions that were looked at. */
  readonly looked: number
  /** Absent if it is refused. */
  readonly facts?: VerifiedFacts
}

/**
 * Decides whether a program can do harm: follows all its paths, with what is known of each register and stack slot on the
 * way. Source: spec 02 §3 and §4.
 */
export function verify(input: VerifyInput): Verdict {
  let v: Verification | undefined
  let exploration: Exploration | undefined
  try {
    const functions = findFunctions(input.code)
    checkStructure(input.code, functions)
    checkTypeInfo(input, functions)
    checkRecursion(input.code, functions, (start) => functionName(input, functions, start))
    v = new Verification(input, functions)
    exploration = new Exploration(v)
    exploration.run()
    checkStackDepth(input.code, functions, v.stackUse, v.asyncCallbacks)
    const { contextReads, contextWrites, writesPacket } = v
    return verdict(input, 0, [], exploration, { contextReads, contextWrites, writesPacket })
  } catch (e) {
    if (!(e instanceof Refusal)) throw e
    return verdict(input, e.errno, [...(v?.log.end ?? []), e.message], exploration)
  }
}

function verdict(
  { logLevel, code, lines }: VerifyInput,
  errno: number,
  entries: readonly LogEntry[],
  exploration: Exploration | undefined,
  facts?: VerifiedFacts,
): Verdict {
  const { looked = 0, states = 0, mostStates = 0, mostStatesHere = 0 } = exploration ?? {}
  const kept = `max_states_per_insn ${mostStatesHere} total_states ${states} peak_states ${mostStates} mark_read 0`
  const summary = `processed ${looked} insns (limit ${COMPLEXITY_LIMIT}) ${kept}`
  return {
    errno,
    log: [...(logLevel > 0 ? render(entries, code, lines) : []), summary],
    looked,
    facts,
  }
}
