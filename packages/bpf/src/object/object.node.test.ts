import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { disassemble } from '../asm/disassemble.ts'
import { BtfError } from '../btf/resolve.ts'
import { FormatError } from '../bytes/error.ts'
import { CoreError } from '../core/kinds.ts'
import { CoreTarget, relocateCore } from '../core/relocate.ts'
import { encode } from '../isa/code.ts'
import { ObjectError } from './error.ts'
import { type LinkedProgram, linkProgram } from './link.ts'
import type { BpfObject } from './object.ts'
import { openObject } from './open.ts'
import { programType } from './program-types.ts'
import { resolveReferences } from './resolve-references.ts'
import { settingContents } from './settings.ts'

const FOLDER = join(import.meta.dirname, '../../testdata')
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FOLDER, `${name}.o`)))
const open = (name: string): BpfObject => openObject(bytesOf(name), `${name}.o`)
const link = (object: BpfObject, name: string): LinkedProgram => {
  return linkProgram(object, object.programs.find((program) => program.name === name)!)
}
const text = ({ code }: LinkedProgram): string[] => disassemble(code).map((line) => line.text)

describe('programs', () => {
  test('have the types that their sections say', () => {
    const rows = open('calls').programs.map(({ name, section, autoload, type }) => [name, section, autoload, type])
    expect(rows).toEqual([
      ['loops', 'xdp', true, { type: 6, attachType: 37, flags: 0 }],
      ['optional', 'tc/ingress', false, { type: 3, attachType: 46, flags: 0 }],
      ['externs', 'xdp.frags/cpumap', true, { type: 6, attachType: 35, flags: 32 }],
      ['other', 'fentry/some_function', true, undefined],
    ])
    expect(open('globals').programs[0].type).toEqual({ type: 3, attachType: 54, flags: 0 })
    expect(['tc/foo', 'XDP', '', 'constructor'].map(programType)).toEqual([undefined, undefined, undefined, undefined])
  })

  test('several can share a section', () => {
    expect(open('maps').programs.map(({ name, section }) => [name, section])).toEqual([
      ['last', 'tc'],
      ['count', 'tc'],
    ])
    expect(open('maps').license).toBe('Dual BSD/GPL')
  })
})

describe('linking', () => {
  test('puts each function that is called behind the program, once', () => {
    const loops = link(open('calls'), 'loops')
    expect(loops.functions.map(({ slot, name }) => [slot, name])).toEqual([
      [0, 'loops'],
      [14, 'body'],
      [21, 'hidden'],
      [24, 'shared'],
      [32, 'leaf'],
    ])
    expect(loops.functions.every(({ type }) => type > 0)).toBe(true)
    const lines = text(loops)
    expect(lines[5]).toBe('r2 = subprog[+8]')
    expect(lines.filter((line) => line.startsWith('call pc'))).toEqual([
      'call pc+9',
      'call pc+8',
      'call pc+2',
      'call pc+6',
      'call pc+2',
    ])
    expect(loops.code.length).toBe(36)
  })

  test('keeps where instructions come from', () => {
    const { lines } = link(open('calls'), 'optional')
    expect(lines[0]).toMatchObject({ slot: 0, text: '\treturn leaf(ctx->mark) + shared(1);', line: 38 })
    expect(lines.some(({ slot, text }) => slot >= 7 && text.includes('bpf_get_prandom_u32'))).toBe(true)
  })

  test('hidden functions become static', () => {
    const { btf } = open('calls')
    const linkage = (name: string): unknown => btf?.types.find((type) => type.kind === 'func' && type.name === name)
    expect(linkage('hidden')).toMatchObject({ linkage: 'static' })
    expect(linkage('shared')).toMatchObject({ linkage: 'global' })
  })
})

