import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OptionReader } from './options.ts'
import { Reader } from './reader.ts'
import { UsageError } from './usage-error.ts'
import { choice, deviceName, integer, onOff } from './values.ts'
import type { Words } from './words.ts'

const peer = {
  name: { value: deviceName('NAME'), positional: true, doc: 'its name' },
  mtu: { value: integer('MTU', 68, 65_535), doc: 'its MTU' },
} as const
const kinds: Readonly<Record<string, Words>> = {
  pair: {
    mode: { value: choice({ l2: 'l2', l3: 'l3' } as const), doc: 'the mode' },
    peer: { section: peer, doc: 'the other end' },
  },
  other: {},
}
const words: Words = {
  dev: { value: deviceName(), positional: true, required: true, doc: 'the device' },
  mtu: { value: integer('MTU', 68, 65_535), doc: 'bytes' },
  mode: { value: choice({ dormant: 1 }), doc: 'link mode' },
  txqueuelen: { value: integer('PACKETS', 0, 9), aliases: ['qlen'], doc: 'packets' },
  up: { doc: 'up' },
  arp: { value: onOff, doc: 'arp' },
  altname: { value: deviceName('NAME'), multi: true, doc: 'another name' },
  type: { value: choice({ pair: 'pair', other: 'other' } as const), adds: (kind: string) => kinds[kind], doc: 'kind' },
}
const run: Words = {
  name: { value: deviceName('NAME'), positional: true, required: true, doc: 'where' },
  command: { rest: true, positional: true, required: true, doc: 'what' },
}

function read(line: string, known: Words = words): Record<string, unknown> {
  const options = new OptionReader()
  const reader = new Reader(known, options)
  for (const word of line.split(' ').filter(Boolean)) reader.feed(word)
  return reader.finish()
}

const refusal = (line: string, known?: Words): string => {
  try {
    read(line, known)
  } catch (e) {
    if (e instanceof UsageError) return e.suggestion ? `${e.message} | ${e.suggestion}` : e.message
    throw e
  }
  return ''
}

describe('words of a command', () => {
  test.each<[string, Record<string, unknown>]>([
    ['nk0 mtu 1400 up', { dev: 'nk0', mtu: 1400, up: true }],
    ['dev nk0 mtu 0x578', { dev: 'nk0', mtu: 1400 }],
    ['mtu 1400 nk0', { dev: 'nk0', mtu: 1400 }],
    ['nk0 qlen 5 arp off', { dev: 'nk0', txqueuelen: 5, arp: false }],
    ['nk0 tx 5 mt 70', { dev: 'nk0', txqueuelen: 5, mtu: 70 }],
    ['nk0 altname a altname b', { dev: 'nk0', altname: ['a', 'b'] }],
    ['dev up', { dev: 'up' }],
    ['nk0 type pair mode l2', { dev: 'nk0', type: 'pair', more: { mode: 'l2' } }],
    ['nk0 mode dormant type pair mode l3', { dev: 'nk0', type: 'pair', mode: 1, more: { mode: 'l3' } }],
    ['nk0 type pair peer nk1 mtu 70', { dev: 'nk0', type: 'pair', more: { peer: { name: 'nk1', mtu: 70 } } }],
    [
      'nk0 type pair peer name nk1 mode l2 mtu 80',
      { dev: 'nk0', type: 'pair', mtu: undefined, more: { mode: 'l2', peer: { name: 'nk1' } } },
    ],
    [
      'nk0 type pair peer nk1 mode l2 peer mtu 90',
      { dev: 'nk0', type: 'pair', more: { mode: 'l2', peer: { name: 'nk1', mtu: 90 } } },
    ],
  ])('%s', (line, wanted) => {
    if ('mtu' in wanted && wanted.mtu === undefined) expect(read(line)).toEqual({ ...wanted, mtu: 80 })
    else expect(read(line)).toEqual(wanted)
  })

  test('all that follows', () => {
    expect(read('pod link show -d up', run)).toEqual({ name: 'pod', command: ['link', 'show', '-d', 'up'] })
  })

  test.each<[string, string]>([
    ['', 'DEV is missing: the device'],
    ['nk0 mtu', "'mtu' needs a value: a number from 68 to 65535"],
    ['nk0 mtu 9', "mtu: '9' is not a number from 68 to 65535"],
    ['nk0 mtu 1e3', "mtu: '1e3' is not a number from 68 to 65535"],
    ['nk0 mtu 70 mtu 80', "'mtu' is given twice, the second time as '80'"],
    ['nk0 up up', "'up' is given twice"],
    ['nk0 mtuu 70', "'mtuu' is unknown here | mtu"],
    ['nk0 m 70', "'m' may mean mtu or mode: write more of it"],
    ['nk0 arp yes', "arp: 'yes' is not on or off"],
    ['nk0 type par', "type: 'par' is not pair or other | pair"],
    ['nk0 type pair peer nk1 zzz', "'zzz' is unknown here after 'peer'; known are name, mtu"],
    ['a/b', "dev: 'a/b' is not a device name: 1 to 127 bytes, no blanks, '/' or ':'"],
    ['nk0 -jsn', "option '-jsn' is unknown | -json"],
    ['nk0 type other mode l2', "mode: 'l2' is not dormant"],
  ])('%s is refused', (line, wanted) => {
    expect(refusal(line)).toBe(wanted)
  })
})

test('any words are read, or refused in a sentence', () => {
  const some = fc.constantFrom(
    ...Object.keys(words),
    'nk0',
    'peer',
    'name',
    'l2',
    'pair',
    'other',
    '70',
    '-j',
    '-n',
    '--',
    '-',
    '',
    'a b',
    '\u0000',
    'é',
    'constructor',
    '__proto__',
    'toString',
  )
  fc.assert(
    fc.property(
      fc.array(fc.oneof(some, fc.string()), { maxLength: 12 }),
      fc.constantFrom(words, run),
      (line, known) => {
        const options = new OptionReader()
        const reader = new Reader(known, options)
        try {
          for (const word of line) {
            reader.feed(word)
            reader.expects()
          }
          expect(reader.finish()).toBeTypeOf('object')
          options.finish()
        } catch (e) {
          expect(e).toBeInstanceOf(UsageError)
          expect((e as Error).message.length).toBeGreaterThan(8)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
