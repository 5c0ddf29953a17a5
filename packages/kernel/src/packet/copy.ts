/** Up to this many bytes, 4 at a time in a loop beats the fixed price of a call into the runtime and of the view that such a
 *  call needs (35 to 50 ns together). */
export const LOOP_LIMIT = 160

/** Bytes that lie outside packet memory (a chunk of a file, a datagram), with the views that fast copies need. Made once per
 *  chunk, not per packet. */
export interface ByteViews {
  /** All bytes of the buffer; offsets count from its start. */
  readonly u8: Uint8Array
  /** The same, as words of 4; up to 3 last bytes may be missing. */
  readonly i32: Int32Array
}

/** Views of the whole buffer behind `bytes`. Offset 0 of `bytes` is `bytes.byteOffset` in them. */
export const byteViews = (bytes: Uint8Array): ByteViews => ({
  u8: new Uint8Array(bytes.buffer),
  i32: new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2),
})

const copySameAlignment = (
  to8: Uint8Array,
  to32: Int32Array,
  toOffset: number,
  from8: Uint8Array,
  from32: Int32Array,
  fromOffset: number,
  length: number,
): void => {
  let done = -toOffset & 3
  if (done > length) done = length
  for (let i = 0; i < done; i++) to8[toOffset + i] = from8[fromOffset + i]
  let toWord = (toOffset + done) >> 2
  let fromWord = (fromOffset + done) >> 2
  const words = (length - done) >> 2
  const end = toWord + words
  for (const four = end - 3; toWord < four; toWord += 4, fromWord += 4) {
    to32[toWord] = from32[fromWord]
    to32[toWord + 1] = from32[fromWord + 1]
    to32[toWord + 2] = from32[fromWord + 2]
    to32[toWord + 3] = from32[fromWord + 3]
  }
  for (; toWord < end; toWord++, fromWord++) to32[toWord] = from32[fromWord]
  for (done += words << 2; done < length; done++) to8[toOffset + done] = from8[fromOffset + done]
}

/** Words of the source are put together from two neighbours. Little-endian, like WebAssembly and every engine's arrays. */
const copyShifted = (
  to8: Uint8Array,
  to32: Int32Array,
  toOffset: number,
  from8: Uint8Array,
  from32: Int32Array,
  fromOffset: number,
  length: number,
): void => {
  let done = -toOffset & 3
  if (done > length) done = length
  for (let i = 0; i < done; i++) to8[toOffset + i] = from8[fromOffset + i]
  const right = ((fromOffset + done) & 3) << 3
  const left = 32 - right
  let toWord = (toOffset + done) >> 2
  let fromWord = (fromOffset + done) >> 2
  // One word less than there are: the neighbour of the last one may lie past the end of the source.
  const words = ((length - done) >> 2) - 1
  if (words > 0) {
    let low = from32[fromWord]
    for (const end = toWord + words; toWord < end; toWord++) {
      const high = from32[++fromWord]
      to32[toWord] = (low >>> right) | (high << left)
      low = high
    }
    done += words << 2
  }
  for (; done < length; done++) to8[toOffset + done] = from8[fromOffset + done]
}

/** Copies `length` bytes between two buffers, without allocation while `length` ≤ LOOP_LIMIT. The caller has checked both
 *  ranges. A shared target is several times faster for long copies when both offsets agree in their low 3 bits.
 *
 *  Arrays and not views: the objects that hold them are of several shapes. */
export const copyBytes = (
  to8: Uint8Array,
  to32: Int32Array,
  toOffset: number,
  from8: Uint8Array,
  from32: Int32Array,
  fromOffset: number,
  length: number,
): void => {
  if (length > LOOP_LIMIT) to8.set(from8.subarray(fromOffset, fromOffset + length), toOffset)
  else if (((toOffset ^ fromOffset) & 3) === 0)
    copySameAlignment(to8, to32, toOffset, from8, from32, fromOffset, length)
  else copyShifted(to8, to32, toOffset, from8, from32, fromOffset, length)
}
