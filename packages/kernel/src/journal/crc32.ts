const TABLE = new Uint32Array(256).map((_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

/** CRC-32 of IEEE 802.3, as zlib and PNG have it. `seed`: the sum of the bytes before these. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let c = ~seed
  for (const byte of bytes) c = TABLE[(c ^ byte) & 0xff] ^ (c >>> 8)
  return ~c >>> 0
}