describe('maps', () => {
  test('are what their definitions say', () => {
    const { maps } = open('maps')
    const rows = maps.map(({ name, type, keySize, valueSize, maxEntries, flags }) => [
      name,
      type,
      keySize,
      valueSize,
      maxEntries,
      flags,
    ])
    expect(rows).toEqual([
      ['first', 2, 4, 16, 2, 0],
      ['second', 2, 4, 16, 2, 0],
      ['outer', 12, 4, 4, 3, 0],
      ['jumps', 3, 4, 4, 2, 0],
      ['flows', 1, 12, 16, 1024, 1],
      ['a_ring_with_a_l', 27, 0, 0, 4096, 0],
    ])
    const flows = maps.find(({ name }) => name === 'flows')
    expect(flows).toMatchObject({ pinByName: true, keyType: expect.any(Number), valueType: expect.any(Number) })
    expect(flows!.keyType).toBeGreaterThan(0)
  })

  test('hold maps and programs from the start', () => {
    const { maps } = open('maps')
    const outer = maps.find(({ name }) => name === 'outer')
    expect(outer?.slots).toEqual([
      { index: 0, map: 'first' },
      { index: 2, map: 'second' },
    ])
    expect(outer?.inner).toMatchObject({ type: 2, keySize: 4, valueSize: 16, maxEntries: 2 })
    expect(maps.find(({ name }) => name === 'jumps')?.slots).toEqual([{ index: 1, program: 'last' }])
  })

  test('global variables are arrays of one element', () => {
    const rows = open('globals').maps.map(({ name, valueSize, flags, data }) => [
      name,
      valueSize,
      flags,
      data?.variables.map((v) => v.name),
    ])
    expect(rows).toEqual([
      ['globals.rodata', 8, 0x480, ['limit', 'secret']],
      ['globals.data', 32, 0x400, ['table']],
      ['.data.own', 8, 0x400, ['own']],
      ['globals.bss', 8, 0x400, ['seen', 'total']],
    ])
    expect(open('globals').maps[0].data).toMatchObject({ readOnly: true, bytes: Uint8Array.of(5, 0, 0, 0, 9, 0, 0, 0) })
  })
})

describe('references', () => {
  test('become file descriptors of maps, and places in them', () => {
    const count = link(open('maps'), 'count')
    resolveReferences(count, count.code, { mapFd: (map) => 40 + map })
    expect(text(count).filter((line) => line.includes('map['))).toEqual([
      'r1 = map[fd:44]',
      'r2 = map[fd:43]',
      'r1 = map[fd:42]',
    ])
    const globals = link(open('globals'), 'globals')
    resolveReferences(globals, globals.code, { mapFd: (map) => 10 + map })
    expect(text(globals).filter((line) => line.includes('map['))).toEqual([
      'r2 = map[fd:12][0]+0',
      'r2 = map[fd:13][0]+0',
      'r3 = map[fd:10][0]+0',
      'r4 = map[fd:10][0]+4',
      'r3 = map[fd:13][0]+4',
      'r3 = map[fd:11][0]+0',
    ])
  })

  test('weak ones become null and poison, strong ones have to be there', () => {
    const object = open('calls')
    const externs = link(object, 'externs')
    const ids: Readonly<Record<string, number>> = { bpf_needed_function: 77 }
    resolveReferences(externs, externs.code, { mapFd: () => 0, kernelType: (name) => ids[name] })
    const lines = text(externs)
    expect(lines[0]).toBe('r1 = 0x0 ll')
    expect(lines.filter((line) => line.startsWith('call'))).toEqual(['call 195896080', 'call kfunc 77 fd 0'])
    const again = link(object, 'externs')
    expect(() => resolveReferences(again, again.code, { mapFd: () => 0 })).toThrow(
      'the kernel has no function bpf_needed_function',
    )
  })
})

