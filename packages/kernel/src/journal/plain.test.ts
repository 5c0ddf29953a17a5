import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Kernel } from '../kernel.ts'
import { simulatedWorld } from '../world.ts'
import { fromPlain, type Resolver, SnapshotError, toPlain } from './plain.ts'

const kernel = new Kernel({ world: simulatedWorld() })
const lo = kernel.initialNs.loopback!
const resolver: Resolver = { namespace: () => kernel.initialNs, device: () => lo }

const leaves = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true }).filter((n) => !Object.is(n, -0)),
  fc.constant(Number.NaN),
  fc.boolean(),
  fc.bigInt(),
  fc.constant(null),
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 20 }),
  fc.int32Array({ maxLength: 5 }),
  fc.constant(lo),
  fc.constant(kernel.initialNs),
  fc.constant(lo.rxQueue(0)),
)
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('value'), { maxKeys: 4 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 }).map((list) => new Map(list)),
    fc.array(fc.integer(), { maxLength: 3 }).map((list) => new Set(list)),
  ),
}))

test('values come out of JSON as they went in', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(fromPlain(JSON.parse(JSON.stringify(toPlain(value))), resolver)).toEqual(value)
    }),
  )
})

test('what is not data is refused, with its place', () => {
  expect(() => toPlain({ a: [0, { b: () => 1 }] })).toThrow(SnapshotError)
  expect(() => toPlain({ a: [0, { b: () => 1 }] })).toThrow(/^a\.1\.b is a function/)
  expect(() => toPlain({ a: new Date(0) })).toThrow(/a is a Date/)
})
