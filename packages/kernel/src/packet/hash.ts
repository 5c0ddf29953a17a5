import { FLAG_HASH_L4, FLAG_HASH_SW, PKT_DATA, PKT_HASH, PKT_LINEAR, PKT_SHIFT, PKT_STATE } from './fields.ts'
import { parseFlow } from './flow.ts'
import {
  flowKey,
  KEY_DESTINATION,
  KEY_ETHERTYPE,
  KEY_FLAGS,
  KEY_FRAGMENT,
  KEY_PORTS,
  KEY_PROTOCOL,
  KEY_SOURCE,
} from './flow-key.ts'
import type { Packets } from './packets.ts'

const key = flowKey()
const WORDS = 4

const mix = (hash: number, word: number): number => {
  const x = Math.imul(hash ^ word, 0x9e3779b1)
  return x ^ (x >>> 15)
}

/** Both directions of a flow have the same hash: sums do not tell source from destination. */
function hashOfKey(): number {
  let hash = mix(key[KEY_ETHERTYPE], key[KEY_PROTOCOL])
  for (let word = 0; word < WORDS; word++) {
    const a = key[KEY_SOURCE + word]
    const b = key[KEY_DESTINATION + word]
    hash = mix(mix(hash, (a + b) | 0), a ^ b)
  }
  const source = key[KEY_PORTS] >>> 16
  const destination = key[KEY_PORTS] & 0xffff
  hash = mix(mix(hash, source + destination), source ^ destination)
  return hash === 0 ? 1 : hash
}

/** The hash of the packet's flow: what it has, else that of its addresses and ports, which it has from then on. Never 0. */
export function flowHash({ fields, memory }: Packets, handle: number): number {
  const i = handle << PKT_SHIFT
  if (fields[i + PKT_HASH] !== 0 || (fields[i + PKT_STATE] & (FLAG_HASH_L4 | FLAG_HASH_SW)) !== 0)
    return fields[i + PKT_HASH]
  key.fill(0)
  parseFlow(memory.u8, fields[i + PKT_DATA], fields[i + PKT_LINEAR], key)
  if ((key[KEY_FLAGS] & KEY_FRAGMENT) !== 0) key[KEY_PORTS] = 0
  fields[i + PKT_HASH] = hashOfKey()
  fields[i + PKT_STATE] |= FLAG_HASH_SW | (key[KEY_PORTS] !== 0 ? FLAG_HASH_L4 : 0)
  return fields[i + PKT_HASH]
}
