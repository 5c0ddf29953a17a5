import { token } from '../../grammar/values.ts'
import { printable } from '../../print/printable.ts'
import { command } from '../command.ts'
import { asJson } from './file.ts'

export const exportCommand = command({
  name: 'export',
  summary: 'print what there is as a file of declared state',
  words: {
    '--all': { doc: 'all namespaces, NICs and netkit devices, also those that the set does not own' },
    set: { value: token('NAME'), doc: 'the set; default: the only one there is, or default' },
  },
  notes: [
    'YAML, or JSON with -j. Applied to an empty kernel it gives the same state. Recordings at the ends of cables are not part of it: kernels do not tell of them.',
  ],
  examples: [
    ['export', 'what was made by apply'],
    ['export --all', 'everything that a file can say'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { document, omitted } = await kernel.state.export({
      all: args['--all'],
      set: args.set,
      signal: session.context.interrupted,
    })
    for (const sentence of omitted) session.context.writeError(`Warning: left out: ${printable(sentence)}\n`)
    if (session.options.json) await session.json(asJson(document))
    else await session.say((await import('./document.ts')).documentText(document))
  },
})

export const schema = command({
  name: 'schema',
  summary: 'print the JSON schema of files of declared state, for editors',
  words: {},
  async run(_args, session) {
    await session.say((await import('./document.ts')).schemaText())
  },
})
