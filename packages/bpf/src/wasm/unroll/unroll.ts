import { type Code, concatenate, emptyCode, identifyAll, jumpTarget, opAt } from '../../isa/code.ts'
import { slotsOf } from '../plan/blocks.ts'
import { type SmallLoop, smallLoops } from './small-loops.ts'

/** Rounds that stand behind each other, and how many slots they take at most. */
const ROUNDS = 8
const MAX_UNROLLED = 96
/** Distances of jumps have 16 bits: code that is longer is left as it is. */
const MAX_CODE = 30_000

/**
 * Puts several rounds of small loops behind each other: an engine looks at each backward jump whether it shall stop, which takes as long as
 * what such a loop does. Verified programs alone: numbers of slots change their meaning.
 */
export function unrollLoops(code: Code): Code {
  if (code.length > MAX_CODE) return code
  const loops = smallLoops(code)
  if (loops.length === 0) return code
  const parts = [code]
  const heads: { loop: SmallLoop; start: number }[] = []
  let length = code.length
  for (const loop of loops) {
    if (length > MAX_CODE) break
    const rounds = roundsOf(code, loop, length)
    heads.push({ loop, start: length })
    parts.push(rounds)
    length += rounds.length
  }
  const whole = concatenate(parts)
  for (const { loop, start } of heads) enter(whole, loop, start)
  identifyAll(whole)
  return whole
}

/** The rounds after the first one, to be put at `start`: each ends with a jump to what follows the loop, which the next one is behind. */
function roundsOf(code: Code, { head, last }: SmallLoop, start: number): Code {
  const size = last - head + 1
  const stride = size + 1
  const count = Math.max(1, Math.min(ROUNDS, Math.floor(MAX_UNROLLED / stride)) - 1)
  const made = emptyCode(count * stride)
  for (let round = 0; round < count; round++) {
    const base = round * stride
    for (const field of ['opcode', 'dst', 'src', 'off', 'imm'] as const)
      made[field].set(code[field].subarray(head, last + 1), base)
    for (let slot = head; slot <= last; slot += slotsOf(code, slot)) {
      const target = jumpTarget(code, slot)
      if (target < 0 || (target > head && target <= last)) continue
      const isLastRound = round === count - 1
      const next = isLastRound ? head : start + base + stride
      const at = base + slot - head
      retarget(made, at, opAt(code, slot).name === 'gotol', (target === head ? next : target) - (start + at + 1))
    }
    const end = base + size
    made.opcode[end] = GOTOL
    made.imm[end] = last + 1 - (start + end + 1)
  }
  return made
}

const GOTOL = 0x06

/** Makes the first round go on with the second one. */
function enter(code: Code, { head, last }: SmallLoop, start: number): void {
  for (let slot = head; slot <= last; slot += slotsOf(code, slot)) {
    if (jumpTarget(code, slot) === head) retarget(code, slot, opAt(code, slot).name === 'gotol', start - (slot + 1))
  }
}

function retarget(code: Code, slot: number, isLong: boolean, distance: number): void {
  if (isLong) code.imm[slot] = distance
  else code.off[slot] = distance
}
