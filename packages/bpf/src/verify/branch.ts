import type { Branch, Condition } from '../isa/op.ts'
import { compute } from './compute.ts'
import { assume } from './condition.ts'
import { intersect, lowHalfIs } from './ranges.ts'
import { constant, isNumber, isPacket, isPointer, isZero, number, type Reg } from './reg.ts'
import { PACKET_LIMIT } from './region.ts'
import { isHalf, known, type Scalar } from './scalar.ts'
import type { State } from './state.ts'
import { Trace } from './trace.ts'
import type { Verification } from './verification.ts'

/** What is known on either side of a conditional jump; a side that cannot be taken is undefined. */
export interface Sides {
  readonly taken: State | undefined
  readonly passed: State | undefined
}

/** Works out both sides. The given state becomes one of them. */
export function branch(v: Verification, op: Branch): Sides {
  const { code, slot, state } = v
  const dst = code.dst[slot]
  const src = op.operand === 'reg' ? code.src[slot] : -1
  const a = v.read(dst)
  const b = src >= 0 ? v.read(src) : v.immediate
  if (isNumber(a) && isNumber(b)) return numbers(v, op, dst, src, a, b)
  if (op.width === 64 && (isZero(a) || isZero(b))) {
    a.trace?.demand()
    b.trace?.demand()
    if (a.nullable) return nullTest(op.condition, state, a)
    if (b.nullable) return nullTest(op.condition, state, b)
    if (isPointer(a)) return notNull(op.condition, state)
  }
  const passed = state.copy()
  if (isPacket(a) && isPacket(b) && op.width === 64) comparePacket(op.condition, a, b, state, passed)
  else {
    const shown = isPointer(b) ? src : dst
    v.keepSecret(shown, `R${shown} pointer comparison prohibited`)
  }
  return { taken: state, passed }
}

function numbers(v: Verification, op: Branch, dst: number, src: number, a: Reg, b: Reg): Sides {
  const { state } = v
  const sideOf = (holds: boolean) =>
    dst === src ? self(op, a.scalar, holds) : assume(op.condition, op.width, a.scalar, b.scalar, holds)
  const yes = sideOf(true)
  const no = sideOf(false)
  if (!yes || !no) {
    v.need(dst)
    if (src >= 0) v.need(src)
    // Not even one: it stands on what cannot be, and is not followed further.
    return { taken: yes ? state : undefined, passed: no ? state : undefined }
  }
  const passed = state.copy()
  // What is learnt of one rests on the other.
  const test = new Trace(a.trace, b.trace)
  learn(state, dst, a, yes[0], test)
  learn(passed, dst, a, no[0], test)
  if (src >= 0 && src !== dst) {
    learn(state, src, b, yes[1], test)
    learn(passed, src, b, no[1], test)
  }
  return { taken: state, passed }
}

/** A register compared with itself. */
function self(op: Branch, s: Scalar, holds: boolean) {
  const alike: ReadonlySet<Condition> = new Set(['eq', 'ge', 'le', 'sge', 'sle'])
  if (op.condition === 'set') return assume('ne', op.width, s, known(0n), holds)
  return alike.has(op.condition) === holds ? ([s, s] as const) : undefined
}

/** More is known of a number, and of all that are the same. */
function learn(state: State, r: number, old: Reg, scalar: Scalar, test: Trace): void {
  if (scalar === old.scalar) return
  const { id, delta, isHalf } = old
  if (id === 0) {
    state.regs[r] = number(scalar, 0, 0, test)
    return
  }
  state.replaceAll((reg) => {
    if (reg.id !== id || !isNumber(reg)) return reg
    const trace = new Trace(reg.trace, test)
    const isSame = reg.delta === delta && reg.isHalf === isHalf
    return { ...reg, trace, scalar: isSame ? scalar : apart(reg, scalar, reg.delta - delta, isHalf) }
  })
}

/** What a number is that is `delta` more than another of which something was learnt. */
function apart({ scalar, isHalf: isLow }: Reg, other: Scalar, delta: number, otherIsHalf: boolean): Scalar {
  if (isLow || otherIsHalf) {
    const low = compute('add', 32, other, known(BigInt(delta)))
    return (isHalf(scalar) ? intersect(scalar, low) : lowHalfIs(scalar, low)) ?? scalar
  }
  const moved = compute('add', 64, other, known(BigInt(delta)))
  return intersect(scalar, moved) ?? moved
}

/** Pointers that are what one of the same id is: null, or not. */
function nullTest(condition: Condition, state: State, { id, ref }: Reg): Sides {
  if (condition !== 'eq' && condition !== 'ne') return { taken: state, passed: state.copy() }
  const isNull = state.copy()
  isNull.replaceAll((reg) => (reg.id === id && reg.nullable ? constant(0n) : reg))
  // Nothing was given, so that nothing has to be released.
  if (ref !== 0) isNull.refs = isNull.refs.filter((r) => r.id !== ref)
  state.replaceAll((reg) => (reg.id === id && reg.nullable ? { ...reg, nullable: false, id: keptId(reg) } : reg))
  return condition === 'eq' ? { taken: isNull, passed: state } : { taken: state, passed: isNull }
}

/** Values of maps keep their id: a lock belongs to one of them. */
const keptId = (reg: Reg): number => (reg.type === 'map_value' ? reg.id : 0)

function notNull(condition: Condition, state: State): Sides {
  if (condition === 'eq') return { taken: undefined, passed: state }
  if (condition === 'ne') return { taken: state, passed: undefined }
  return { taken: state, passed: state.copy() }
}

/** On which side of `pointer CONDITION end` the pointer is known not to lie behind the end, and whether it lies before it. */
const INSIDE: Partial<Record<Condition, readonly ['taken' | 'passed', boolean]>> = {
  gt: ['passed', false],
  lt: ['taken', true],
  ge: ['passed', true],
  le: ['taken', false],
}
const MIRROR: Partial<Record<Condition, Condition>> = { gt: 'lt', lt: 'gt', ge: 'le', le: 'ge' }

/** A pointer into the packet, or into what lies before it, was compared with where that ends. */
function comparePacket(condition: Condition, a: Reg, b: Reg, taken: State, passed: State): void {
  const forward = isEndOf(a, b)
  if (!forward && !isEndOf(b, a)) return
  const inside = INSIDE[forward ? condition : (MIRROR[condition] ?? condition)]
  if (!inside) return
  const [side, before] = inside
  within(side === 'taken' ? taken : passed, forward ? a : b, before)
}

const isEndOf = (pointer: Reg, end: Reg): boolean =>
  (pointer.type === 'pkt' && end.type === 'pkt_end') ||
  (pointer.type === 'pkt_meta' && end.type === 'pkt' && end.off === 0 && end.id === 0 && end.scalar.umax === 0n)

function within(state: State, pointer: Reg, before: boolean): void {
  if (pointer.off < 0 || (pointer.off === 0 && before)) return
  if (pointer.scalar.umax + BigInt(pointer.off) > BigInt(PACKET_LIMIT)) return
  const range = pointer.off + (before ? 1 : 0)
  const { type, id } = pointer
  state.replaceAll((reg) => (reg.type === type && reg.id === id && reg.range < range ? { ...reg, range } : reg))
}
