import { UsageError } from '../../grammar/usage-error.ts'
import { file, integer } from '../../grammar/values.ts'
import type { Words } from '../../grammar/words.ts'
import { command } from '../command.ts'
import { hexBytes } from './hex.ts'
import { programWords } from './program.ts'
import { engineName, runRaw } from './run-raw.ts'
import { runTest } from './run-test.ts'

/** Of programs that a kernel runs. */
const testWords = {
  program: programWords.program,
  set: programWords.set,
  'data-in': { aliases: ['data_in', '--data-in'], value: file(), doc: 'the packet: a file of bytes, - is the input' },
  data: { aliases: ['--data'], value: hexBytes('HEX'), doc: 'the packet, in digits' },
  'data-out': {
    aliases: ['data_out', '--data-out'],
    value: file(),
    doc: 'where the packet is written afterwards; default: it is printed if it has changed',
  },
  'ctx-in': { aliases: ['ctx_in', '--ctx-in'], value: file(), doc: 'the context: struct __sk_buff or xdp_md' },
  'ctx-out': { aliases: ['ctx_out', '--ctx-out'], value: file(), doc: 'where the context is written afterwards' },
  repeat: { aliases: ['--repeat'], value: integer('N', 1, 0x7fff_ffff), doc: 'times that it runs; default: 1' },
} satisfies Words

/** Of bare instructions. */
const rawWords = {
  raw: {
    aliases: ['--raw'],
    value: file('CODE'),
    doc: 'bare instructions in place of a program, verified by nobody: a file of bytes or of hexadecimal digits, - is the input; or the digits themselves',
  },
  mem: {
    aliases: ['--mem'],
    value: hexBytes('HEX'),
    doc: 'with raw: memory that r1 points to and r2 has the length of; default: none',
  },
  engine: {
    aliases: ['--engine'],
    value: engineName,
    doc: 'with raw: the compiler to WebAssembly, or the interpreter that it is held against; default: wasm',
  },
  hex: { aliases: ['--hex'], doc: 'with raw: print the digits of r0 without 0x' },
  'mem-after': { aliases: ['--mem-after'], doc: 'with raw: print the memory afterwards, too' },
} satisfies Words

export const run = command({
  name: 'run',
  summary: 'run a program over a packet, or bare instructions over memory, and print what it returns',
  words: { prog: { ...programWords.prog, required: undefined }, ...testWords, ...rawWords },
  notes: [
    'A program of an object file is loaded for this and goes again; maps begin empty. With -j the keys are those of bpftool prog run.',
    'Bare instructions may touch their memory and stack only; they have no helpers and no maps. What does more is stopped: the error says which instruction did what, and the status is 255. r0 is printed with all its 64 bits, as digits with 0x; with -j as a number, too.',
  ],
  examples: [
    ['prog run firewall.o data-in packet.bin', 'load it, run it over a packet, say what it returned'],
    ['prog run 17 data-in packet.bin repeat 1000000 -j', 'measure a program that is loaded'],
    ['prog run --raw code.bin --mem "01 02 03 04"', 'run instructions from a file over four bytes'],
    ['prog run --raw b70000002a0000009500000000000000', 'r0 = 42; exit'],
  ],
  async run(args, session) {
    const { raw, prog, ...rest } = args
    if (raw !== undefined) {
      exclude(args, ['prog', ...Object.keys(testWords)], 'raw')
      const { mem = new Uint8Array(), engine = 'wasm', hex = false } = rest
      await runRaw({ code: raw, block: mem, engine, digits: hex, after: args['mem-after'] ?? false }, session)
      return
    }
    if (prog === undefined) throw new UsageError(`PROG is missing: ${programWords.prog.doc}; or raw CODE`)
    exclude(args, Object.keys(rawWords), 'a program')
    const { program, set, data, repeat = 1 } = rest
    const paths = {
      dataIn: args['data-in'],
      dataOut: args['data-out'],
      contextIn: args['ctx-in'],
      contextOut: args['ctx-out'],
    }
    await runTest({ prog, program, set }, { data, repeat, ...paths }, session)
  },
})

function exclude(args: object, names: readonly string[], what: string): void {
  const said = names.find((name) => Object.hasOwn(args, name))
  if (said !== undefined) throw new UsageError(`'${said}' does not go with ${what}`)
}
