import { readRelation } from './arithmetic.ts'
import { both, either, type Frame, not, type Test, YES } from './frame.ts'
import { type Qualifiers, readPrimitive } from './primitive.ts'
import { Reader } from './reader.ts'
import { tokens } from './tokens.ts'

/** Decides which frames are wanted. */
export interface PacketFilter {
  /**
   * Whether a frame is: `captured` bytes from `at` on, beginning with its Ethernet header, of the `length` that it had on the wire.
   * Allocates nothing.
   */
  matches(bytes: Uint8Array, at: number, captured: number, length: number): boolean
}

/**
 * Compiles a filter in the words of pcap-filter(7), for Ethernet: protocols, host, net, port, portrange, src and dst, ether, vlan,
 * broadcast, multicast, less, greater, comparisons of bytes, and, or, not. Names of hosts are not looked up. Throws FilterError.
 */
export function compileFilter(text: string): PacketFilter {
  const reader = new Reader(tokens(text))
  const test: Test = reader.next.kind === 'end' ? () => YES : readAll(reader)
  const frame: Frame = { u8: new Uint8Array(0), at: 0, captured: 0, length: 0 }
  return {
    matches(bytes, at, captured, length) {
      frame.u8 = bytes
      frame.at = at
      frame.captured = captured
      frame.length = length
      return test(frame) === YES
    },
  }
}

function readAll(reader: Reader): Test {
  const { test } = readAlternatives(reader, undefined)
  if (reader.next.kind !== 'end') reader.fail(`expected 'and' or 'or', not ${reader.shown}`)
  return test
}

interface Read {
  readonly test: Test
  /** What the next address or number without any qualifiers takes over. */
  readonly qualifiers?: Qualifiers
}

/** `and` and `or` bind alike, from the left. */
function readAlternatives(reader: Reader, inherited: Qualifiers | undefined): Read {
  let { test, qualifiers = inherited } = readNegation(reader, inherited)
  while (true) {
    const joined = reader.takes('and', '&&') ? both : reader.takes('or', '||') ? either : undefined
    if (!joined) return { test, qualifiers }
    const right = readNegation(reader, qualifiers)
    qualifiers = right.qualifiers ?? qualifiers
    test = joined(test, right.test)
  }
}

function readNegation(reader: Reader, inherited: Qualifiers | undefined): Read {
  if (reader.takes('not', '!')) {
    const { test, qualifiers } = readNegation(reader, inherited)
    return { test: not(test), qualifiers }
  }
  if (reader.next.text !== '(') return readPrimitive(reader, inherited)
  const relation = reader.attempt(() => readRelation(reader))
  if (relation) return { test: relation }
  reader.take()
  const inner = readAlternatives(reader, inherited)
  reader.demand(')')
  return inner
}
