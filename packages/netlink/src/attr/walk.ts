import { type Data, DecodeError } from '../bytes/data.ts'

/** The 14 bits of an attribute's type that are its id. */
export const ID_MASK = 0x3fff
export const NLA_F_NESTED = 0x8000

/** The length, header included, of the attribute at `at`; throws DecodeError where it does not fit. */
export function attrLength(data: Data, at: number, end: number, where: string): number {
  if (end - at < 4) throw new DecodeError(at, `${end - at} bytes left over after the attributes of ${where}`)
  const length = data.u16(at)
  if (length < 4 || at + length > end) {
    const id = data.u16(at + 2) & ID_MASK
    throw new DecodeError(at, `attribute ${id} of ${where} has length ${length}, ${end - at} bytes are left`)
  }
  return length
}
