import type { Kernel, LoadedObject, Program } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { token, words } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { plural } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { programWords, readObject } from './program.ts'

/** Where one of the loaded programs is pinned: by itself at the path, with others below it. */
const pinOf = (path: string, name: string, isOnly: boolean): string => (isOnly ? path : `${path}/${name}`)

export const load = command({
  name: 'load',
  summary: 'load the programs of an object file, and pin them',
  words: {
    prog: { ...programWords.prog, doc: 'object file: FILE.o' },
    pin: {
      value: token('PATH'),
      positional: true,
      doc: 'where the program is pinned, several below it by their names; default: nothing is kept, they are only verified',
    },
    program: {
      ...programWords.program,
      multi: true,
      doc: 'load this one; default: all whose section does not begin with ?',
    },
    type: { value: words(['sched_cls', 'xdp']), doc: 'of programs whose section does not say it; default: sched_cls' },
    set: programWords.set,
    log: { doc: 'print what the verifier writes, also of programs that it accepts' },
    'pin-maps': { value: token('PATH'), doc: 'pin the maps below this path, by their names in the source' },
  },
  notes: [
    'A program that nothing holds goes with the command: pin it, or attach it at once with netkit prog attach FILE.o.',
    'Pins are paths in the BPF file system: below /sys/fs/bpf. On the embedded kernel they are there until they are removed, or its process ends.',
  ],
  examples: [
    ['prog load firewall.o', 'does the verifier take it?'],
    ['prog load firewall.o /sys/fs/bpf/firewall set otherwise=2', 'keep it, with a global variable set'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { prog, pin, program } = args
    if (prog.kind !== 'file') throw new UsageError('an object file is expected here: FILE.o')
    const file = await readObject(kernel, prog.text, args.set, session)
    const logs: string[] = []
    const onLog = args.log && ((name: string, log: string) => logs.push(`${name}:\n${log}`))
    await using object = await file.load({ programs: program, type: args.type, onLog })
    if (!session.options.json) for (const log of logs) await session.say(log)
    if (pin !== undefined) await pinPrograms(kernel, object, pin)
    if (args['pin-maps'] !== undefined) await pinMaps(kernel, object, args['pin-maps'])
    const isOnly = object.programs.size === 1
    const entries = await Promise.all(
      [...object.programs].map(([name, one]) => entryOf(name, one, pin && pinOf(pin, name, isOnly))),
    )
    await session.entries(entries)
  },
})

async function pinPrograms(kernel: Kernel, { programs }: LoadedObject, path: string): Promise<void> {
  const isOnly = programs.size === 1
  if (!isOnly) await kernel.bpf.makePinFolder(path)
  const pinned: string[] = []
  try {
    for (const [name, program] of programs) {
      await program.pin(pinOf(path, name, isOnly))
      pinned.push(pinOf(path, name, isOnly))
    }
  } catch (e) {
    for (const one of pinned) await kernel.bpf.unpin(one)
    throw e
  }
}

async function pinMaps(kernel: Kernel, { maps }: LoadedObject, path: string): Promise<void> {
  await kernel.bpf.makePinFolder(path)
  for (const [name, map] of maps) if (!name.startsWith('.')) await map.pin(`${path}/${name}`)
}

async function entryOf(name: string, program: Program, pinned: string | undefined): Promise<Entry> {
  const { id, type, tag, xlatedBytes, verifiedInstructions } = await program.info()
  const entry = new Entry()
    .add('id', id, `${id}: `)
    .add('type', type, `${type} `)
    .add('name', name, name)
    .only('tag', tag)
    .add('instructions', xlatedBytes / 8, `, ${plural(xlatedBytes / 8, 'instruction')}`)
    .add('verified_insns', verifiedInstructions, `, ${verifiedInstructions} looked at to verify it`)
  return pinned === undefined ? entry.say('; not kept') : entry.add('pinned', pinned, `; pinned at ${pinned}`)
}
