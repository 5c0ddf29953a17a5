import { decode, disassemble, linkProgram, printListing } from '@netkit/bpf'
import type { SourceLine } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { command } from '../command.ts'
import type { Session } from '../session.ts'
import { loaded, programWords, readObject } from './program.ts'

export const dump = command({
  name: 'dump',
  summary: 'print the instructions of a program, of an object file with its source',
  words: {
    prog: {
      ...programWords.prog,
      doc: 'an object file (FILE.o), which is not loaded; or an id, a name, a path where it is pinned',
    },
    program: programWords.program,
  },
  notes: [
    'What is loaded is shown as it runs, after the verifier has rewritten it; that needs CAP_PERFMON and CAP_SYS_ADMIN.',
  ],
  examples: [['prog dump firewall.o', 'what the compiler made, with the lines of the source']],
  async run({ prog, program }, session) {
    if (prog.kind === 'file') {
      await dumpFile(prog.text, program, session)
      return
    }
    if (program !== undefined) throw new UsageError("'program' is for object files")
    const kernel = await session.kernel()
    await using open = await loaded(kernel, prog)
    const lines = disassemble(decode(await open.instructions()))
    const sources = await kernel.bpf.sourceLines(open)
    if (session.options.json) {
      await session.json(
        lines.map(({ slot, text }) => ({ insn: slot, disasm: text, ...sourceJson(sources.get(slot)) })),
      )
      return
    }
    const row = ({ slot, opcode, text }: (typeof lines)[number]) => {
      const source = sources.get(slot)?.text
      const head = source ? `; ${source}\n` : ''
      return `${head}${String(slot).padStart(4)}: (${opcode.toString(16).padStart(2, '0')}) ${text}\n`
    }
    await session.say(lines.map(row).join(''))
  },
})

const sourceJson = (line: SourceLine | undefined) => line && { src: line.text, file: line.file, line: line.line }

async function dumpFile(path: string, name: string | undefined, session: Session): Promise<void> {
  const { object } = await readObject(await session.kernel(), path, undefined, session)
  const chosen = name === undefined ? object.programs : object.programs.filter((one) => one.name === name)
  if (chosen.length === 0)
    throw new UsageError(`${path} has no program ${name}: there are ${object.programs.map((p) => p.name).join(', ')}`)
  if (session.options.json) {
    const programs = chosen.map((program) => {
      const { code, lines } = linkProgram(object, program)
      const sources = new Map(lines.map(({ slot, text, file, line }) => [slot, { src: text.trim(), file, line }]))
      const insns = disassemble(code).map(({ slot, text }) => ({ insn: slot, disasm: text, ...sources.get(slot) }))
      return { name: program.name, section: program.section, insns }
    })
    await session.json(programs)
    return
  }
  const listings = chosen.map((program) => printListing(linkProgram(object, program), object.btf))
  await session.say(listings.join('\n'))
}
