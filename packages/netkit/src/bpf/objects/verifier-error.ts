import { KernelError } from '@netkit/netlink'

/** A place in the source of a program. */
export interface SourceLine {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly text: string
}

/** The kernel refused to load a program, and says why. `log` is all that its verifier wrote. */
export class VerifierError extends KernelError {
  override readonly name = 'VerifierError'
  /** Name of the program. */
  readonly program: string
  /** The line of the log that says what is wrong. */
  readonly telling: string
  /** What the verifier looked at then; undefined where the log does not say, or the program has no line info. */
  readonly source: SourceLine | undefined

  constructor(program: string, cause: KernelError, log: string, source: SourceLine | undefined) {
    const lines = log.split('\n')
    const telling = tellingLine(lines)
    const where = source ? ` (${source.file}:${source.line}: ${source.text})` : ''
    const extack = telling === '' ? cause.extack : `${telling}${where}`
    super({ op: `load program ${program}`, errno: cause.errno, extack, log: lines, cause })
    this.program = program
    this.telling = telling
    this.source = source
  }
}

/** Behind what is wrong there is only what it cost. */
const EPILOGUE = /^(processed \d+ insns|verification time|stack depth|insns? \(limit|mark_precise:|$)/

const tellingLine = (lines: readonly string[]): string =>
  lines.findLast((line) => !EPILOGUE.test(line) && !line.startsWith(';'))?.trim() ?? ''

/** The number of the last instruction that a log shows: `12: (85) call …`. */
export function lastSlot(log: string): number | undefined {
  const last = [...log.matchAll(/^(\d+): \([0-9a-f]{2}\)/gm)].at(-1)
  return last && Number(last[1])
}
