import { assemble } from '../../asm/assemble.ts'
import { type Code, concatenate, identifyAll, opAt } from '../../isa/code.ts'
import { ARGUMENT_REGISTER } from '../../isa/encoding.ts'
import type { Program } from '../../run/engine.ts'
import { MAX_TAIL_CALLS } from '../../run/limits.ts'
import type { Machine } from '../../run/machine.ts'
import { type ConstantTailCall, constantTailCalls } from './constant-tail-calls.ts'

/** What is joined is compiled again for each program that runs first: no more slots than this. */
const MAX_SLOTS = 4096

/** A program and those that it tail-calls by constant index, directly or not, in one code. */
export interface Fused {
  readonly code: Code
  /** Numbers of the programs, the first one first: the same numbers give the same code. */
  readonly numbers: readonly number[]
}

/** A program as a part of the whole. */
interface Part {
  readonly number: number
  readonly code: Code
  /** Its first slot in the whole. */
  readonly start: number
  readonly calls: readonly ConstantTailCall[]
}

/**
 * Joins a verified program with those that its constant tail calls lead to now, so that a tail call is a jump. Each of them still looks
 * whether the array has that program, and goes the long way if not. Undefined if there is nothing to join.
 */
export function fuse(first: Program, programs: ReadonlyMap<number, Program>, machine: Machine): Fused | undefined {
  if (!isPlain(first.code)) return undefined
  const parts = partsOf(first, programs, machine)
  if (parts.length === 1 && !parts[0].calls.some(({ element }) => numberAt(machine, element) === first.number))
    return undefined
  const codes = parts.map(({ code }) => code)
  const byNumber = new Map(parts.map((part) => [part.number, part]))
  const jumps: { slot: number; stub: number }[] = []
  let length = codes.reduce((sum, code) => sum + code.length, 0)
  for (const part of parts) {
    for (const { slot, element } of part.calls) {
      const target = byNumber.get(numberAt(machine, element))
      if (!target) continue
      const at = part.start + slot
      const stub = stubFor(machine, element, target, length, at + 1)
      jumps.push({ slot: at, stub: length })
      codes.push(stub)
      length += stub.length
    }
  }
  const code = concatenate(codes)
  for (const { slot, stub } of jumps) jumpTo(code, slot, stub)
  identifyAll(code)
  return { code, numbers: parts.map(({ number }) => number) }
}

function partsOf(first: Program, programs: ReadonlyMap<number, Program>, machine: Machine): Part[] {
  const part = ({ number, code }: Program, start: number): Part => ({
    number,
    code,
    start,
    calls: constantTailCalls(code, machine),
  })
  const parts = [part(first, 0)]
  let length = first.code.length
  // Grows while it is walked.
  for (const { calls } of parts) {
    for (const { element } of calls) {
      const target = programs.get(numberAt(machine, element))
      if (!target || target.unverified || !isPlain(target.code) || parts.some(({ number }) => number === target.number))
        continue
      if (length + target.code.length > MAX_SLOTS) continue
      parts.push(part(target, length))
      length += target.code.length
    }
  }
  return parts
}

const numberAt = ({ memory }: Machine, element: number): number => new DataView(memory.buffer).getUint32(element, true)

/** Neither counts passes nor has more than five arguments: those belong to one activation of a function. */
function isPlain(code: Code): boolean {
  for (let slot = 0; slot < code.length; slot++) {
    if (opAt(code, slot).kind === 'mayGoto') return false
    if (code.dst[slot] === ARGUMENT_REGISTER || code.src[slot] === ARGUMENT_REGISTER) return false
  }
  return true
}

/** What stands in for a tail call: R4 and R5 are free there, and R1 stays what it is. */
function stubFor(machine: Machine, element: number, target: Part, start: number, after: number): Code {
  const lines = assemble(`
    r4 = ${element} ll
    r4 = *(u32 *)(r4 +0)
    if w4 != ${target.number} goto other
    r4 = ${machine.tailCallCell} ll
    r5 = *(u32 *)(r4 +0)
    if w5 > ${MAX_TAIL_CALLS - 1} goto fail
    w5 += 1
    *(u32 *)(r4 +0) = r5
    gotol +0
    other:
    call bpf_tail_call
    gotol +0
    fail:
    r0 = 0
    gotol +0
  `)
  const ends = [target.start, after, after]
  for (let slot = 0; slot < lines.length; slot++) {
    if (opAt(lines, slot).name === 'gotol') lines.imm[slot] = (ends.shift() as number) - (start + slot + 1)
  }
  return lines
}

/** Makes the instruction of a slot a jump. */
function jumpTo(code: Code, slot: number, target: number): void {
  code.opcode[slot] = 0x06
  code.dst[slot] = 0
  code.src[slot] = 0
  code.off[slot] = 0
  code.imm[slot] = target - (slot + 1)
}
