import { all, any, type Test } from './frame.ts'
import type { Headers } from './headers.ts'
import type { Reader } from './reader.ts'
import { ip6Words, type Token } from './tokens.ts'

/** Which of the two ends of a packet is meant. */
export type Direction = 'src' | 'dst' | 'either' | 'both'

/** Offsets of the source's and the destination's address in a header. */
type Ends = readonly [source: number, destination: number]
const IP: Ends = [12, 16]
const ARP: Ends = [14, 24]
const IP6: Ends = [8, 24]
const MAC: Ends = [6, 0]

/** A test of both ends as a direction wants it. */
function towards(direction: Direction, ends: Ends, test: (offset: number) => Test): Test {
  if (direction === 'src') return test(ends[0])
  if (direction === 'dst') return test(ends[1])
  return (direction === 'both' ? all : any)([test(ends[0]), test(ends[1])])
}

/** An address with a mask over it, as numbers of 32 bits. */
interface Address {
  readonly words: readonly number[]
  readonly masks: readonly number[]
  readonly at: number
}

/** IPv4 in up to four parts; what is missing on the right is any. */
function ip4(token: Token, reader: Reader): { word: number; bits: number } {
  const parts = token.text.split('.').map(Number)
  if (parts.some((part) => part > 255)) reader.fail(`'${token.text}' is no address`, token.at)
  const word = parts.reduce((sum, part, i) => sum + part * 2 ** (24 - 8 * i), 0)
  return { word, bits: 8 * parts.length }
}

const maskOf = (bits: number): number => (bits <= 0 ? 0 : (0xffff_ffff << (32 - Math.min(bits, 32))) >>> 0)
const ip6Masks = (bits: number): number[] => [0, 1, 2, 3].map((i) => maskOf(bits - 32 * i))

/** Reads the address of a host, or of a network with its length or mask. */
export function readAddress(reader: Reader, isNet: boolean): Address {
  const token = reader.take()
  if (token.kind === 'ip6') {
    const words = ip6Words(token.text)!
    const bits = isNet && reader.takes('/') ? readBits(reader, 128) : 128
    return checked(reader, { words, masks: ip6Masks(bits), at: token.at })
  }
  if (token.kind !== 'ip4' && !(isNet && token.kind === 'number'))
    reader.fail(`expected an address, not '${token.text}'`, token.at)
  const { word, bits } = ip4(token, reader)
  if (!isNet) {
    if (bits !== 32) reader.fail(`an address of IPv4 has four parts, unlike '${token.text}'`, token.at)
    return { words: [word], masks: [0xffff_ffff], at: token.at }
  }
  if (reader.takes('mask')) {
    const mask = ip4(reader.take(), reader)
    return checked(reader, { words: [word], masks: [mask.word], at: token.at })
  }
  const length = reader.takes('/') ? readBits(reader, 32) : bits
  return checked(reader, { words: [word], masks: [maskOf(length)], at: token.at })
}

function readBits(reader: Reader, most: number): number {
  const { kind, value, text, at } = reader.take()
  if (kind !== 'number' || value > most) reader.fail(`expected a length of at most ${most}, not '${text}'`, at)
  return value
}

function checked(reader: Reader, address: Address): Address {
  const { words, masks, at } = address
  if (words.some((word, i) => (word & ~masks[i]) !== 0)) reader.fail('the network has bits outside its mask', at)
  return address
}

/** Packets from or to an address: of IP, and of ARP, which asks for addresses. */
export function addressTest(
  headers: Headers,
  proto: string,
  direction: Direction,
  { words, masks }: Address,
): Test | undefined {
  if (words.length > 1) {
    if (proto !== '' && proto !== 'ip6') return undefined
    return all([headers.ip6, towards(direction, IP6, (offset) => headers.ip6At(offset, words, masks))])
  }
  const ip = () => all([headers.ip, towards(direction, IP, (offset) => headers.ip4At(offset, words[0], masks[0]))])
  const arp = (name: string) =>
    all([headers.named(name), towards(direction, ARP, (offset) => headers.ip4At(offset, words[0], masks[0]))])
  if (proto === '') return any([ip(), arp('arp'), arp('rarp')])
  if (proto === 'ip') return ip()
  return proto === 'arp' || proto === 'rarp' ? arp(proto) : undefined
}

/** Frames from or to a hardware address. */
export function macTest(headers: Headers, direction: Direction, token: Token): Test {
  const bytes = token.text.split(/[:.-]/).map((byte) => Number.parseInt(byte, 16))
  return towards(direction, MAC, (offset) => headers.macAt(offset, bytes))
}
