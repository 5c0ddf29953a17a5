import { type Code, const64, opAt } from '../isa/code.ts'
import { SIZE } from '../isa/encoding.ts'
import { POISON_HELPER } from '../run/helper.ts'
import { CoreError } from './kinds.ts'

/** What an instruction has to say, and says now. */
export interface Patch {
  readonly slot: number
  readonly value: bigint
  /** What it has to say before; undefined if anything goes. */
  readonly before: bigint | undefined
  /** Bytes of the access from now on; undefined leaves them. */
  readonly bytes: number | undefined
}

const SIZES: Readonly<Record<number, number>> = { 1: SIZE.B, 2: SIZE.H, 4: SIZE.W, 8: SIZE.DW }
const SIZE_BITS = 0x18

/** Puts a call of a helper that nobody has where an instruction was: harmless in code that is never reached. */
export function poison(code: Code, slot: number): void {
  const slots = opAt(code, slot).kind === 'const' ? 2 : 1
  for (let at = slot; at < slot + slots; at++) {
    code.opcode[at] = 0x85
    code.dst[at] = 0
    code.src[at] = 0
    code.off[at] = 0
    code.imm[at] = POISON_HELPER
  }
}

/** Puts a value into an instruction: the immediate of ALU operations, the offset of accesses, a 64-bit number. */
export function patch(code: Code, { slot, value, before, bytes }: Patch): void {
  const op = opAt(code, slot)
  const expect = (now: bigint): void => {
    if (before !== undefined && now !== before) {
      throw new CoreError(`instruction ${slot} has ${now} where its own types say ${before}`, { code: 'EINVAL' })
    }
  }
  if (op.kind === 'alu' && op.operand === 'imm') {
    expect(BigInt(code.imm[slot]))
    code.imm[slot] = Number(BigInt.asIntN(32, value))
  } else if (op.kind === 'load' || op.kind === 'store') {
    expect(BigInt(code.off[slot]))
    if (value > 32767n)
      throw new CoreError(`offset ${value} is more than instruction ${slot} can hold`, { code: 'ERANGE' })
    code.off[slot] = Number(value)
    if (bytes !== undefined) resize(code, slot, bytes)
  } else if (op.kind === 'const' && op.pseudo === 'number') {
    expect(BigInt.asUintN(64, const64(code, slot)))
    code.imm[slot] = Number(BigInt.asIntN(32, value))
    code.imm[slot + 1] = Number(BigInt.asIntN(32, value >> 32n))
  } else throw new CoreError(`instruction ${slot} (${op.name}) cannot be relocated`, { code: 'EINVAL' })
}

function resize(code: Code, slot: number, bytes: number): void {
  const size = SIZES[bytes]
  if (size === undefined) throw new CoreError(`instruction ${slot} cannot access ${bytes} bytes`, { code: 'EINVAL' })
  code.opcode[slot] = (code.opcode[slot] & ~SIZE_BITS) | size
}
