import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { disassemble } from '../asm/disassemble.ts'
import type { Btf, BtfType } from '../btf/type.ts'
import { linkProgram } from '../object/link.ts'
import { openObject } from '../object/open.ts'
import { CoreTarget, relocateCore } from './relocate.ts'
import { typesMatch } from './types-match.ts'

const FOLDER = join(import.meta.dirname, '../../testdata')
const open = (name: string) => openObject(new Uint8Array(readFileSync(join(FOLDER, name))))
const kernel = open('core-target.o').btf!
const object = open('core.o')

function relocated(name: string, target: Btf): { lines: string[]; outcomes: string[] } {
  const { code, relocations } = linkProgram(object, object.programs.find((program) => program.name === name)!)
  const outcomes = relocateCore(code, object.btf!, relocations, new CoreTarget(target))
  return { lines: disassemble(code).map((line) => line.text), outcomes }
}

// Offsets and sizes follow from the declarations in testdata/core-target.c.
test.each([
  ['fields', ['r0 = *(u64 *)(r1 +40)', 'r2 = *(u32 *)(r1 +52)', 'r1 = *(u64 *)(r1 +24)', 'r1 = *(u16 *)(r1 +12)']],
  ['grown', ['r0 = *(u64 *)(r1 +56)']],
  ['bits', ['r1 = 48', 'r0 = 4', 'r1 = 45', 'r1 = 58']],
  ['signs', ['r1 = 0', 'r0 = 1']],
  ['exists', ['r1 = 1', 'r0 = 0', 'r1 = 1', 'r1 = 0']],
  ['sizes', ['r1 = 64', 'r0 = 0']],
  ['enums', ['r1 = 0x11 ll', 'r0 = 0x1 ll', 'r1 = 0x0 ll']],
  ['poisoned', ['r2 = 0', 'call 195896080']],
])('%s', (name, expected) => {
  const { lines } = relocated(name, kernel)
  expect(lines.filter((line) => expected.includes(line))).toEqual(expected)
})

test('type ids are those of the object and of the kernel', () => {
  const id = (types: readonly BtfType[], name: string): number =>
    types.findIndex((type) => type.kind === 'struct' && type.name === name)
  const { lines } = relocated('ids', {
    types: [{ kind: 'void' }, ...kernel.types.slice(1), ...kernel.types.slice(0, 1)],
  })
  expect(lines[0]).toBe(`r1 = 0x${id(object.btf!.types, 'device___ours').toString(16)} ll`)
  expect(lines[1]).toBe(`r0 = 0x${id(kernel.types, 'device').toString(16)} ll`)
})

test('without any types everything is poisoned or not there', () => {
  const nothing: Btf = { types: [{ kind: 'void' }] }
  expect(relocated('fields', nothing).outcomes).toEqual(Array.from({ length: 4 }, () => 'poisoned'))
  expect(relocated('exists', nothing).outcomes).toEqual(Array.from({ length: 4 }, () => 'relocated'))
})

test('several types of a name have to agree', () => {
  const device = kernel.types.find((type) => type.kind === 'struct' && type.name === 'device')
  if (device?.kind !== 'struct') throw new Error('no device')
  const other: BtfType = {
    ...device,
    name: 'device___2',
    members: device.members.map((member) => ({ ...member, offset: member.offset + 64 })),
  }
  const same: BtfType = { ...device, name: 'device___3' }
  expect(relocated('grown', { types: [...kernel.types, same] }).lines[0]).toBe('r0 = *(u64 *)(r1 +56)')
  expect(() => relocated('grown', { types: [...kernel.types, other] })).toThrow('several types device___ours')
})

test('an offset that no instruction holds is out of range', () => {
  const types = kernel.types.map((type): BtfType => {
    if (type.kind !== 'struct' || type.name !== 'device') return type
    return { ...type, members: type.members.map((member) => ({ ...member, offset: member.offset + 8 * 40000 })) }
  })
  expect(() => relocated('grown', { types })).toThrow(expect.objectContaining({ code: 'ERANGE' }))
})

test('records that fit nothing are refused', () => {
  const { code } = linkProgram(object, object.programs[0])
  const run = (access: string, kind: number) => () => {
    return relocateCore(code, object.btf!, [{ slot: 0, type: 2, access, kind }], new CoreTarget(kernel))
  }
  expect(run('0:99', 0)).toThrow('access "0:99" does not fit type 2')
  expect(run('x', 0)).toThrow('does not fit')
  expect(run('0:0', 13)).toThrow('unknown kind 13')
  expect(run('0:0', 0)).toThrow('where its own types say 0')
})

test('whole types match if nothing that the program names is missing', () => {
  const struct = (members: readonly [string, number][]): BtfType => {
    return {
      kind: 'struct',
      name: 's',
      size: 8,
      members: members.map(([name, type], i) => ({ name, type, offset: i * 32, bits: 0 })),
    }
  }
  const int: BtfType = { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 1 }
  const unsigned: BtfType = { ...int, name: 'unsigned', encoding: 0 }
  const local: Btf = { types: [{ kind: 'void' }, int, struct([['a', 1]])] }
  const match = (...types: BtfType[]): boolean =>
    typesMatch(local, 2, { types: [{ kind: 'void' }, ...types] }, types.length)
  expect(
    match(
      int,
      struct([
        ['b', 1],
        ['a', 1],
      ]),
    ),
  ).toBe(true)
  expect(match(int, struct([['b', 1]]))).toBe(false)
  expect(match(unsigned, struct([['a', 1]]))).toBe(false)
})
