/** Values as programs have them in maps: little-endian, but for what comes out of packets. */
export const le32 = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)
export const le16 = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer)
export const le64 = (...values: readonly number[]): Uint8Array =>
  new Uint8Array(BigUint64Array.from(values, BigInt).buffer)
/** A number whose bytes are those of a big-endian one: what a `__be32` constant is set to. */
export const swapped32 = (value: number): number => new DataView(le32(value).buffer).getUint32(0, false)
