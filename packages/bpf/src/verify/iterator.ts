import { invalid } from './refusal.ts'
import { constant, pointer, type Reg } from './reg.ts'
import { objectAt, type Place, placeOf, putObject } from './stack-object.ts'
import type { State } from './state.ts'
import type { Verification } from './verification.ts'

/** Bytes of the number that an iterator over numbers gives. */
const NUMBER_BYTES = 4

function placeOfIterator(r: number, reg: Reg): Place {
  if (reg.type !== 'fp') throw invalid(`arg#${r - 1} expected pointer to an iterator on stack`)
  return placeOf(reg, 'iter_num')
}

/** Begins an iterator on the stack. It has to be destroyed. */
export function acquireIterator(v: Verification, r: number, reg: Reg): void {
  const place = placeOfIterator(r, reg)
  if (objectAt(v, place, 'iter_num')) throw invalid(`expected uninitialized iter_num as arg #${r - 1}`)
  const ref = v.newId()
  v.state.refs = [...v.state.refs, { id: ref, slot: v.slot }]
  putObject(v, place, 'iter_num', { ref, kind: 'active' })
}

/** An iterator that was begun. */
export function checkIterator(v: Verification, r: number, reg: Reg): { iterator: Reg; place: Place } {
  const place = placeOfIterator(r, reg)
  const iterator = objectAt(v, place, 'iter_num')
  if (!iterator) throw invalid(`expected an initialized iter_num as arg #${r - 1}`)
  return { iterator, place }
}

/** The reference of an iterator that ends. */
export const releaseIterator = (v: Verification, r: number, reg: Reg): number => checkIterator(v, r, reg).iterator.ref

/** Both ways on from asking for the next number: there is none, which stays so, or there is. */
export function drain(v: Verification, { ref }: Reg, place: Place): State {
  const drained = v.state.copy()
  putObject(v, place, 'iter_num', { ref, kind: 'active' })
  const going = v.state
  v.state = drained
  putObject(v, place, 'iter_num', { ref, kind: 'drained' })
  drained.regs[0] = constant(0n)
  v.state = going
  going.regs[0] = pointer('mem', { id: v.newId(), size: NUMBER_BYTES, readonly: true, parent: ref })
  return drained
}
