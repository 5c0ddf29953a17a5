import fc from 'fast-check'
import { expect, test } from 'vitest'
import { const64, decode, encode, identifyAll, jumpTarget, opAt } from './code.ts'
import { explain } from './identify.ts'
import { OPS, opNamed } from './table.ts'

const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/\w\w/g) ?? [], (pair) => Number.parseInt(pair, 16))
const only = (text: string): string => opAt(decode(bytes(text)), 0).name

test('any bytes decode and encode to themselves, or name the byte where an instruction is cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
      const cut = raw.length % 8
      if (cut) expect(() => decode(raw)).toThrow(`(byte ${raw.length - cut})`)
      const whole = raw.slice(0, raw.length - cut)
      expect(encode(decode(whole))).toEqual(whole)
    }),
  )
})

test('names are unique', () => {
  expect(new Set(OPS.map((op) => op.name)).size).toBe(OPS.length)
})

test('a row and its fields make that row again, and no other', () => {
  for (const op of OPS.filter(({ kind }) => kind !== 'invalid' && kind !== 'second')) {
    const code = decode(new Uint8Array(16))
    code.opcode[0] = op.opcode
    code.src[0] = op.fixed.src ?? 0
    code.off[0] = op.fixed.off ?? 0
    code.imm[0] = op.fixed.imm ?? 0
    identifyAll(code)
    expect(opAt(code, 0).name).toBe(op.name)
  }
})

// Bytes as GNU as and LLVM assemble them.
test.each([
  ['0701000001000000', 'add64 imm'],
  ['bf12000000000000', 'mov64 reg'],
  ['bf12080000000000', 'movsx8to64'],
  ['bc12100000000000', 'movsx16to32'],
  ['bf12010001000000', 'cast_plain'],
  ['3712010000000000', 'invalid'],
  ['3f12010000000000', 'sdiv64 reg'],
  ['dc01000020000000', 'be32'],
  ['d701000010000000', 'bswap16'],
  ['db120000f1000000', 'cmpxchg64'],
  ['d312000000010000', 'load_acquire8'],
  ['0600000005000000', 'gotol'],
  ['0d01000000000000', 'gotox'],
  ['e500030000000000', 'may_goto'],
  ['8520000001000000', 'call kfunc'],
  ['8510000001000000', 'call subprogram'],
  ['8d01000000000000', 'invalid'],
  ['2800000006000000', 'ldabsh'],
  ['7913f8ff00000000', 'ldxdw'],
  ['81b3f8ff00000000', 'ldxsw'],
])('%s is %s', (text, name) => {
  expect(only(text)).toBe(name)
})

test('a 64-bit number takes two slots; without a plain second one it is invalid', () => {
  const code = decode(bytes('18010000 44332211 00000000 88776655'))
  expect([opAt(code, 0).name, opAt(code, 1).kind]).toEqual(['lddw number', 'second'])
  expect(const64(code, 0)).toBe(0x5566778811223344n)
  expect(only('1801000044332211')).toBe('invalid')
  expect(only('18010000443322110100000000000000')).toBe('invalid')
})

test('what is wrong is said in words', () => {
  expect(explain(0xff, 0, 0, 0, 0)).toBe('unknown opcode 0xff')
  expect(explain(0x07, 12, 0, 0, 0)).toBe('opcode 0x07: there is no register r12')
  expect(explain(0x95, 0, 0, 0, 7)).toBe('opcode 0x95: immediate is 7, which this instruction does not allow')
  expect(explain(0x18, 1, 0, 0, 0)).toContain('second half')
})

test('jumps count from the next slot', () => {
  const code = decode(bytes('0500ffff00000000 06000000fdffffff 8510000001000000 9500000000000000'))
  expect([0, 1, 2, 3].map((slot) => jumpTarget(code, slot))).toEqual([0, -1, 4, -1])
})

test('unknown names are refused', () => {
  expect(() => opNamed('add128')).toThrow(RangeError)
})
