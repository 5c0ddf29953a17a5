import { type Code, jumpTarget, opAt } from '../isa/code.ts'
import { explain } from '../isa/identify.ts'
import { E2BIG, invalid, Refusal } from './refusal.ts'

/** Functions of a program: where each starts, ascending; the first is main. */
export interface Functions {
  readonly starts: readonly number[]
  /** Slot of the start of the function that a slot belongs to. */
  startOf(slot: number): number
  /** Slot after the last of the function that starts there. */
  endOf(start: number): number
}

const MAX_FUNCTIONS = 256

/** Finds the functions, by who is called or pointed at. */
export function findFunctions(code: Code): Functions {
  const starts = new Set([0])
  for (let slot = 0; slot < code.length; slot++) {
    const op = opAt(code, slot)
    const isCall = op.kind === 'call' && op.callee === 'subprogram'
    if (!isCall && !(op.kind === 'const' && op.pseudo === 'function')) continue
    const target = jumpTarget(code, slot)
    if (target < 0 || target >= code.length) throw invalid('call to invalid destination')
    starts.add(target)
  }
  if (starts.size > MAX_FUNCTIONS) throw new Refusal(E2BIG, 'too many subprograms')
  const sorted = [...starts].sort((a, b) => a - b)
  const owner = new Int32Array(code.length)
  for (const [i, start] of sorted.entries()) owner.fill(start, start, sorted[i + 1] ?? code.length)
  return {
    starts: sorted,
    startOf: (slot) => owner[slot],
    endOf: (start) => sorted[sorted.indexOf(start) + 1] ?? code.length,
  }
}

/** Slots that may run after the one at `slot`, within its function. Of a call: the one behind it. */
export function successors(code: Code, slot: number): readonly number[] {
  const op = opAt(code, slot)
  switch (op.kind) {
    case 'exit':
      return []
    case 'goto':
      return [jumpTarget(code, slot)]
    case 'branch':
    case 'mayGoto':
      return [slot + 1, jumpTarget(code, slot)]
    case 'const':
      return [slot + 2]
    default:
      return [slot + 1]
  }
}

/** Refuses what is wrong whatever the registers hold: unknown instructions, jumps that leave a function, code that is never reached. */
export function checkStructure(code: Code, functions: Functions): void {
  if (code.length === 0) throw invalid('no instructions')
  checkInstructions(code)
  for (const start of functions.starts) checkEnd(code, functions.endOf(start))
  for (let slot = 0; slot < code.length; slot++) checkJump(code, functions, slot)
  checkReached(code, functions)
}

function checkInstructions(code: Code): void {
  for (let slot = 0; slot < code.length; slot++) {
    const { kind } = opAt(code, slot)
    if (kind !== 'invalid') continue
    const opcode = code.opcode[slot]
    if (opcode === 0x18 || opcode === 0) throw invalid('invalid BPF_LD_IMM insn')
    throw invalid(explain(opcode, code.dst[slot], code.src[slot], code.off[slot], code.imm[slot]))
  }
}

function checkEnd(code: Code, end: number): void {
  const last = opAt(code, end - 1)
  const leaves = last.kind === 'exit' || last.kind === 'goto' || last.kind === 'gotox'
  if (!leaves) throw invalid('last insn is not an exit or jmp')
}

function checkJump(code: Code, functions: Functions, slot: number): void {
  const { kind } = opAt(code, slot)
  if (kind !== 'branch' && kind !== 'goto' && kind !== 'mayGoto') return
  const target = jumpTarget(code, slot)
  const start = functions.startOf(slot)
  if (target < start || target >= functions.endOf(start)) {
    throw invalid(`jump out of range from insn ${slot} to ${target}`)
  }
  if (opAt(code, target).kind === 'second') throw invalid(`jump into the middle of ldimm64 insn ${target - 1}`)
}

function checkReached(code: Code, functions: Functions): void {
  const reached = new Uint8Array(code.length)
  const open = [0]
  const called = new Set([0])
  for (let slot = open.pop(); slot !== undefined; slot = open.pop()) {
    if (reached[slot] !== 0) continue
    if (slot >= code.length) throw invalid(`jump out of range from insn ${slot - 1} to ${slot}`)
    reached[slot] = 1
    const op = opAt(code, slot)
    if (op.kind === 'const') reached[slot + 1] = 1
    const callee =
      (op.kind === 'call' && op.callee === 'subprogram') || (op.kind === 'const' && op.pseudo === 'function')
    if (callee) {
      called.add(jumpTarget(code, slot))
      open.push(jumpTarget(code, slot))
    }
    open.push(...successors(code, slot))
  }
  // Functions that nobody calls are looked at on their own.
  for (const start of functions.starts) if (!called.has(start)) throw invalid(`unreachable insn ${start}`)
  const dead = reached.indexOf(0)
  if (dead >= 0) throw invalid(`unreachable insn ${dead}`)
}
