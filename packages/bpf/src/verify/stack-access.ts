import { compute } from './compute.ts'
import { varOff } from './log.ts'
import { ofBytes, truncated } from './ranges.ts'
import { denied, EACCES, EINVAL, Refusal } from './refusal.ts'
import { constant, derived, isNumber, number, type Reg } from './reg.ts'
import { isKnown, known } from './scalar.ts'
import { BYTE, FRAME_SLOTS, filled, isSpill, isWholeSpill, kindOf, spilled, withBytes } from './stack.ts'
import { isStackObject, overwrite } from './stack-object.ts'
import type { Frame } from './state.ts'
import type { Verification } from './verification.ts'

export const stackBytes = FRAME_SLOTS * 8

/** Lowest and highest offset from fp that an access can begin at. */
function reach(
  v: Verification,
  reg: Reg,
  r: number,
  off: number,
  size: number,
  kind: 'read' | 'write',
): readonly [number, number] {
  const { smin, smax } = reg.scalar
  const where = kind === 'read' ? 'read from' : 'write to'
  const exact = isKnown(reg.scalar)
  if (!exact) {
    if (!v.privileged) throw denied(`R${r} variable stack access prohibited for !root, ${varOff(reg.scalar)}`)
    if (smin < -(1n << 29n) || smax > 1n << 29n) throw denied(`invalid unbounded variable-offset ${where} stack R${r}`)
  }
  const low = smin + BigInt(reg.off + off)
  const high = smax + BigInt(reg.off + off)
  if (low < -BigInt(stackBytes) || high + BigInt(size) > 0n) {
    // What begins in the stack (that may be read) but ends behind it is another error than what begins elsewhere.
    const bytes = v.privileged || kind === 'write' ? stackBytes : 8 * v.state.frames[reg.frame].stack.length
    const errno = low < -BigInt(bytes) || low >= 0n ? EACCES : EINVAL
    if (exact) throw new Refusal(errno, `invalid ${where} stack R${r} off=${low} size=${size}`)
    const at = varOff(compute('add', 64, reg.scalar, known(reg.off)))
    throw new Refusal(errno, `invalid variable-offset ${where} stack R${r} ${at} off=${off} size=${size}`)
  }
  v.useStack(v.state.frames[reg.frame], Number(low))
  return [Number(low), Number(high)]
}

/** Bit set of the slots that bytes from `low` to before `end` lie in. */
function slotSet(low: number, end: number): bigint {
  let set = 0n
  for (let slot = slotAt(end - 1); slot <= slotAt(low); slot++) set |= 1n << BigInt(slot)
  return set
}

export const slotAt = (off: number): number => (-off - 1) >> 3
/** Byte of its slot that lies at an offset from fp. */
const byteAt = (off: number): number => 7 - ((-off - 1) & 7)

/** What lies on the stack. */
export function readStack(v: Verification, reg: Reg, r: number, off: number, size: number): Reg {
  const [low, high] = reach(v, reg, r, off, size, 'read')
  const frame = v.state.frames[reg.frame]
  v.readSlots(reg.frame, slotSet(low, high + size))
  if (low !== high) {
    checkInitialized(v, frame, low, high + size, r)
    return number(ofBytes(size))
  }
  const slot = frame.slot(slotAt(low))
  const byte = byteAt(low)
  if (holdsObject(frame, low, high + size)) throw denied(`invalid read from stack off ${low}+0 size ${size}`)
  if (byte === 0 && isWholeSpill(slot) && size === 8) return slot.reg
  if (byte + size > 8) {
    checkInitialized(v, frame, low, low + size, r)
    return number(ofBytes(size))
  }
  if (isSpill(slot) && kindOf(slot, byte) === BYTE.spill) {
    if (!isNumber(slot.reg)) throw denied('invalid size of register fill')
    if (byte === 0 && size < 8 && kindOf(slot, size - 1) === BYTE.spill) {
      return derived(truncated(slot.reg.scalar, (size * 8) as 8 | 16 | 32), slot.reg)
    }
    return number(ofBytes(size))
  }
  checkInitialized(v, frame, low, low + size, r)
  for (let i = byte; i < byte + size; i++) if (kindOf(slot, i) !== BYTE.zero) return number(ofBytes(size))
  return constant(0n)
}

/** Whether a dynptr or an iterator lies in these bytes. */
function holdsObject(frame: Frame, low: number, end: number): boolean {
  for (let slot = slotAt(end - 1); slot <= slotAt(low); slot++) if (isStackObject(frame.slot(slot).reg)) return true
  return false
}

