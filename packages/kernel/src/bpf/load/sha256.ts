const fraction = (n: number): number => Math.floor((n % 1) * 0x1_0000_0000)

/** Fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8. Source: FIPS 180-4. */
const PRIMES = primes(64)
const ROUND = Uint32Array.from(PRIMES, (p) => fraction(Math.cbrt(p)))
const START = Uint32Array.from(PRIMES.slice(0, 8), (p) => fraction(Math.sqrt(p)))
const BLOCK = 64

function primes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n)
  return found
}

const rotate = (n: number, by: number): number => (n >>> by) | (n << (32 - by))

/** SHA-256 of some bytes, at once: the platform's own takes its time. Source: FIPS 180-4. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array((bytes.length + 9 + BLOCK - 1) & -BLOCK)
  const view = new DataView(padded.buffer)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n)
  const hash = START.slice()
  const words = new Uint32Array(64)
  for (let at = 0; at < padded.length; at += BLOCK) mixBlock(hash, words, view, at)
  const digest = new DataView(new ArrayBuffer(32))
  for (const [i, word] of hash.entries()) digest.setUint32(4 * i, word)
  return new Uint8Array(digest.buffer)
}

function mixBlock(hash: Uint32Array, w: Uint32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + 4 * i)
  for (let i = 16; i < 64; i++) {
    const low = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >>> 3)
    const high = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >>> 10)
    w[i] = w[i - 16] + low + w[i - 7] + high
  }
  let [a, b, c, d, e, f, g, h] = hash
  for (let i = 0; i < 64; i++) {
    const one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]
    const two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  for (const [i, n] of [a, b, c, d, e, f, g, h].entries()) hash[i] += n
}
