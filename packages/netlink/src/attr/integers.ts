import { type Data, DecodeError } from '../bytes/data.ts'
import type { Writer } from '../bytes/writer.ts'
import type { Codec } from './codec.ts'
import type { SignedType, UnsignedType } from './policy.ts'

const need = (start: number, end: number, size: number, kind: string): void => {
  if (end - start !== size) throw new DecodeError(start, `${kind} of ${end - start} bytes, expected ${size}`)
}
const outOfRange = (kind: string, n: number | bigint): never => {
  throw new RangeError(`${n} does not fit into ${kind}`)
}

const SIZES = { u8: 1, u16: 2, u32: 4, s8: 1, s16: 2, s32: 4 } as const

function small(kind: keyof typeof SIZES): Codec<number> {
  const size = SIZES[kind]
  const signed = kind.startsWith('s')
  const min = signed ? -(2 ** (8 * size - 1)) : 0
  const max = signed ? 2 ** (8 * size - 1) - 1 : 2 ** (8 * size) - 1
  return {
    kind,
    policy: { type: kind as UnsignedType | SignedType } as Codec<number>['policy'],
    encode(n: number, w: Writer) {
      if (!Number.isInteger(n) || n < min || n > max) outOfRange(kind, n)
      const at = w.reserve(size)
      if (size === 1) w.view.setUint8(at, n)
      else if (size === 2) w.view.setUint16(at, n, true)
      else w.view.setUint32(at, n, true)
    },
    decode(data: Data, start: number, end: number) {
      need(start, end, size, kind)
      if (size === 1) return signed ? data.view.getInt8(start) : data.bytes[start]
      if (size === 2) return signed ? data.view.getInt16(start, true) : data.view.getUint16(start, true)
      return signed ? data.view.getInt32(start, true) : data.view.getUint32(start, true)
    },
  }
}

export const u8 = small('u8')
export const u16 = small('u16')
export const u32 = small('u32')
export const s8 = small('s8')
export const s16 = small('s16')
export const s32 = small('s32')

export const u64: Codec<bigint> = {
  kind: 'u64',
  policy: { type: 'u64' },
  encode(n, w) {
    if (n < 0n || n >= 1n << 64n) outOfRange('u64', n)
    w.u64(n)
  },
  decode(data, start, end) {
    need(start, end, 8, 'u64')
    return data.u64(start)
  },
}

export const s64: Codec<bigint> = {
  kind: 's64',
  policy: { type: 's64' },
  encode(n, w) {
    if (n < -(1n << 63n) || n >= 1n << 63n) outOfRange('s64', n)
    w.u64(BigInt.asUintN(64, n))
  },
  decode(data, start, end) {
    need(start, end, 8, 's64')
    return data.s64(start)
  },
}

/** The largest number below 2^64. */
const MAX_UINT = 2 ** 64 - 2048

/** An unsigned number of 4 bytes, or of 8 if it needs them. Read as a number; beyond 2^53 it is rounded, but never up to 2^64. */
export const uint: Codec<number> = {
  kind: 'uint',
  policy: { type: 'uint' },
  encode(n, w) {
    if (!Number.isInteger(n) || n < 0 || n > MAX_UINT) outOfRange('uint', n)
    if (n <= 0xffff_ffff) w.u32(n)
    else w.u64(BigInt(n))
  },
  decode(data, start, end) {
    if (end - start === 4) return data.u32(start)
    need(start, end, 8, 'uint')
    return Math.min(Number(data.u64(start)), MAX_UINT)
  },
}
