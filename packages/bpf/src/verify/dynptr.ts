import { invalid, mismatch } from './refusal.ts'
import type { Reg } from './reg.ts'
import { isPlace, objectAt, type Place, placeOf, putObject } from './stack-object.ts'
import type { Verification } from './verification.ts'

/** What a dynptr stands for. */
export type DynptrKind = 'local' | 'ringbuf' | 'skb' | 'xdp'

/** An initialized dynptr, in the stack or as a global function is handed it. */
export function checkInitializedDynptr(v: Verification, r: number, reg: Reg, kind?: DynptrKind): Reg {
  if (reg.type === 'const_dynptr') return reg
  if (reg.type !== 'fp') throw invalid(`arg#${r - 1} expected pointer to stack or const struct bpf_dynptr`)
  const found = objectAt(v, placeOf(reg, 'dynptr'), 'dynptr')
  if (!found) throw invalid(`Expected an initialized dynptr as R${r}`)
  if (kind && found.kind !== kind) throw invalid(`Expected a dynptr of type ${kind} as R${r}`)
  return found
}

/** Where a dynptr is to be made. */
export function placeOfNewDynptr(r: number, reg: Reg): Place {
  if (reg.type === 'const_dynptr') throw invalid('Dynptr has to be an uninitialized dynptr')
  if (reg.type !== 'fp') throw mismatch(r, reg, 'fp, dynptr_ptr')
  if (!isPlace(reg, 'dynptr')) throw invalid('Dynptr has to be an uninitialized dynptr')
  return placeOf(reg, 'dynptr')
}

/** Makes a dynptr. */
export function makeDynptr(v: Verification, place: Place, kind: DynptrKind, readonly: boolean, ref = 0): void {
  putObject(v, place, 'dynptr', { id: v.newId(), kind, readonly, ref })
}
