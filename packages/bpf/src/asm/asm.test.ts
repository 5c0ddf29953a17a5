import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, encode, identifyAll, opAt } from '../isa/code.ts'
import { OPS } from '../isa/table.ts'
import { assemble } from './assemble.ts'
import { disassemble, toAssembly } from './disassemble.ts'

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

// Left: what bpftool or the kernel prints for these bytes.
const LINUX = [
  ['r1 += -1', '07010000ffffffff'],
  ['w1 *= w2', '2c21000000000000'],
  ['r1 s/= r2', '3f21010000000000'],
  ['w3 s>>= 7', 'c403000007000000'],
  ['r1 = -r1', '8701000000000000'],
  ['r1 = (s32)r2', 'bf21200000000000'],
  ['w1 = (s8)w2', 'bc21080000000000'],
  ['r4 = be16 r4', 'dc04000010000000'],
  ['r4 = bswap64 r4', 'd704000040000000'],
  ['r1 = addr_space_cast(r2, 0, 1)', 'bf21010001000000'],
  ['r0 = *(u32 *)(r1 +4)', '6110040000000000'],
  ['r0 = *(s16 *)(r1 -4)', '8910fcff00000000'],
  ['*(u8 *)(r10 -1) = 7', '720affff07000000'],
  ['*(u64 *)(r10 -8) = r1', '7b1af8ff00000000'],
  ['lock *(u32 *)(r1 +0) += r2', 'c321000000000000'],
  ['r2 = atomic64_fetch_add((u64 *)(r1 +8), r2)', 'db21080001000000'],
  ['r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)', 'c3210000f1000000'],
  ['r1 = load_acquire((u64 *)(r2 +0))', 'db21000000010000'],
  ['store_release((u8 *)(r1 +0), r2)', 'd321000010010000'],
  ['if r1 s> 0xffffffff goto pc+3', '65010300ffffffff'],
  ['if w1 & w2 goto pc-1', '4e21ffff00000000'],
  ['goto pc+1', '0500010000000000'],
  ['gotol pc-2', '06000000feffffff'],
  ['may_goto pc+2', 'e500020000000000'],
  ['gotox r3', '0d03000000000000'],
  ['call bpf_tail_call#12', '850000000c000000'],
  ['call pc+2', '8510000002000000'],
  ['exit', '9500000000000000'],
  ['r0 = *(u16 *)skb[12]', '280000000c000000'],
  ['r0 = *(u32 *)skb[r7 + -4]', '40700000fcffffff'],
] as const

test.each(LINUX)('%s', (text, bytes) => {
  expect(hex(encode(assemble(text)))).toBe(bytes)
  expect(disassemble(assemble(text))[0].text).toBe(text)
})

// Other spellings of the same instructions, as LLVM prints them.
test.each([
  ['w0 = *(u32 *)(r1 + 0x4)', 'r0 = *(u32 *)(r1 +4)'],
  ['*(u32 *)(r10 - 0x4) = w2', '*(u32 *)(r10 -4) = r2'],
  ['if r1 s> -0x1 goto +0x3', 'if r1 s> 0xffffffff goto pc+3'],
  ['r0 = cmpxchg_64(r1 + 0x8, r0, r2)', 'r0 = atomic64_cmpxchg((u64 *)(r1 +8), r0, r2)'],
  ['w2 = xchg32_32(r1 + 0x8, w2)', 'r2 = atomic_xchg((u32 *)(r1 +8), r2)'],
  ['w2 = atomic_fetch_or((u32 *)(r1 + 0), w2)', 'r2 = atomic_fetch_or((u32 *)(r1 +0), r2)'],
  ['call 0xc', 'call bpf_tail_call#12'],
  ['call tail_call', 'call bpf_tail_call#12'],
  ['r1=*(u8*)(r2)', 'r1 = *(u8 *)(r2 +0)'],
  ['   7: (b7) r0 = 5', 'r0 = 5'],
])('%s is read as %s', (text, same) => {
  expect(disassemble(assemble(text))[0].text).toBe(same)
})

