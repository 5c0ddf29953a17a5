import { file } from '../../grammar/values.ts'
import { command } from '../command.ts'
import { hexBytes } from './hex.ts'
import { engineName, runRaw } from './run-raw.ts'

export const run = command({
  name: 'run',
  summary: 'run a program and print what it returns',
  words: {
    raw: {
      aliases: ['--raw'],
      value: file('CODE'),
      required: true,
      doc: 'bare instructions, verified by nobody: a file of bytes or of hexadecimal digits, - is the input; or the digits themselves',
    },
    mem: {
      aliases: ['--mem'],
      value: hexBytes('HEX'),
      doc: 'memory that r1 points to and r2 has the length of; default: none',
    },
    engine: {
      aliases: ['--engine'],
      value: engineName,
      doc: 'the compiler to WebAssembly, or the interpreter that it is held against; default: wasm',
    },
    hex: { aliases: ['--hex'], doc: 'print the digits of r0 without 0x' },
    'mem-after': { aliases: ['--mem-after'], doc: 'print the memory afterwards, too' },
  },
  notes: [
    'A bare program may touch its memory and its stack only; it has no helpers and no maps. One that does more is stopped: the error says which instruction did what, and the status is 255.',
    'r0 is printed with all its 64 bits, as hexadecimal digits with 0x; with -j as a number, too.',
  ],
  examples: [
    ['prog run --raw code.bin --mem "01 02 03 04"', 'run instructions from a file over four bytes'],
    ['prog run --raw b70000002a0000009500000000000000', 'r0 = 42; exit'],
    ['prog run --raw - --mem 00ff --engine interpreter --hex < code.hex', 'digits from the input, digits out'],
  ],
  async run(args, session) {
    await runRaw(
      {
        code: args.raw,
        block: args.mem ?? new Uint8Array(),
        engine: args.engine ?? 'wasm',
        digits: args.hex === true,
        after: args['mem-after'] === true,
      },
      session,
    )
  },
})
