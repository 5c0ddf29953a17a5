import { all, CUT, type Frame, load, NO, type Test, type Value, YES } from './frame.ts'
import { Headers } from './headers.ts'
import { CONSTANTS, PROTOCOLS } from './names.ts'
import type { Reader } from './reader.ts'

/** A value, and what must be so for it to be one. */
interface Term {
  readonly value: Value
  readonly needs: readonly Test[]
}

const IP6_HEADER = 40

/** From the loosest to the tightest. All are of 32 bits, unsigned. */
const OPERATORS: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { '|': (a, b) => (a | b) >>> 0 },
  { '^': (a, b) => (a ^ b) >>> 0 },
  { '&': (a, b) => (a & b) >>> 0 },
  { '<<': (a, b) => (b > 31 ? 0 : (a << b) >>> 0), '>>': (a, b) => (b > 31 ? 0 : a >>> b) },
  { '+': (a, b) => (a + b) >>> 0, '-': (a, b) => (a - b) >>> 0 },
  {
    '*': (a, b) => Math.imul(a, b) >>> 0,
    '/': (a, b) => (b === 0 ? CUT : Math.floor(a / b)),
    '%': (a, b) => (b === 0 ? CUT : a % b),
  },
]

const RELATIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
}

/** Two numbers of a frame compared: `ip[0] & 0xf != 5`. */
export function readRelation(reader: Reader): Test {
  const left = readTerm(reader)
  const relation = RELATIONS[reader.next.text]
  if (!relation) reader.fail(`expected a comparison, not ${reader.shown}`)
  reader.take()
  const right = readTerm(reader)
  const compare: Test = (frame) => {
    const a = left.value(frame)
    const b = a === CUT ? CUT : right.value(frame)
    if (b === CUT) return CUT
    return relation(a, b) ? YES : NO
  }
  return all([...left.needs, ...right.needs, compare])
}

function readTerm(reader: Reader, level = 0): Term {
  if (level === OPERATORS.length) return readUnary(reader)
  let left = readTerm(reader, level + 1)
  for (let operator = OPERATORS[level][reader.next.text]; operator; operator = OPERATORS[level][reader.next.text]) {
    reader.take()
    left = combine(operator, left, readTerm(reader, level + 1))
  }
  return left
}

const combine = (operator: (a: number, b: number) => number, left: Term, right: Term): Term => ({
  needs: [...left.needs, ...right.needs],
  value(frame) {
    const a = left.value(frame)
    const b = a === CUT ? CUT : right.value(frame)
    return b === CUT ? CUT : operator(a, b)
  },
})

function readUnary(reader: Reader): Term {
  if (reader.takes('(')) {
    const inner = readTerm(reader)
    reader.demand(')')
    return inner
  }
  if (reader.takes('-')) {
    const { value, needs } = readUnary(reader)
    return { needs, value: (frame) => negated(value(frame)) }
  }
  const { next } = reader
  if (next.kind === 'number') {
    reader.take()
    return { needs: [], value: () => next.value }
  }
  if (reader.takes('len')) return { needs: [], value: ({ length }) => length }
  const constant = CONSTANTS.get(next.text)
  if (constant !== undefined) {
    reader.take()
    return { needs: [], value: () => constant }
  }
  if (reader.second.text === '[') return readBytes(reader)
  return reader.fail(`expected a number, not ${reader.shown}`)
}

const negated = (value: number): number => (value === CUT ? CUT : -value >>> 0)

/** Where `proto[…]` counts from, and what a frame must be for it. */
function base(reader: Reader, name: string): { needs: Test[]; start: (frame: Frame) => number } | undefined {
  const headers = new Headers(reader.tags)
  const at = (offset: number) => () => offset
  if (name === 'ether' || name === 'link') return { needs: [], start: at(0) }
  if (['ip', 'ip6', 'arp', 'rarp'].includes(name)) return { needs: [headers.named(name)], start: at(headers.network) }
  if (name === 'icmp6') return { needs: [headers.ip6, headers.nextHeader(58)], start: at(headers.network + IP6_HEADER) }
  const number = PROTOCOLS.get(name)
  if (number === undefined) return undefined
  return { needs: [headers.ipProtocol(number), headers.first], start: (frame) => headers.payload(frame) }
}

/** `proto[offset]` or `proto[offset:size]`. */
function readBytes(reader: Reader): Term {
  const name = reader.take()
  const from = base(reader, name.text) ?? reader.fail(`'${name.text}' has no bytes to look at`, name.at)
  reader.demand('[')
  const offset = readTerm(reader)
  const size = reader.takes(':') ? reader.take() : undefined
  if (size && ![1, 2, 4].includes(size.value))
    reader.fail(`1, 2 or 4 bytes can be looked at, not '${size.text}'`, size.at)
  const bytes = size?.value ?? 1
  reader.demand(']')
  return {
    needs: [...from.needs, ...offset.needs],
    value(frame) {
      const start = from.start(frame)
      const more = start === CUT ? CUT : offset.value(frame)
      return more === CUT ? CUT : load(frame, start + more, bytes)
    },
  }
}
