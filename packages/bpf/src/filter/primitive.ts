import { addressTest, type Direction, macTest, readAddress } from './addresses.ts'
import { readRelation } from './arithmetic.ts'
import { all, any, equals, NO, not, type Test, YES } from './frame.ts'
import { Headers } from './headers.ts'
import { CONSTANTS, ETHERTYPES, PORTS, PROTOCOLS, WITH_PORTS } from './names.ts'
import type { Reader } from './reader.ts'
import type { Token } from './tokens.ts'

const TYPES = ['host', 'net', 'port', 'portrange', 'proto'] as const
type Type = (typeof TYPES)[number]

/** What stands in front of an address or a number, and what a later one without anything in front takes over. */
export interface Qualifiers {
  readonly proto: string
  readonly direction: Direction
  readonly type: Type
}

const TAG = 4
const VLAN_TYPES = [0x8100, 0x88a8, 0x9100]
const TAG_ID = 0xfff

/** One test: what a frame is, where it comes from or goes to, or a comparison. */
export function readPrimitive(
  reader: Reader,
  inherited: Qualifiers | undefined,
): { test: Test; qualifiers?: Qualifiers } {
  const { next, second } = reader
  if (isArithmetic(reader)) return { test: readRelation(reader) }
  if (reader.takes('less', 'greater')) return { test: lengthTest(reader, next.text) }
  if (reader.takes('vlan')) return { test: vlanTest(reader) }
  if (reader.takes('broadcast')) return { test: Headers.broadcast }
  if (reader.takes('multicast')) return { test: Headers.group }
  if (second.text === 'broadcast' || second.text === 'multicast') return { test: groupTest(reader) }
  const isBare = next.kind !== 'word' || (PORTS.has(next.text) && inherited !== undefined)
  if (isBare && inherited) return { test: idTest(reader, inherited), qualifiers: inherited }
  return qualified(reader)
}

/** `proto[`, `len`, or a number that something is done with. */
function isArithmetic({ next, second }: Reader): boolean {
  if (second.text === '[' || next.text === 'len' || next.text === '-' || CONSTANTS.has(next.text)) return true
  return (
    next.kind === 'number' && second.kind === 'sign' && second.text !== ')' && !['&&', '||', '/'].includes(second.text)
  )
}

function qualified(reader: Reader): { test: Test; qualifiers?: Qualifiers } {
  const first = reader.next
  const proto = protoName(first)
  if (proto !== '') reader.take()
  const direction = readDirection(reader)
  const type = TYPES.find((name) => reader.takes(name))
  const isAlone = direction === undefined && type === undefined
  if (proto !== '' && isAlone && !isId(reader.next)) return { test: protocolTest(reader, proto, first) }
  if (proto === '' && isAlone && !isId(reader.next)) reader.fail(`${reader.shown} means nothing here`)
  const qualifiers: Qualifiers = { proto, direction: direction ?? 'either', type: type ?? 'host' }
  return { test: idTest(reader, qualifiers), qualifiers }
}

/** The protocol that a word names; '' if it names none. */
function protoName({ kind, text }: Token): string {
  const name = text.replace(/^\\/, '')
  if (kind !== 'word') return ''
  return name === 'ether' || name === 'link' || ETHERTYPES.has(name) || PROTOCOLS.has(name) ? name : ''
}

const isId = ({ kind, text }: Token): boolean => ['number', 'ip4', 'ip6', 'mac'].includes(kind) || PORTS.has(text)

function readDirection(reader: Reader): Direction | undefined {
  const first = reader.next.text
  if (!reader.takes('src', 'dst')) return undefined
  const other = first === 'src' ? 'dst' : 'src'
  const joins = ['or', '||', 'and', '&&'].includes(reader.next.text) && reader.second.text === other
  if (!joins) return first as Direction
  const word = reader.take().text
  reader.take()
  return word === 'or' || word === '||' ? 'either' : 'both'
}

function protocolTest(reader: Reader, proto: string, token: Token): Test {
  const headers = new Headers(reader.tags)
  if (proto === 'ether' || proto === 'link') reader.fail(`'${proto}' needs to know what of it`, token.at)
  return ETHERTYPES.has(proto) ? headers.named(proto) : headers.protocol(proto)
}