describe('settings of the kernel', () => {
  const object = open('settings')
  const contents = (values: Record<string, string>, release = '7.3'): DataView =>
    new DataView(
      settingContents(object.btf!, object.settings, { release, value: (name) => values[name] }).buffer as ArrayBuffer,
    )
  const VALUES = { CONFIG_HZ: '250', CONFIG_BPF: 'y', CONFIG_VETH: 'm', CONFIG_IPV6: 'y' }

  test('lie in a map of their own, by alignment and name', () => {
    expect(object.settings.map(({ name, offset, weak }) => [name, offset, weak])).toEqual([
      ['CONFIG_MISSING', 0, true],
      ['CONFIG_HZ', 8, false],
      ['CONFIG_VETH', 12, false],
      ['LINUX_KERNEL_VERSION', 16, false],
      ['CONFIG_BPF', 20, false],
      ['CONFIG_CC_VERSION_TEXT', 21, true],
      ['CONFIG_IPV6', 29, false],
    ])
    const { name, valueSize, flags } = object.maps.at(-1)!
    expect([name, valueSize, flags]).toEqual(['settings.kconfi', 30, 0x480])
  })

  test('are what the kernel says', () => {
    const view = contents({ ...VALUES, CONFIG_CC_VERSION_TEXT: '"gcc (Debian 14)"' }, '6.18.44-test')
    expect([view.getBigUint64(0, true), view.getUint32(8, true), view.getUint32(12, true)]).toEqual([0n, 250, 2])
    expect(view.getUint32(16, true)).toBe(0x06122c)
    expect([...new Uint8Array(view.buffer, 20)]).toEqual([
      1,
      ...new TextEncoder().encode('gcc (De'),
      0,
      'y'.charCodeAt(0),
    ])
  })

  test('are refused where they are missing or do not fit', () => {
    const { CONFIG_HZ: _, ...others } = VALUES
    expect(() => contents(others)).toThrow('extern CONFIG_HZ: the kernel does not have it')
    expect(() => contents({ ...VALUES, CONFIG_BPF: 'm' })).toThrow('extern CONFIG_BPF: m does not fit its type')
    expect(() => contents({ ...VALUES, CONFIG_HZ: '4294967296' })).toThrow('does not fit into 4 bytes')
    expect(() => contents({ ...VALUES, CONFIG_HZ: '"x"' })).toThrow('does not fit its type')
  })
})

describe('refused', () => {
  test.each([
    ['refused-legacy-maps', 'ENOTSUP', 'maps: legacy map definitions'],
    ['refused-static-program', 'ENOTSUP', 'tc+0: static function program outside .text'],
  ])('%s: %s', (name, code, message) => {
    const load = (): unknown => link(open(name), 'program')
    expect(load).toThrow(message)
    expect(load).toThrow(expect.objectContaining({ code }))
  })

  test.each([
    [0, 0, 'this is no ELF file (byte 0)'],
    [5, 2, 'only little-endian files'],
    [18, 62, 'machine 62 is not eBPF'],
    [40, 255, 'bytes are needed'],
  ])('byte %d as %d', (at, value, message) => {
    const bytes = bytesOf('calls')
    bytes[at] = value
    expect(() => openObject(bytes)).toThrow(message)
  })
})

test('damaged files are read or refused, never anything else', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.o'))
  const target = new CoreTarget(open('core-target').btf!)
  const change = fc.tuple(fc.nat(), fc.nat(255))
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 8 }), (file, changes) => {
      const bytes = bytesOf(file.slice(0, -2))
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      try {
        const object = openObject(bytes)
        for (const program of object.programs) {
          const linked = linkProgram(object, program)
          if (object.btf) relocateCore(linked.code, object.btf, linked.relocations, target)
          resolveReferences(linked, linked.code, { mapFd: () => 3, kernelType: () => 5 })
          encode(linked.code)
        }
      } catch (error) {
        const known = [FormatError, ObjectError, BtfError, CoreError].some((kind) => error instanceof kind)
        if (!known) throw error
      }
    }),
    { numRuns: 3000 },
  )
})
