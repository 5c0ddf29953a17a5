/** Addresses are four words in network order, the highest first; IPv4 is ::ffff:a.b.c.d. They live in an Int32Array at an
 *  offset, so that nothing is allocated for a packet. */
const V4_WORD = 0xffff

export const be16 = (u8: Uint8Array, at: number): number => (u8[at] << 8) | u8[at + 1]

/** Signed, as all words here are. */
export const be32 = (u8: Uint8Array, at: number): number =>
  (u8[at] << 24) | (u8[at + 1] << 16) | (u8[at + 2] << 8) | u8[at + 3]

export const put16 = (u8: Uint8Array, at: number, n: number): void => {
  u8[at] = n >>> 8
  u8[at + 1] = n
}

export const put32 = (u8: Uint8Array, at: number, n: number): void => {
  u8[at] = n >>> 24
  u8[at + 1] = n >>> 16
  u8[at + 2] = n >>> 8
  u8[at + 3] = n
}

/** Writes an IPv4 address into words. */
export const setV4 = (to: Int32Array, at: number, address: number): void => {
  to[at] = 0
  to[at + 1] = 0
  to[at + 2] = V4_WORD
  to[at + 3] = address
}

/** Reads 16 bytes into words. */
export const readV6 = (to: Int32Array, at: number, u8: Uint8Array, from: number): void => {
  to[at] = be32(u8, from)
  to[at + 1] = be32(u8, from + 4)
  to[at + 2] = be32(u8, from + 8)
  to[at + 3] = be32(u8, from + 12)
}

/** Writes words as 16 bytes. */
export const writeV6 = (u8: Uint8Array, to: number, from: Int32Array, at: number): void => {
  put32(u8, to, from[at])
  put32(u8, to + 4, from[at + 1])
  put32(u8, to + 8, from[at + 2])
  put32(u8, to + 12, from[at + 3])
}

export const copyWords = (to: Int32Array, toAt: number, from: Int32Array, fromAt: number): void => {
  to[toAt] = from[fromAt]
  to[toAt + 1] = from[fromAt + 1]
  to[toAt + 2] = from[fromAt + 2]
  to[toAt + 3] = from[fromAt + 3]
}

export const sameWords = (a: Int32Array, at: number, b: Int32Array, bt: number): boolean =>
  a[at + 3] === b[bt + 3] && a[at + 2] === b[bt + 2] && a[at + 1] === b[bt + 1] && a[at] === b[bt]

/** 0.0.0.0 or ::, as words of the family. */
export const isAny = (a: Int32Array, at: number): boolean =>
  a[at + 3] === 0 && a[at] === 0 && a[at + 1] === 0 && (a[at + 2] === 0 || a[at + 2] === V4_WORD)

export const isV4 = (a: Int32Array, at: number): boolean => a[at + 2] === V4_WORD && a[at] === 0 && a[at + 1] === 0

export const isMulticast4 = (address: number): boolean => address >>> 28 === 0xe
export const isLoopback4 = (address: number): boolean => address >>> 24 === 127
/** 0.0.0.0/8 */
export const isZeronet4 = (address: number): boolean => address >>> 24 === 0
export const isMulticast6 = (a: Int32Array, at: number): boolean => a[at] >>> 24 === 0xff
export const isLinkLocal6 = (a: Int32Array, at: number): boolean => a[at] >>> 22 === 0x3fa
export const isLoopback6 = (a: Int32Array, at: number): boolean =>
  a[at] === 0 && a[at + 1] === 0 && a[at + 2] === 0 && a[at + 3] === 1
export const isAny6 = (a: Int32Array, at: number): boolean => (a[at] | a[at + 1] | a[at + 2] | a[at + 3]) === 0

/** Reads both addresses of the IP header at `at`: the source into the first four words, the destination into the next. */
export const readAddresses = (to: Int32Array, u8: Uint8Array, at: number, v6: boolean): void => {
  if (v6) {
    readV6(to, 0, u8, at + 8)
    readV6(to, 4, u8, at + 24)
  } else {
    setV4(to, 0, be32(u8, at + 12))
    setV4(to, 4, be32(u8, at + 16))
  }
}