function idTest(reader: Reader, { proto, direction, type }: Qualifiers): Test {
  const headers = new Headers(reader.tags)
  const token = reader.next
  const misfit = (): never => reader.fail(`'${proto}' has no ${type} of this kind`, token.at)
  if (type === 'proto') return numberTest(reader, headers, proto)
  if (type === 'port' || type === 'portrange') {
    if (proto !== '' && !WITH_PORTS.includes(proto)) misfit()
    return portTest(reader, headers, proto, direction, type)
  }
  if (token.kind === 'mac') {
    if (proto !== 'ether' && proto !== 'link') reader.fail("a hardware address needs 'ether' in front", token.at)
    reader.take()
    return macTest(headers, direction, token)
  }
  const isNet = type === 'net'
  return addressTest(headers, proto, direction, readAddress(reader, isNet)) ?? misfit()
}

function portTest(reader: Reader, headers: Headers, proto: string, direction: Direction, type: Type): Test {
  const { at } = reader.next
  const from = readPort(reader)
  const to = type === 'portrange' && reader.takes('-') ? readPort(reader) : from
  const names = (proto === '' ? WITH_PORTS : [proto]).filter((name) => from.protocols.includes(name))
  if (names.length === 0) reader.fail(`'${proto}' has no such port`, at)
  const numbers = names.map((name) => PROTOCOLS.get(name)!)
  const offsets = direction === 'src' ? [0] : direction === 'dst' ? [2] : [0, 2]
  const [low, high] = [Math.min(from.port, to.port), Math.max(from.port, to.port)]
  return headers.port(numbers, offsets, direction === 'both', low, high)
}

/** A port, and the protocols that have it: all, unless it is called by name. */
function readPort(reader: Reader): { readonly port: number; readonly protocols: readonly string[] } {
  const { kind, value, text, at } = reader.take()
  if (kind === 'number' && value <= 0xffff) return { port: value, protocols: WITH_PORTS }
  return PORTS.get(text) ?? reader.fail(`expected a port, not '${text}'`, at)
}

/** `ether proto`, `ip proto`, `ip6 proto`, or `proto` of either. */
function numberTest(reader: Reader, headers: Headers, proto: string): Test {
  const { kind, value, text, at } = reader.take()
  const isType = proto === 'ether' || proto === 'link'
  const names = isType ? ETHERTYPES : PROTOCOLS
  const number = kind === 'number' ? value : names.get(text.replace(/^\\/, ''))
  if (number === undefined) reader.fail(`expected a protocol, not '${text}'`, at)
  if (isType) return headers.ethertype(number)
  if (proto === 'ip') return headers.ipProtocol(number)
  if (proto === 'ip6') return headers.ip6Protocol(number)
  if (proto !== '') reader.fail(`'${proto}' carries no numbered protocols`, at)
  return any([headers.ipProtocol(number), headers.ip6Protocol(number)])
}

function lengthTest(reader: Reader, word: string): Test {
  const { kind, value, text, at } = reader.take()
  if (kind !== 'number') reader.fail(`expected a length, not '${text}'`, at)
  return ({ length }) => ((word === 'less' ? length <= value : length >= value) ? YES : NO)
}

/** A tag, and what follows in the filter looks behind it. */
function vlanTest(reader: Reader): Test {
  const headers = new Headers(reader.tags)
  const tests = [any(VLAN_TYPES.map((type) => headers.ethertype(type)))]
  if (reader.next.kind === 'number') {
    const { value, at } = reader.take()
    if (value > TAG_ID) reader.fail(`a VLAN id is at most ${TAG_ID}`, at)
    tests.push(equals(headers.network, 2, value, TAG_ID))
  }
  reader.tags += TAG
  return all(tests)
}

/** `ether broadcast`, `ip multicast` and the like. */
function groupTest(reader: Reader): Test {
  const headers = new Headers(reader.tags)
  const proto = reader.take()
  const isBroadcast = reader.take().text === 'broadcast'
  if (proto.text === 'ether' || proto.text === 'link') return isBroadcast ? Headers.broadcast : Headers.group
  if (isBroadcast) reader.fail(`which addresses of ${proto.text} are broadcasts depends on networks`, proto.at)
  if (proto.text === 'ip')
    return all([headers.ip, not(equals(headers.network + 16, 1, 0, 0xe0)), equals(headers.network + 16, 1, 0xe0, 0xe0)])
  if (proto.text === 'ip6') return all([headers.ip6, equals(headers.network + 24, 1, 0xff)])
  return reader.fail(`'${proto.text}' has no multicasts`, proto.at)
}