test('64-bit numbers and what stands for them', () => {
  const text = [
    'r1 = 0x1122334455667788 ll',
    'r2 = map[fd:5]',
    'r3 = map[idx:1][0]+16',
    'r4 = subprog[+2]',
    'r5 = 7',
    'exit',
  ]
  const code = assemble(text.join('\n'))
  expect(disassemble(code).map((line) => line.text)).toEqual(text)
  expect(hex(encode(code).slice(0, 32))).toBe('1801000088776655000000004433221118120000050000000000000000000000')
})

test('labels stand for slots, wherever they are', () => {
  const code = assemble('start: r1 = 1 ll; if r1 > 0 goto end; goto start; call f; r2 = &f; end: exit; f: g: exit')
  expect(disassemble(code).map((line) => line.text)).toEqual([
    'r1 = 0x1 ll',
    'if r1 > 0x0 goto pc+4',
    'goto pc-4',
    'call pc+3',
    'r2 = subprog[+2]',
    'exit',
    'exit',
  ])
})

test.each([
  ['r1 = 5\nr12 = 5', 'line 2: register 12 is not in 0 to 11 in "r12 = 5"'],
  ['r1 = 0x100000000', 'number 0x100000000 is not in'],
  ['r1 = *(u32 *)(r2 + 40000)', 'offset +40000 is not in -32768 to 32767'],
  ['goto nowhere', 'nothing is called nowhere'],
  ['a: exit; a: exit', 'label a is there twice'],
  ['r1 == r2', '"r1 == r2" is not an instruction'],
  ['r1 = -r2', 'is not an instruction'],
  [`goto far; ${'exit;'.repeat(40000)} far: exit`, 'gotol reaches further'],
])('%.40s is refused', (text, message) => {
  expect(() => assemble(text)).toThrow(message)
})

const anyProgram = fc
  .array(
    fc.tuple(fc.nat(OPS.length - 1), fc.nat(255), fc.integer({ min: -32768, max: 32767 }), fc.integer(), fc.integer()),
  )
  .map((rows) => {
    const code = decode(new Uint8Array(rows.length * 16))
    rows.forEach(([id, registers, off, imm, high], i) => {
      const { opcode, fields, fixed } = OPS[id]
      const slot = 2 * i
      code.opcode[slot] = Math.max(opcode, 0)
      code.dst[slot] = fields.dst ? registers % 11 : 0
      code.src[slot] = fields.src ? (registers >> 4) % 11 : (fixed.src ?? 0)
      code.off[slot] = fields.off ? off : (fixed.off ?? 0)
      code.imm[slot] = fields.imm ? imm : (fixed.imm ?? 0)
      code.imm[slot + 1] = high
    })
    identifyAll(code)
    return code
  })

test('any program of any instructions is read back from its listing, with labels or without', () => {
  fc.assert(
    fc.property(anyProgram, (code) => {
      const plain = disassemble(code).map((line) => line.text)
      expect(hex(encode(assemble(plain.join('\n'))))).toBe(hex(encode(code)))
      expect(hex(encode(assemble(toAssembly(code))))).toBe(hex(encode(code)))
    }),
  )
})

test('any bytes are read back from their listing', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 20 }), (slots) => {
      const bytes = new Uint8Array(BigUint64Array.from(slots).buffer)
      expect(hex(encode(assemble(toAssembly(decode(bytes)))))).toBe(hex(bytes))
    }),
  )
})

test('every instruction has a spelling', () => {
  const code = assemble(LINUX.map(([text]) => text).join('\n'))
  for (let slot = 0; slot < code.length; slot++) expect(opAt(code, slot).kind).not.toBe('invalid')
})

test('any text is assembled or refused with its line', () => {
  const words = fc.constantFrom(
    'r1',
    'w2',
    ' ',
    '=',
    '+=',
    '5',
    '-',
    '0x',
    '*(u32 *)',
    '(r1 +4)',
    'goto',
    'call',
    ';',
    '\n',
    ':',
    'if',
    '>',
    'exit',
    '#',
    '&',
  )
  fc.assert(
    fc.property(
      fc.array(words).map((parts) => parts.join('')),
      (text) => {
        try {
          expect(encode(assemble(text)).length % 8).toBe(0)
        } catch (error) {
          expect(String(error)).toMatch(/^AsmError: line \d+: /)
        }
      },
    ),
  )
})