/** Only those who may read anything may read what was never written. */
function checkInitialized(v: Verification, frame: Frame, low: number, end: number, r: number): void {
  if (v.privileged) return
  for (let at = low; at < end; at++) {
    if (kindOf(frame.slot(slotAt(at)), byteAt(at)) === BYTE.invalid) {
      throw new Refusal(EACCES, `invalid read from stack R${r} off=${low} size=${end - low}`)
    }
  }
}

export function writeStack(v: Verification, reg: Reg, r: number, off: number, size: number, value: Reg): void {
  const [low, high] = reach(v, reg, r, off, size, 'write')
  const frame = v.state.frames[reg.frame]
  const { stack } = frame
  for (let n = slotAt(high + size - 1); n <= slotAt(low); n++) overwrite(v, frame, n)
  if (low !== high) {
    scribble(v, reg.frame, low, high + size)
    return
  }
  const slot = slotAt(low)
  const byte = byteAt(low)
  if (byte === 0 && size === 8) {
    v.writeSlots(reg.frame, 1n << BigInt(slot))
    stack[slot] = spilled(value, 8)
  } else if (byte === 0 && size === 4 && isNumber(value)) {
    stack[slot] = spilled(derived(truncated(value.scalar, 32), value), 4)
  } else {
    if (!v.privileged && !isNumber(value)) throw denied('invalid size of register spill')
    const zero = isNumber(value) && isKnown(value.scalar) && value.scalar.umin === 0n
    if (zero) value.trace?.demand()
    putBytes(v, reg.frame, low, low + size, zero ? BYTE.zero : BYTE.misc)
  }
}

function putBytes(v: Verification, depth: number, low: number, end: number, kind: number): void {
  const frame = v.state.frames[depth]
  for (let at = low; at < end; ) {
    const slot = slotAt(at)
    const byte = byteAt(at)
    const count = Math.min(8 - byte, end - at)
    if (count === 8) {
      v.writeSlots(depth, 1n << BigInt(slot))
      frame.stack[slot] = filled(kind)
    } else frame.stack[slot] = withBytes(frame.slot(slot), byte, count, kind)
    at += count
  }
}

/** Something is written there, nobody knows where exactly: what was in these bytes may be there still. */
function scribble(v: Verification, depth: number, low: number, end: number): void {
  const frame = v.state.frames[depth]
  for (let at = low; at < end; at++) {
    const slot = slotAt(at)
    frame.stack[slot] = withBytes(frame.slot(slot), byteAt(at), 1, BYTE.misc)
  }
  v.readSlots(depth, slotSet(low, end))
}

/** What a helper does with memory: reads it, writes all of it, or writes nobody knows how much, so that the rest is as it was. */
export type MemoryUse = 'read' | 'write' | 'overwrite'

/** A helper uses memory on the stack, up to `size` bytes. */
export function passStack(v: Verification, reg: Reg, r: number, size: number, use: MemoryUse): void {
  if (size === 0) return
  const writes = use !== 'read'
  const [low, high] = reach(v, reg, r, 0, size, writes ? 'write' : 'read')
  const end = high + size
  if (holdsObject(v.state.frames[reg.frame], low, end)) {
    const frame = v.state.frames[reg.frame]
    if (!writes) throw denied(`invalid read from stack R${r} off ${low}+0 size ${size}`)
    for (let n = slotAt(end - 1); n <= slotAt(low); n++) overwrite(v, frame, n)
  }
  if (use !== 'write') {
    checkInitialized(v, v.state.frames[reg.frame], low, end, r)
    v.readSlots(reg.frame, slotSet(low, end))
  }
  if (!writes) return
  if (low === high) putBytes(v, reg.frame, low, end, BYTE.misc)
  else scribble(v, reg.frame, low, end)
}

/** The number in four bytes of the stack, if it is known; what rests on it is asked for. */
export function constantOnStack(v: Verification, reg: Reg): bigint | undefined {
  if (reg.type !== 'fp' || !isKnown(reg.scalar)) return undefined
  const at = reg.off + Number(reg.scalar.smin)
  if (at < -stackBytes || at + 4 > 0) return undefined
  const value = readStack(v, reg, 0, 0, 4)
  if (!isNumber(value) || !isKnown(value.scalar)) return undefined
  value.trace?.demand()
  return value.scalar.umin
}
