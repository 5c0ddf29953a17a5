import { MAP_FLAG } from '../syscall/numbers.ts'
import { checkAlignment } from './access.ts'
import { checkObject } from './object-arguments.ts'
import { ANY_MEMORY, checkContext, passMemory, pointsAtBytes } from './pass-memory.ts'
import type { ArgKind, Prototype } from './prototype.ts'
import { denied, invalid, mismatch } from './refusal.ts'
import { isNumber, isSocket, isZero, type MapFacts, type Reg } from './reg.ts'
import { OFFSET_LIMIT } from './region.ts'
import { isKnown } from './scalar.ts'
import { specialAt, useLock } from './special.ts'
import type { Place } from './stack-object.ts'
import type { Verification } from './verification.ts'

/** What the arguments of a call said that its result depends on. */
export interface CallFacts {
  /** Of what is called. */
  readonly name: string
  readonly prototype: Prototype
  map?: MapFacts
  /** The map's register, as it was. */
  mapReg?: Reg
  key?: Reg
  /** Bytes that are reserved. */
  reserved: number
  /** Reference that is given back. */
  released: number
  /** Reference that a socket belongs to. */
  holder?: number
  /** Slot at which the callback starts, and what it is handed. */
  callback: number
  callbackContext?: Reg
  /** The dynptr and the timer that it is about, and the iterator with its place. */
  dynptr?: Reg
  timer?: Reg
  iterator?: Reg
  place?: Place
  movesPacket?: boolean
}

/** Checks the arguments of a helper, in order, and does to the stack what it does. */
export function checkArguments(v: Verification, name: string, prototype: Prototype): CallFacts {
  const facts: CallFacts = { name, prototype, reserved: 0, released: 0, callback: -1 }
  for (const [i, kind] of prototype.args.entries()) {
    const r = i + 1
    checkArgument(v, kind, r, v.read(r), facts)
  }
  return facts
}

/** Whether it is a function of the kernel that is called: names of helpers have no prefix. */
const isFunction = ({ name }: CallFacts): boolean => name.startsWith('bpf_')

/** Whether null is passed, which rests on the number. */
function isNull(v: Verification, r: number, reg: Reg): boolean {
  if (!isZero(reg)) return false
  v.need(r)
  return true
}

/** Types that a kind of argument takes as they are. */
const MEMORY: ReadonlySet<ArgKind> = new Set([
  ...(['key', 'value', 'newValue', 'mem', 'memOrNull', 'newMem', 'long', 'int'] as const),
  ...(['ipv4Header', 'ipv6Header', 'tcpHeader'] as const),
])

function checkArgument(v: Verification, kind: ArgKind, r: number, reg: Reg, facts: CallFacts): void {
  switch (kind) {
    case 'any':
      v.keepSecret(r, `R${r} leaks addr into helper function`)
      return
    case 'scalar':
      if (!isNumber(reg)) throw isFunction(facts) ? invalid(`R${r} is not a scalar`) : mismatch(r, reg, 'scalar')
      return
    case 'ctxOrNull':
      if (isNull(v, r, reg)) return
      checkContext(r, reg)
      return
    case 'ctx':
      checkContext(r, reg)
      return
    case 'map':
      if (reg.type !== 'map_ptr' || reg.nullable || !reg.map) throw mismatch(r, reg, 'map_ptr')
      facts.map = reg.map
      facts.mapReg = reg
      return
    case 'size':
    case 'sizeOrZero':
      checkSize(v, r, reg, kind === 'sizeOrZero')
      passSized(v, r, reg, facts)
      return
    case 'reserve':
      if (!isNumber(reg) || !isKnown(reg.scalar)) throw invalid(`R${r} is not a const`)
      v.need(r)
      facts.reserved = Number(reg.scalar.umax)
      return
    case 'func':
      if (reg.type !== 'func') throw mismatch(r, reg, 'func')
      facts.callback = reg.frame
      return
    case 'callbackContext':
      if (reg.type !== 'fp' && !isNull(v, r, reg)) throw mismatch(r, reg, 'fp')
      facts.callbackContext = reg
      return
    case 'sockOrNull':
      if (isNull(v, r, reg)) return
      checkOwned(r, reg, 'sock', facts)
      return
    case 'initialValue':
      if (isNull(v, r, reg)) return
      checkMemory(v, 'value', r, reg, facts)
      return
    case 'sock':
    case 'owned':
      checkOwned(r, reg, kind, facts)
      return
    case 'record':
      if (reg.type !== 'ringbuf_mem' || reg.nullable) throw mismatch(r, reg, 'ringbuf_mem')
      if (reg.off !== 0)
        throw invalid(`R${r} must have zero offset when passed to release func or trusted arg to kfunc`)
      facts.released = reg.ref
      return
    case 'lock':
      if (reg.type !== 'map_value' || reg.nullable) throw mismatch(r, reg, 'map_value, ptr_')
      useLock(v, r, reg, facts.name === 'spin_lock')
      return
    case 'timer':
      if (reg.type !== 'map_value' || reg.nullable) throw mismatch(r, reg, 'map_value')
      specialAt(r, reg, 'bpf_timer')
      facts.timer = reg
      return
    case 'sliceSize':
      if (!isNumber(reg) || !isKnown(reg.scalar)) throw invalid(`R${r} is not a known constant'`)
      v.need(r)
      facts.reserved = Number(reg.scalar.umax)
      return
    case 'text':
      checkText(r, reg)
      return
    default:
      if (MEMORY.has(kind)) checkMemory(v, kind, r, reg, facts)
      else checkObject(v, kind, r, reg, facts)
  }
}

