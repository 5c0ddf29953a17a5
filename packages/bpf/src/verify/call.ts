import { helperName } from '../helpers/names.ts'
import { MAP_TYPE } from '../syscall/numbers.ts'
import { type CallFacts, checkArguments } from './arguments.ts'
import { takesMap } from './map-use.ts'
import type { Prototype } from './prototype.ts'
import { EINVAL, ENOTSUPP, invalid, Refusal } from './refusal.ts'
import { constant, NONE, number, pointer, type Reg, UNKNOWN_SCALAR } from './reg.ts'
import { bounded, boundedSigned } from './scalar.ts'
import { constantOnStack } from './stack-access.ts'
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

/** A call of a helper: what it may be given and what it gives. Callbacks are the caller's business. */
export function callHelper(v: Verification, id: number): CallFacts {
  const { name, prototype } = prototypeAt(v, id)
  v.helperName = name
  const facts = checkArguments(v, prototype)
  const { map } = facts
  if (map && name === 'tail_call' && map.type !== MAP_TYPE.progArray)
    throw invalid('expected prog array map for tail call')
  if (map && !takesMap(name, map.type)) throw invalid(`cannot pass map_type ${map.type} into func bpf_${name}#${id}`)
  if (name === 'timer_init' || name === 'timer_set_callback') throw new Refusal(ENOTSUPP, 'timers are not supported')
  if (facts.released !== 0) release(v, facts.released)
  const result = resultOf(v, name, prototype, facts)
  for (let r = 1; r <= 5; r++) v.regs[r] = NONE
  v.regs[0] = result
  if (prototype.movesPacket) v.state.forgetPacket(stale(v))
  return facts
}

/** What is left of a pointer that means nothing any more: a number, for those who may know it. */
const stale = (v: Verification): Reg => (v.privileged ? UNKNOWN_SCALAR : NONE)

/** A reference is given back: whatever held it means nothing any more. */
function release(v: Verification, ref: number): void {
  const rest = stale(v)
  v.state.refs = v.state.refs.filter(({ id }) => id !== ref)
  v.state.replaceAll((reg) => (reg.ref === ref ? rest : reg))
}

function acquire(v: Verification): number {
  const id = v.newId()
  v.state.refs = [...v.state.refs, { id, slot: v.slot }]
  return id
}

/** Bounds of what some helpers return: a size or an error, an index, a count. */
const RESULTS: Readonly<Record<string, Reg>> = {
  get_smp_processor_id: number(bounded(0n, 0xffffn)),
  loop: number(boundedSigned(-4095n, 1n << 23n)),
  strncmp: number(boundedSigned(-(1n << 31n), (1n << 31n) - 1n)),
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
      return pointer('sock', { nullable: true, id: v.newId(), ref: prototype.acquires ? acquire(v) : 0 })
    case 'sockCommonOrNull':
      return pointer('sock_common', { nullable: true, id: v.newId(), ref: prototype.acquires ? acquire(v) : 0 })
    case 'tcpSockOrNull':
      return pointer('tcp_sock', { nullable: true, id: v.newId() })
    default:
      return RESULTS[name] ?? UNKNOWN_SCALAR
  }
}

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
