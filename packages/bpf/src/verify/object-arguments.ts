import type { CallFacts } from './arguments.ts'
import { checkInitializedDynptr, type DynptrKind, makeDynptr, placeOfNewDynptr } from './dynptr.ts'
import { acquireIterator, checkIterator, releaseIterator } from './iterator.ts'
import { passMemory } from './pass-memory.ts'
import type { ArgKind } from './prototype.ts'
import { denied, invalid } from './refusal.ts'
import { isNumber, isZero, type Reg } from './reg.ts'
import { isKnown } from './scalar.ts'
import type { Verification } from './verification.ts'

/** Dynptrs by the kind of argument in which they are made. */
const MADE: Partial<Record<ArgKind, DynptrKind>> = {
  newDynptr: 'local',
  skbDynptr: 'skb',
  xdpDynptr: 'xdp',
}

/** Arguments that are dynptrs and iterators. */
export function checkObject(v: Verification, kind: ArgKind, r: number, reg: Reg, facts: CallFacts): void {
  switch (kind) {
    case 'dynptr':
      useDynptr(v, r, reg, facts)
      return
    case 'endDynptr':
      endDynptr(v, r, reg, facts)
      return
    case 'ringDynptr':
      makeDynptr(v, placeOfNewDynptr(r, reg), 'ringbuf', false, acquired(v))
      return
    case 'cloneDynptr':
      cloneDynptr(v, r, reg, facts)
      return
    case 'newIter':
      acquireIterator(v, r, reg)
      return
    case 'iter':
      Object.assign(facts, checkIterator(v, r, reg))
      return
    case 'endIter':
      facts.released = releaseIterator(v, r, reg)
      return
    case 'constSize':
      checkConstantSize(v, r, reg, facts)
      return
    default:
      newDynptr(v, kind, r, reg, facts)
  }
}

function newDynptr(v: Verification, kind: ArgKind, r: number, reg: Reg, { name }: CallFacts): void {
  const made = MADE[kind]
  if (!made) throw new Error(`argument of kind ${kind}`)
  if (name === 'dynptr_from_mem' && v.regs[1].type !== 'map_value') {
    throw denied(`Unsupported reg type ${v.regs[1].type} for bpf_dynptr_from_mem data`)
  }
  makeDynptr(v, placeOfNewDynptr(r, reg), made, false)
}

function useDynptr(v: Verification, r: number, reg: Reg, facts: CallFacts): void {
  const found = checkInitializedDynptr(v, r, reg)
  facts.dynptr ??= found
  // What is written to a packet may move it.
  const writes = facts.name === 'dynptr_write' || facts.name === 'bpf_dynptr_copy' || facts.name === 'bpf_dynptr_memset'
  if (writes && (found.kind === 'skb' || found.kind === 'xdp' || found.kind === '')) facts.movesPacket = true
  if (facts.name === 'bpf_dynptr_slice_rdwr' && found.kind === 'skb') v.writesPacket = true
  if (facts.name === 'bpf_dynptr_adjust' && reg.type === 'const_dynptr') {
    throw invalid('cannot pass pointer to const bpf_dynptr, the helper mutates it')
  }
}

function endDynptr(v: Verification, r: number, reg: Reg, facts: CallFacts): void {
  const found = checkInitializedDynptr(v, r, reg, 'ringbuf')
  if (found.ref === 0) throw invalid(`arg ${r} is an unacquired reference`)
  facts.released = found.ref
}

function cloneDynptr(v: Verification, r: number, reg: Reg, { dynptr }: CallFacts): void {
  if (!dynptr) return
  makeDynptr(v, placeOfNewDynptr(r, reg), dynptr.kind as DynptrKind, dynptr.readonly, dynptr.ref)
}

function acquired(v: Verification): number {
  const id = v.newId()
  v.state.refs = [...v.state.refs, { id, slot: v.slot }]
  return id
}

/** Bytes that a slice has, and the buffer for those that do not lie in one piece. */
function checkConstantSize(v: Verification, r: number, reg: Reg, facts: CallFacts): void {
  if (!isNumber(reg) || !isKnown(reg.scalar)) throw invalid(`R${r} must be a known constant`)
  v.need(r)
  facts.reserved = Number(reg.scalar.umax)
  const buffer = v.regs[r - 1]
  if (isZero(buffer)) {
    v.need(r - 1)
    return
  }
  passMemory(v, r - 1, buffer, facts.reserved, 'write')
}
