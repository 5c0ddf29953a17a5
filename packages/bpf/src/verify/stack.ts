import { NONE, type Reg } from './reg.ts'

/** What a byte of the stack holds. */
export const BYTE = { invalid: 0, misc: 1, zero: 2, spill: 3 } as const

/** Eight bytes of a frame. Never changed, only replaced. */
export interface Slot {
  /** BYTE of each byte, two bits each, lowest address first. */
  readonly kinds: number
  /** The register whose eight (or lower four) bytes lie here, if any byte is `spill`. */
  readonly reg: Reg
}

export const FRAME_SLOTS = 64

export const EMPTY: Slot = { kinds: 0, reg: NONE }

/** All bytes alike. */
export const filled = (kind: number): Slot => ({ kinds: kind * 0x5555, reg: NONE })
export const spilled = (reg: Reg, bytes: 4 | 8): Slot => ({
  kinds: bytes === 8 ? 0xffff : 0xff | (BYTE.misc * 0x5500),
  reg,
})

export const kindOf = (slot: Slot, byte: number): number => (slot.kinds >> (byte * 2)) & 3

/** Whether a register lies here in whole, or in its lower half. */
export const isSpill = (slot: Slot): boolean => (slot.kinds & 3) === BYTE.spill
export const isWholeSpill = (slot: Slot): boolean => slot.kinds === 0xffff

/** Some bytes become another kind. What is left of a register is bytes of which nothing is known. */
export function withBytes(slot: Slot, from: number, count: number, kind: number): Slot {
  let kinds = slot.kinds
  if (isSpill(slot)) {
    for (let byte = 0; byte < 8; byte++) {
      if (((kinds >> (byte * 2)) & 3) === BYTE.spill) kinds = put(kinds, byte, BYTE.misc)
    }
  }
  for (let byte = from; byte < from + count; byte++) kinds = put(kinds, byte, kind)
  return { kinds, reg: NONE }
}

const put = (kinds: number, byte: number, kind: number): number => (kinds & ~(3 << (byte * 2))) | (kind << (byte * 2))