/** Types of which the log says that they were expected. */
const SOCKETS = 'sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_'

function checkOwned(r: number, reg: Reg, kind: 'sock' | 'owned', facts: CallFacts): void {
  if (!isSocket(reg) || reg.nullable) throw mismatch(r, reg, SOCKETS)
  facts.holder = reg.ref || reg.parent
  if (kind === 'sock') return
  // What was made of the socket that is held stands for it.
  facts.released = reg.ref || reg.parent
  if (facts.released === 0) throw invalid(`release helper expects referenced R${r}`)
}

/** Text that never changes and ends with a NUL. */
function checkText(r: number, reg: Reg): void {
  const { map } = reg
  if (reg.type !== 'map_value' || !map) throw mismatch(r, reg, 'map_value')
  if ((map.flags & MAP_FLAG.rdonlyProg) === 0 || !map.constants) throw denied(`R${r} does not point to a readonly map'`)
  if (!isKnown(reg.scalar)) throw denied(`R${r} is not a constant address'`)
  const at = reg.off + Number(reg.scalar.smin)
  if (!map.constants.subarray(at).includes(0)) throw invalid('string is not zero-terminated')
}

/** A number of bytes. What it counts lies in the register before. */
function checkSize(v: Verification, r: number, reg: Reg, mayBeZero: boolean): void {
  if (!isNumber(reg)) throw mismatch(r, reg, 'scalar')
  v.need(r)
  const { smin, umin, umax } = reg.scalar
  if (smin < 0n) throw denied(`R${r} min value is negative, either use unsigned or 'var &= const'`)
  if (umin === 0n && !mayBeZero) throw denied(`R${r} invalid zero-sized read: u64=[${umin},${umax}]`)
  if (umax >= BigInt(OFFSET_LIMIT)) {
    throw denied(`R${r} unbounded memory access, use 'var &= const' or 'if (var < const)'`)
  }
}

/** How the memory in the register before a size is used, by the kind of that argument. */
function passSized(v: Verification, r: number, size: Reg, { prototype }: CallFacts): void {
  const at = r - 1
  const kind = prototype.args[at - 1]
  const reg = v.regs[at]
  if (kind === 'memOrNull' && isNull(v, at, reg)) {
    if (size.scalar.umax !== 0n) throw denied(`R${at} type=scalar expected=fp`)
    return
  }
  const use = kind !== 'newMem' ? 'read' : isKnown(size.scalar) ? 'write' : 'overwrite'
  passMemory(v, at, reg, Number(size.scalar.umax), use)
}

function checkMemory(v: Verification, kind: ArgKind, r: number, reg: Reg, facts: CallFacts): void {
  if (kind === 'mem' || kind === 'memOrNull' || kind === 'newMem') {
    // Its size follows: then it is looked at.
    if (kind === 'memOrNull' && isNull(v, r, reg)) return
    if (!pointsAtBytes(reg)) throw mismatch(r, reg, ANY_MEMORY)
    return
  }
  if (kind === 'key') facts.key = reg
  const size = {
    key: facts.map?.keySize,
    value: facts.map?.valueSize,
    newValue: facts.map?.valueSize,
    long: 8,
    int: 4,
    ipv4Header: 20,
    ipv6Header: 40,
    tcpHeader: 20,
  }[kind as 'key' | 'value' | 'newValue' | 'long' | 'int' | 'ipv4Header' | 'ipv6Header' | 'tcpHeader']
  if (size === 0) throw denied('invalid zero-sized read')
  if (kind === 'long' || kind === 'int') checkAlignment(v, reg, { r, off: 0, size: size ?? 0 }, false)
  const writes = kind === 'newValue' || kind === 'long' || kind === 'int'
  passMemory(v, r, reg, size ?? 0, writes ? 'write' : 'read')
}
