/** A frame as filters look at it: bytes of an array, from its Ethernet header on. */
export interface Frame {
  u8: Uint8Array
  /** Where it begins in there. */
  at: number
  /** Bytes that are there. */
  captured: number
  /** Bytes that it had on the wire. */
  length: number
}

/** What a test finds; a frame that ends before what is looked at is not matched, whatever else is asked of it. */
export const NO = 0
export const YES = 1
export const CUT = -1
export type Found = typeof NO | typeof YES | typeof CUT
export type Test = (frame: Frame) => Found

/** A number of a frame, unsigned; CUT if the frame ends before. */
export type Value = (frame: Frame) => number

export function load({ u8, at, captured }: Frame, offset: number, size: number): number {
  if (offset + size > captured) return CUT
  let value = 0
  for (let i = 0; i < size; i++) value = value * 256 + u8[at + offset + i]
  return value
}

/** Both; the second is not looked at if the first is not so. */
export const both =
  (a: Test, b: Test): Test =>
  (frame) => {
    const first = a(frame)
    return first === YES ? b(frame) : first
  }

export const either =
  (a: Test, b: Test): Test =>
  (frame) => {
    const first = a(frame)
    return first === NO ? b(frame) : first
  }

export const not =
  (a: Test): Test =>
  (frame) => {
    const found = a(frame)
    return found === CUT ? CUT : found === YES ? NO : YES
  }

export const all = (tests: readonly Test[]): Test => tests.reduce(both)
export const any = (tests: readonly Test[]): Test => tests.reduce(either)

/** Whether `size` bytes at an offset, under a mask, are a number. */
export const equals =
  (offset: number, size: 1 | 2 | 4, value: number, mask = 0xffff_ffff): Test =>
  (frame) => {
    const word = load(frame, offset, size)
    if (word === CUT) return CUT
    return (word & mask) === (value & mask) ? YES : NO
  }
