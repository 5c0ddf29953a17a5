import { helperName } from '../helpers/names.ts'
import { opAt } from '../isa/code.ts'
import { MAP_TYPE } from '../syscall/numbers.ts'
import { type CallFacts, checkArguments } from './arguments.ts'
import { takesMap } from './map-use.ts'
import type { Prototype } from './prototype.ts'
import { bounded, boundedSigned } from './ranges.ts'
import { EINVAL, invalid, Refusal } from './refusal.ts'
import { constant, isSocket, NONE, number, pointer, type Reg, UNKNOWN_SCALAR } from './reg.ts'
import type { Scalar } from './scalar.ts'
import { constantOnStack } from './stack-access.ts'
import { removeObjects } from './stack-object.ts'
import type { Verification } from './verification.ts'

/** The helper that a call names, if the program may use it. */
function prototypeAt(v: Verification, id: number): { readonly name: string; readonly prototype: Prototype } {
  const name = helperName(id)
  if (!name) throw invalid(`invalid func unknown#${id}`)
  const prototype = v.prototypes[name]
  if (!prototype || (prototype.perfmon && !v.input.perfmon)) {
    throw new Refusal(EINVAL, `program of this type cannot use helper bpf_${name}#${id}`)
  }
  if (prototype.gpl && !v.input.gpl)
    throw invalid('cannot call GPL-restricted function from non-GPL compatible program')
  return { name, prototype }
}

/** What a call names: a helper or a function of the kernel. */
export interface Callee {
  /** As the log calls it. */
  readonly name: string
  readonly prototype: Prototype
}

export const helperAt = (v: Verification, slot: number): Callee => prototypeAt(v, v.code.imm[slot])

/** Whether a call of a helper or a function of the kernel may move the packet, whatever it is handed. */
export function moverAt({ code, prototypes }: Verification, slot: number): boolean {
  const op = opAt(code, slot)
  if (op.kind !== 'call' || op.callee !== 'helper') return false
  return prototypes[helperName(code.imm[slot]) ?? '']?.movesPacket ?? false
}

/** Helpers that a program may call while it holds a lock. */
const UNDER_LOCK: ReadonlySet<string> = new Set(['spin_lock', 'spin_unlock'])

/** A call: what it may be given and what it gives. Callbacks and loops are the caller's business. */
export function callFunction(v: Verification, { name, prototype }: Callee, isHelper: boolean): CallFacts {
  if (v.state.lock && !UNDER_LOCK.has(name)) throw invalid('function calls are not allowed while holding a lock')
  const facts = checkArguments(v, name, prototype)
  if (isHelper) checkMap(v, name, facts)
  if (name.startsWith('timer_')) checkTimer(v, name, facts)
  if (facts.released !== 0) release(v, facts.released)
  const result = resultOf(v, name, prototype, facts)
  for (let r = 1; r <= 5; r++) v.regs[r] = NONE
  v.regs[0] = result
  if (prototype.movesPacket || facts.movesPacket) v.forgetPacket()
  return facts
}

function checkMap(v: Verification, name: string, { map }: CallFacts): void {
  if (!map) return
  const id = v.code.imm[v.slot]
  if (name === 'tail_call' && map.type !== MAP_TYPE.progArray) throw invalid('expected prog array map for tail call')
  if (!takesMap(name, map.type) && !name.startsWith('timer_')) {
    throw invalid(`cannot pass map_type ${map.type} into func bpf_${name}#${id}`)
  }
}

/** A timer belongs to the map that it is initialized with. */
function checkTimer(_v: Verification, name: string, { timer, map }: CallFacts): void {
  if (name !== 'timer_init' || timer?.map === map) return
  throw invalid("timer pointer in R1 map_uid=0 doesn't match map pointer in R2 map_uid=0")
}

/** A reference is given back: whatever held it means nothing any more. */
function release(v: Verification, ref: number): void {
  const { stale } = v
  v.state.refs = v.state.refs.filter(({ id }) => id !== ref)
  removeObjects(v, ref)
  v.state.replaceAll((reg) => (reg.ref === ref || (isSocket(reg) && reg.parent === ref) ? stale : reg))
}

function acquire(v: Verification): number {
  const id = v.newId()
  v.state.refs = [...v.state.refs, { id, slot: v.slot }]
  return id
}

/** Bounds of what some helpers return: a size or an error, an index, a count. */
const RESULTS: Readonly<Record<string, Scalar>> = {
  get_smp_processor_id: bounded(0n, 0xffffn),
  loop: boundedSigned(-4095n, 1n << 23n),
  strncmp: boundedSigned(-(1n << 31n), (1n << 31n) - 1n),
}

function resultOf(v: Verification, name: string, prototype: Prototype, facts: CallFacts): Reg {
  switch (prototype.returns) {
    case 'void':
      return NONE
    case 'valueOrNull':
      return lookedUp(v, facts)
    case 'recordOrNull':
      return pointer('ringbuf_mem', { nullable: true, id: v.newId(), size: facts.reserved, ref: acquire(v) })
    case 'sockOrNull':
      return pointer('sock', { nullable: true, id: v.newId(), ...socketOf(v, prototype, facts) })
    case 'sockCommonOrNull':
      return pointer('sock_common', { nullable: true, id: v.newId(), ref: prototype.acquires ? acquire(v) : 0 })
    case 'tcpSockOrNull':
      return pointer('tcp_sock', { nullable: true, id: v.newId(), ...socketOf(v, prototype, facts) })
    case 'dynptrDataOrNull':
      return pointer('mem', slice(v, facts, false))
    case 'sliceOrNull':
      return pointer('mem', slice(v, facts, true))
    case 'writableSliceOrNull':
      return pointer('mem', slice(v, facts, facts.dynptr?.readonly ?? false))
    default:
      return RESULTS[name] ? number(RESULTS[name]) : UNKNOWN_SCALAR
  }
}

/** A socket that is held from now on, or goes with the one that it was made of. A listener is another one, and stays. */
const socketOf = (v: Verification, { acquires }: Prototype, { name, holder = 0 }: CallFacts): Partial<Reg> =>
  acquires ? { ref: acquire(v) } : { parent: name === 'get_listener_sock' ? 0 : holder }

/** Memory that a dynptr stands for, which goes when it goes. */
const slice = (v: Verification, { dynptr, reserved }: CallFacts, readonly: boolean): Partial<Reg> => ({
  nullable: true,
  id: v.newId(),
  size: reserved,
  readonly,
  parent: dynptr?.id ?? 0,
  kind: dynptr?.kind ?? '',
})

const ARRAYS: ReadonlySet<number> = new Set([MAP_TYPE.array, MAP_TYPE.percpuArray])

/** What a look-up gives: nothing is missing in an array at an index that is known to lie in it. */
function lookedUp(v: Verification, { map, key }: CallFacts): Reg {
  if (!map) return constant(0n)
  if (map.inner) return pointer('map_ptr', { nullable: true, id: v.newId(), map: map.inner })
  if (map.type === MAP_TYPE.xskmap) return pointer('xdp_sock', { nullable: true, id: v.newId() })
  const index = key && ARRAYS.has(map.type) ? constantOnStack(v, key) : undefined
  const there = index !== undefined && index < BigInt(map.maxEntries)
  return pointer('map_value', { nullable: !there, id: v.newId(), map })
}
