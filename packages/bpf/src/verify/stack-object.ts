import { invalid } from './refusal.ts'
import { NONE, pointer, type Reg, type RegType } from './reg.ts'
import { isKnown } from './scalar.ts'
import { EMPTY, isWholeSpill, spilled } from './stack.ts'
import { slotAt, stackBytes } from './stack-access.ts'
import type { Frame } from './state.ts'
import type { Verification } from './verification.ts'

/** Dynptrs and iterators: objects of the kernel on a program's stack, in whole slots that only their functions may touch. */
const OBJECTS: ReadonlySet<RegType> = new Set(['dynptr', 'iter_num'])

/** Slots of each kind of object. */
const SLOTS = { dynptr: 2, iter_num: 1 } as const
export type ObjectType = keyof typeof SLOTS

export const isStackObject = (reg: Reg): boolean => OBJECTS.has(reg.type)

/** Where an object lies: its frame and the slot of its lowest address. */
export interface Place {
  readonly depth: number
  readonly slot: number
}

/** Whether an object can lie where a register points: in whole slots of the stack. */
export function isPlace({ scalar, off }: Reg, type: ObjectType): boolean {
  const at = off + Number(scalar.smin)
  return isKnown(scalar) && at % 8 === 0 && at >= -stackBytes && at + 8 * SLOTS[type] <= 0
}

/** The place that a register points at; refuses others. */
export function placeOf(reg: Reg, what: ObjectType): Place {
  if (!isKnown(reg.scalar)) throw invalid(`${what} has to be at a constant offset`)
  const at = reg.off + Number(reg.scalar.smin)
  if (!isPlace(reg, what)) throw invalid(`cannot pass in ${what} at an offset=${at}`)
  return { depth: reg.frame, slot: slotAt(at) }
}

/** The object that lies there; undefined if there is none, or not all of it. */
export function objectAt(v: Verification, { depth, slot }: Place, type: ObjectType): Reg | undefined {
  const frame = v.state.frames[depth]
  const found = frame.slot(slot)
  if (!isWholeSpill(found) || found.reg.type !== type || found.reg.off !== 0) return undefined
  v.readSlots(depth, bitsOf(slot, type))
  return found.reg
}

function bitsOf(slot: number, type: ObjectType): bigint {
  let bits = 0n
  for (let i = 0; i < SLOTS[type]; i++) bits |= 1n << BigInt(slot - i)
  return bits
}

/** Puts an object there; what was there is gone. */
export function putObject(v: Verification, { depth, slot }: Place, type: ObjectType, facts: Partial<Reg>): void {
  const frame = v.state.frames[depth]
  v.useStack(frame, -8 * (slot + 1))
  for (let i = 0; i < SLOTS[type]; i++) {
    overwrite(v, frame, slot - i)
    frame.stack[slot - i] = spilled(pointer(type, { ...facts, off: i * 8 }), 8)
  }
  v.writeSlots(depth, bitsOf(slot, type))
}

/** Something is written into a slot: an object that lay there is no more, if nothing has to be released. */
export function overwrite(v: Verification, frame: Frame, slot: number): void {
  const { reg } = frame.slot(slot)
  if (!isStackObject(reg)) return
  if (reg.type === 'dynptr' && reg.ref !== 0) throw invalid('cannot overwrite referenced dynptr')
  const first = slot + reg.off / 8
  for (let i = 0; i < SLOTS[reg.type as ObjectType]; i++) frame.stack[first - i] = EMPTY
  if (reg.type === 'dynptr') forgetSlices(v, reg.id)
}

/** Removes the objects that hold a reference which was given back, and the slices of dynptrs among them. */
export function removeObjects(v: Verification, ref: number): void {
  for (const { stack } of v.state.frames) {
    for (const [n, slot] of stack.entries()) {
      if (!slot || !isStackObject(slot.reg) || slot.reg.ref !== ref) continue
      stack[n] = EMPTY
      forgetSlices(v, slot.reg.type === 'dynptr' ? slot.reg.id : ref)
    }
  }
}

/** Pointers into what a dynptr stands for mean nothing any more. */
function forgetSlices(v: Verification, dynptr: number): void {
  v.state.replaceAll((reg) => (reg.parent === dynptr && reg.parent !== 0 ? (v.privileged ? v.stale : NONE) : reg))
}
