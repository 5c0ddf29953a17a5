import { type Code, jumpTarget, opAt } from '../../isa/code.ts'
import { TAIL_CALL } from '../../run/helper.ts'
import type { Machine } from '../../run/machine.ts'
import { MAP_HEADER } from '../../run/map-header.ts'
import { slotsOf } from '../plan/blocks.ts'
import { writtenBy } from '../plan/registers.ts'

const MAP = 2
const INDEX = 3

/** A tail call whose array and index are constants. */
export interface ConstantTailCall {
  readonly slot: number
  /** Address of the element, which is there. */
  readonly element: number
}

/** Finds them, as far as the constants are put into their registers right before the call. */
export function constantTailCalls(code: Code, machine: Machine): ConstantTailCall[] {
  const found: ConstantTailCall[] = []
  const constants = new Map<number, number>()
  const joined = jumpTargets(code)
  for (let slot = 0; slot < code.length; slot += slotsOf(code, slot)) {
    if (joined.has(slot)) constants.clear()
    const op = opAt(code, slot)
    if (op.kind === 'call' && op.callee === 'helper' && code.imm[slot] === TAIL_CALL) {
      const element = elementAt(machine, constants.get(MAP), constants.get(INDEX))
      if (element !== undefined) found.push({ slot, element })
    }
    const written = writtenBy(code, slot)
    for (const register of [MAP, INDEX]) if ((written >> register) & 1) constants.delete(register)
    const isNumber =
      (op.kind === 'const' && op.pseudo === 'number') ||
      (op.kind === 'alu' && op.operator === 'mov' && op.operand === 'imm')
    if (isNumber) constants.set(code.dst[slot], code.imm[slot] >>> 0)
  }
  return found
}

function jumpTargets(code: Code): ReadonlySet<number> {
  const targets = new Set<number>()
  for (let slot = 0; slot < code.length; slot += slotsOf(code, slot)) {
    const target = jumpTarget(code, slot)
    if (target >= 0) targets.add(target)
  }
  return targets
}

function elementAt({ memory }: Machine, map: number | undefined, index: number | undefined): number | undefined {
  if (map === undefined || index === undefined) return undefined
  const view = new DataView(memory.buffer)
  if (map + MAP_HEADER.VALUES + 4 > view.byteLength) return undefined
  if (index >= view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)) return undefined
  return view.getUint32(map + MAP_HEADER.VALUES, true) + 4 * index
}
