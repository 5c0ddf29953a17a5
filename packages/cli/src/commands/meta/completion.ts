import { complete } from '../../grammar/complete.ts'
import type { Options } from '../../grammar/options.ts'
import { SHELLS, type Shell } from '../../grammar/shell/scripts.ts'
import { words } from '../../grammar/values.ts'
import { command } from '../command.ts'
import type { Session } from '../session.ts'

export const completion = command({
  name: 'completion',
  summary: 'print a script that makes a shell complete the words of netkit',
  words: {
    shell: { value: words(Object.keys(SHELLS) as Shell[]), positional: true, required: true, doc: 'the shell' },
  },
  notes: [
    'bash: eval "$(netkit completion bash)" in ~/.bashrc. zsh: eval "$(netkit completion zsh)" in ~/.zshrc, behind compinit. fish: netkit completion fish > ~/.config/fish/completions/netkit.fish',
  ],
  async run(args, session) {
    await session.say(SHELLS[args.shell])
  },
})

/** What the scripts ask: the candidates for the last word, one a line, with a tab and what it does behind. */
export const completeWords = command({
  name: '__complete',
  summary: 'candidates for the last word of a command line',
  words: { words: { rest: true, positional: true, doc: 'the command line up to the cursor' } },
  hidden: true,
  async run(args, session) {
    const { entries } = session.program
    const typed = args.words?.at(-1) ?? ''
    const { candidates, sources, place } = complete(entries, args.words ?? [''])
    const lines = candidates.map(({ word, doc }) => (doc === undefined ? word : `${word}\t${doc}`))
    for (const source of sources) {
      if (source === 'file') lines.push(':file')
      else if (source === 'command') lines.push(...complete(entries, [typed]).candidates.map((c) => c.word))
      else lines.push(...(await existing(source, place, session)).filter((name) => name.startsWith(typed)))
    }
    if (lines.length > 0) await session.say(`${lines.join('\n')}\n`)
  },
})

/** Names of what is there. A kernel that does not run is not started for it, and failures complete to nothing. */
async function existing(
  source: 'device' | 'namespace' | 'nic',
  place: Pick<Options, 'kernel' | 'netns'>,
  session: Session,
): Promise<readonly string[]> {
  try {
    const inner = session.with({
      ...session.options,
      netns: place.netns,
      kernel: place.kernel ?? session.options.kernel,
    })
    if (inner.kernelName === 'embedded' && inner.context.control && !(await inner.context.control.status())) return []
    const kernel = await inner.kernel()
    if (source === 'namespace') return await kernel.namespaces.list()
    if (source === 'nic') return (await kernel.nics.list()).map((nic) => nic.name)
    const devices = await kernel.devices.list({ ...(await inner.where()), namesOnly: true })
    return devices.flatMap((d) => [d.name, ...d.altnames])
  } catch {
    return []
  }
}
