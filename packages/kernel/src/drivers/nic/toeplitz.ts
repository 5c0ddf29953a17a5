import * as layout from '../../packet/flow-key.ts'

// Engines fold constants of the own module, not imported ones.
const { KEY_SOURCE, KEY_DESTINATION, KEY_PORTS } = layout

/** Bytes of a key: 36 of the longest input (two IPv6 addresses, two ports) and 4 of the window. */
export const RSS_KEY_BYTES = 40

/** Longest input in bytes. */
const INPUT_BYTES = 36

/** A key from a source of random 32-bit numbers, such as the world's. */
export const randomRssKey = (random: () => number): Uint8Array<ArrayBuffer> => {
  const key = new Uint8Array(RSS_KEY_BYTES)
  const view = new DataView(key.buffer)
  for (let at = 0; at < RSS_KEY_BYTES; at += 4) view.setUint32(at, random())
  return key
}

/** For each place and value of an input byte what it adds to the hash: the window of the key that begins at each bit that is
 *  set. 36 KiB, in exchange for 8 bits a step. */
const tablesOf = (key: Uint8Array): Int32Array => {
  const tables = new Int32Array(INPUT_BYTES * 256)
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  for (let place = 0; place < INPUT_BYTES; place++) {
    const table = place << 8
    const high = view.getUint32(place)
    const low = key[place + 4]
    for (let bit = 0; bit < 8; bit++) {
      const window = bit === 0 ? high : (high << bit) | (low >>> (8 - bit))
      const value = 0x80 >> bit
      for (let byte = value; byte < 256; byte++) if ((byte & value) !== 0) tables[table + byte] ^= window
    }
  }
  return tables
}

const word = (tables: Int32Array, place: number, value: number): number =>
  tables[place + (value >>> 24)] ^
  tables[place + 256 + ((value >>> 16) & 0xff)] ^
  tables[place + 512 + ((value >>> 8) & 0xff)] ^
  tables[place + 768 + (value & 0xff)]

/** The Toeplitz hash of flow keys, as NICs compute it. Results are signed 32-bit numbers. */
export class Toeplitz {
  readonly key: Uint8Array
  private readonly tables: Int32Array

  /** @param key 40 bytes; a RangeError otherwise. Copied. */
  constructor(key: Uint8Array) {
    if (key.length !== RSS_KEY_BYTES) throw new RangeError(`an RSS key has ${RSS_KEY_BYTES} bytes, not ${key.length}`)
    this.key = key.slice()
    this.tables = tablesOf(this.key)
  }

  /** Over the IPv4 addresses. */
  ip4(flow: Int32Array): number {
    return word(this.tables, 0, flow[KEY_SOURCE]) ^ word(this.tables, 4 << 8, flow[KEY_DESTINATION])
  }

  /** Over the IPv4 addresses and ports. */
  ip4Ports(flow: Int32Array): number {
    return this.ip4(flow) ^ word(this.tables, 8 << 8, flow[KEY_PORTS])
  }

  /** Over the IPv6 addresses. */
  ip6(flow: Int32Array): number {
    const tables = this.tables
    let hash = 0
    // Source and destination follow each other in the key, as they do in the input.
    for (let n = 0; n < 8; n++) hash ^= word(tables, n << 10, flow[KEY_SOURCE + n])
    return hash
  }

  /** Over the IPv6 addresses and ports. */
  ip6Ports(flow: Int32Array): number {
    return this.ip6(flow) ^ word(this.tables, 32 << 8, flow[KEY_PORTS])
  }
}
