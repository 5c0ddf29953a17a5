import { SLOT_BYTES } from './encoding.ts'
import { IsaError } from './error.ts'
import { identify } from './identify.ts'
import type { Op } from './op.ts'
import { OPS, SECOND } from './table.ts'

/**
 * Decoded instructions as parallel arrays. Index = slot number = byte offset / 8, so jump distances, line info and func info
 * all count in it; an LD_IMM64 takes two slots, the second with `op` = `SECOND`.
 *
 * The five fields are exactly those of the bytes: decoding and encoding lose nothing, unknown opcodes included. `op` is
 * derived: the row of the opcode table. Who changes a field of a slot calls `refresh` for it.
 */
export interface Code {
  /** Number of slots. */
  readonly length: number
  /** Index in `OPS`; 0 (`INVALID`) where no row fits. */
  readonly op: Uint16Array
  readonly opcode: Uint8Array
  /** 0 to 15 as encoded; valid rows name 0 to 10, or 11 as the base of argument passing. */
  readonly dst: Uint8Array
  readonly src: Uint8Array
  readonly off: Int16Array
  readonly imm: Int32Array
}

/** Code of `length` slots, all invalid (zero). */
export function emptyCode(length: number): Code {
  return {
    length,
    op: new Uint16Array(length),
    opcode: new Uint8Array(length),
    dst: new Uint8Array(length),
    src: new Uint8Array(length),
    off: new Int16Array(length),
    imm: new Int32Array(length),
  }
}

/** Codes one behind the other. */
export function concatenate(parts: readonly Code[]): Code {
  const code = emptyCode(parts.reduce((sum, { length }) => sum + length, 0))
  let start = 0
  for (const part of parts) {
    for (const field of ['opcode', 'dst', 'src', 'off', 'imm'] as const) code[field].set(part[field], start)
    start += part.length
  }
  identifyAll(code)
  return code
}

/** Reads little-endian instructions. Throws an IsaError if the length is not a multiple of 8; nothing else is wrong here. */
export function decode(bytes: Uint8Array): Code {
  if (bytes.length % SLOT_BYTES !== 0) {
    const offset = bytes.length - (bytes.length % SLOT_BYTES)
    throw new IsaError(`length ${bytes.length} is not a multiple of ${SLOT_BYTES}; the last instruction is cut`, offset)
  }
  const code = emptyCode(bytes.length / SLOT_BYTES)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let slot = 0; slot < code.length; slot++) {
    const at = slot * SLOT_BYTES
    code.opcode[slot] = view.getUint8(at)
    code.dst[slot] = view.getUint8(at + 1) & 15
    code.src[slot] = view.getUint8(at + 1) >> 4
    code.off[slot] = view.getInt16(at + 2, true)
    code.imm[slot] = view.getInt32(at + 4, true)
  }
  identifyAll(code)
  return code
}

/** The bytes of instructions, little-endian. The inverse of `decode`. */
export function encode(code: Code): Uint8Array {
  const bytes = new Uint8Array(code.length * SLOT_BYTES)
  const view = new DataView(bytes.buffer)
  for (let slot = 0; slot < code.length; slot++) {
    const at = slot * SLOT_BYTES
    view.setUint8(at, code.opcode[slot])
    view.setUint8(at + 1, (code.src[slot] << 4) | code.dst[slot])
    view.setInt16(at + 2, code.off[slot], true)
    view.setInt32(at + 4, code.imm[slot], true)
  }
  return bytes
}

/** Finds the row of every slot again, after fields were changed. */
export function identifyAll(code: Code): void {
  for (let slot = 0; slot < code.length; slot++) {
    const op = identify(code.opcode[slot], code.dst[slot], code.src[slot], code.off[slot], code.imm[slot])
    code.op[slot] = op
    const { kind, fields } = OPS[op]
    if (kind !== 'const') continue
    if (isSecond(code, slot + 1, fields.high)) code.op[++slot] = SECOND
    else code.op[slot] = 0
  }
}

/** Whether a slot can be the second of an LD_IMM64: everything is zero but the immediate, if that has a meaning. */
function isSecond(code: Code, slot: number, high: boolean | undefined): boolean {
  if (slot >= code.length || (code.imm[slot] !== 0 && !high)) return false
  return !(code.opcode[slot] | code.dst[slot] | code.src[slot] | code.off[slot])
}

/** The row of a slot. */
export const opAt = (code: Code, slot: number): Op => OPS[code.op[slot]]

/** The 64 bits of the LD_IMM64 at `slot`, unsigned. */
export const const64 = (code: Code, slot: number): bigint =>
  (BigInt(code.imm[slot + 1] >>> 0) << 32n) | BigInt(code.imm[slot] >>> 0)

/** Where the jump or subprogram call at `slot` goes: a slot number, which may lie outside the code; -1 if it is none. */
export function jumpTarget(code: Code, slot: number): number {
  const op = opAt(code, slot)
  if (op.fields.off === 'jump') return slot + 1 + code.off[slot]
  if (op.fields.imm === 'jump') return slot + 1 + code.imm[slot]
  if (op.kind === 'call' && op.callee === 'subprogram') return slot + 1 + code.imm[slot]
  if (op.kind === 'const' && op.pseudo === 'function') return slot + 1 + code.imm[slot]
  return -1
}
