import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseBtf } from '../btf/parse.ts'
import { linkProgram } from './link.ts'
import { printListing } from './listing.ts'
import { loadInfo } from './load-info.ts'
import { openObject } from './open.ts'

const open = (name: string) =>
  openObject(new Uint8Array(readFileSync(join(import.meta.dirname, '../../testdata', name))), name)
const words = (bytes: Uint8Array): number[] => Array.from(new Uint32Array(bytes.slice().buffer))

test('functions and lines refer to the types and strings that are loaded', () => {
  const object = open('calls.o')
  const info = loadInfo(object)
  const program = linkProgram(object, object.programs[0])
  const { functions, lines } = info.of(program)
  const { types } = parseBtf(info.btf)
  const pairs = words(functions)
  expect(pairs.filter((_, i) => i % 2 === 0)).toEqual([0, 14, 21, 24, 32])
  expect(pairs.filter((_, i) => i % 2 === 1).map((id) => types[id])).toMatchObject([
    { kind: 'func', name: 'loops' },
    { kind: 'func', name: 'body' },
    { kind: 'func', name: 'hidden', linkage: 'static' },
    { kind: 'func', name: 'shared', linkage: 'global' },
    { kind: 'func', name: 'leaf', linkage: 'static' },
  ])
  const strings = new TextDecoder().decode(info.btf)
  const [slot, , text, place] = words(lines)
  const start = info.btf.length - new DataView(info.btf.buffer).getUint32(20, true)
  expect(slot).toBe(0)
  expect(strings.slice(start + text).split('\0')[0]).toBe(program.lines[0].text)
  expect([place >>> 10, place & 1023]).toEqual([program.lines[0].line, program.lines[0].column])
})

test('a kernel gets no externs', () => {
  const { types } = parseBtf(loadInfo(open('calls.o')).btf)
  expect(types.filter((type) => 'linkage' in type && type.linkage === 'extern')).toEqual([])
  const section = types.find((type) => type.kind === 'datasec' && type.name === '.ksyms')
  expect(section).toMatchObject({ size: 12, entries: [{ offset: 0 }, { offset: 4 }, { offset: 8 }] })
})

test('a listing shows functions, source lines, opcodes and instructions', () => {
  const object = open('globals.o')
  const listing = printListing(linkProgram(object, object.programs[0]), object.btf)
  expect(listing.split('\n').slice(0, 5)).toEqual([
    'int globals(struct __sk_buff *ctx):',
    "; own[1] = 'x';",
    '   0: (18) r2 = 0x0 ll',
    '   2: (b4) w3 = 120',
    '   3: (73) *(u8 *)(r2 +1) = r3',
  ])
})
