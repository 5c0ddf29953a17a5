import type { SpecialField } from '../btf/special-fields.ts'
import { denied, invalid } from './refusal.ts'
import type { Reg } from './reg.ts'
import { isKnown } from './scalar.ts'
import type { Verification } from './verification.ts'

/** Refuses access to members of a map's value that only helpers may touch. */
export function refuseSpecial({ map, scalar, off }: Reg, at: number, size: number): void {
  if (!map?.special) return
  for (const field of map.special) {
    const first = scalar.smin + BigInt(off + at)
    const end = scalar.umax + BigInt(off + at + size)
    if (first < BigInt(field.at + field.size) && BigInt(field.at) < end) {
      throw denied(`${field.kind} cannot be accessed directly by load/store`)
    }
  }
}

/** The special member that a helper is handed, in a value of a map. */
export function specialAt(r: number, reg: Reg, kind: string): SpecialField {
  const { map } = reg
  if (!isKnown(reg.scalar)) {
    throw invalid(`R${r} doesn't have constant offset. ${kind} has to be at the constant offset`)
  }
  const field = map?.special?.find((one) => one.kind === kind)
  const name = map?.name ?? ''
  if (!map?.special) throw invalid(`map '${name}' has to have BTF in order to use ${kind}`)
  if (!field) throw invalid(`map '${name}' has no valid ${kind}`)
  const at = reg.off + Number(reg.scalar.smin)
  if (at !== field.at) throw invalid(`off ${at} doesn't point to 'struct ${kind}' that is at ${field.at}`)
  return field
}

/** Takes or gives back a lock. */
export function useLock(v: Verification, r: number, reg: Reg, takes: boolean): void {
  specialAt(r, reg, 'bpf_spin_lock')
  const { state } = v
  if (takes) {
    if (state.lock) throw invalid('Locking two bpf_spin_locks are not allowed')
    state.lock = { id: reg.id, map: reg.map }
    return
  }
  if (!state.lock) throw invalid('bpf_spin_unlock without taking a lock')
  if (state.lock.id !== reg.id || state.lock.map !== reg.map) throw invalid('bpf_spin_unlock of different lock')
  state.lock = undefined
}
