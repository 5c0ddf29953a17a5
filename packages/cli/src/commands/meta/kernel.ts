import { EXTENSIONS, NEWEST_RELEASE, RELEASES, refused } from '@netkit/netlink'
import { UsageError } from '../../grammar/usage-error.ts'
import { integer, words } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { plural } from '../../print/numbers.ts'
import { type CommandGroup, command } from '../command.ts'
import type { KernelControl, KernelStatus } from '../context.ts'
import { Exit, STATUS } from '../failure.ts'
import type { Session } from '../session.ts'
import { isoTime } from '../watch/time.ts'

function controlOf({ context, kernelName }: Session, what: string): KernelControl {
  if (kernelName !== 'embedded')
    throw refused(`kernel ${what}`, 'EOPNOTSUPP', `the ${kernelName} kernel is the machine's own: no process keeps it`)
  if (!context.control) throw new UsageError('there is no kernel process here: the kernel is part of this program')
  return context.control
}

const MIB = 1024 * 1024
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`

/** How long something has been so: `2 h 5 min`. */
function since(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([n]) => n > 0)
  return parts
    .slice(first < 0 ? 3 : first, first < 0 ? 4 : first + 2)
    .map(([n, unit]) => `${n} ${unit}`)
    .join(' ')
}

function statusEntry(s: KernelStatus, now: number): Entry {
  const entry = new Entry()
    .add('running', true, 'running, ')
    .add('pid', s.pid, `process ${s.pid}, `)
    .add('release', s.release, `answers as Linux ${s.release}`)
    .say(s.extensions?.length ? ` with ${s.extensions.join(', ')}` : '')
    .add('version', s.version, ` (netkit ${s.version})`)
    .add(
      'started_at',
      new Date(s.startedAt).toISOString(),
      `\n  started     ${isoTime(s.startedAt).slice(0, 19).replace('T', ' ')}, ${since(now - s.startedAt)} ago`,
    )
    .add('socket', s.socket, `\n  socket      ${s.socket}`)
  if (s.journal !== undefined) {
    const size = s.journalBytes === undefined ? '' : `, ${mib(s.journalBytes)}`
    entry.add('journal', s.journal, `\n  journal     ${s.journal}${size}`)
  }
  if (s.journalBytes !== undefined) entry.only('journal_bytes', s.journalBytes)
  if (s.extensions?.length) entry.only('extensions', s.extensions)
  if (s.identifiedBy !== undefined) entry.add('identified_by', s.identifiedBy, `\n  clients by  ${s.identifiedBy}`)
  const { clients, namespaces, devices, leases, memory } = s
  const counts = `\n  has         ${plural(namespaces, 'namespace')}, ${plural(devices, 'device')}, ${plural(leases, 'lease')}, ${plural(clients, 'client')}`
  for (const [key, n] of Object.entries({ clients, namespaces, devices, leases })) entry.only(key, n)
  return entry.say(counts).add('memory', memory, `\n  memory      ${mib(memory)}`)
}

const start = command({
  name: 'start',
  summary: 'start the kernel process, unless it runs',
  words: {
    release: {
      value: words(RELEASES, 'RELEASE'),
      doc: `release of Linux that a new kernel answers as; default: ${NEWEST_RELEASE}`,
    },
    extension: {
      value: words(EXTENSIONS, 'EXTENSION'),
      multi: true,
      doc: 'what a new kernel is to do beyond Linux: netkit-xdp, XDP programs on single devices; default: nothing',
    },
  },
  notes: [
    'Every command that needs the kernel starts it. It goes on running until it is stopped.',
    'A kernel that was stopped goes on as the release that it was, and without extensions unless they are asked for again.',
  ],
  async run({ release, extension: extensions }, session) {
    const control = controlOf(session, 'start')
    if (session.options.dryRun) {
      const args = {
        ...(release !== undefined && { release }),
        ...(extensions && { extensions: extensions.join(',') }),
      }
      if (!(await control.status())) session.hold({ door: 'process', call: 'start', args, namespace: undefined })
      return
    }
    const { started, status } = await control.start({ release, extensions })
    if (release !== undefined && status.release !== release) {
      throw new UsageError(`the kernel that runs answers as Linux ${status.release}: stop it first`)
    }
    const missing = extensions?.find((name) => !status.extensions?.includes(name))
    if (missing !== undefined)
      throw new UsageError(`the kernel that runs was started without ${missing}: stop it first`)
    const entry = new Entry()
      .add('started', started, started ? 'started, ' : 'was running, ')
      .add('pid', status.pid, `process ${status.pid}`)
    await session.entries([entry])
  },
})

const stop = command({
  name: 'stop',
  summary: 'stop the kernel process',
  words: {
    discard: { doc: 'forget all that lives in it; default: it is there again when the process is started again' },
  },
  async run(args, session) {
    const control = controlOf(session, 'stop')
    if (session.options.dryRun) {
      const call = args.discard ? 'stop and discard' : 'stop'
      if (args.discard || (await control.status()))
        session.hold({ door: 'process', call, args: {}, namespace: undefined })
      return
    }
    const stopped = await control.stop({ discard: args.discard })
    await session.entries([new Entry().add('stopped', stopped, stopped ? 'stopped' : 'was not running')])
  },
})

/** Of the machine's own kernel there is little to say: it runs, or nothing would. */
async function machineStatus(session: Session): Promise<void> {
  const { kind, release } = await session.kernel()
  const entry = new Entry().add('running', true, 'running, ').add('kind', kind, `the machine's own ${kind} kernel, `)
  await session.entries([entry.add('release', release, `release ${release}`)])
}

const status = command({
  name: 'status',
  summary: 'say whether the kernel process runs, and what lives in it',
  words: {},
  notes: ['Exit status 1 if it does not run.'],
  async run(_args, session) {
    if (session.kernelName === 'linux') return await machineStatus(session)
    const found = await controlOf(session, 'status').status()
    await session.entries([
      found ? statusEntry(found, session.context.now()) : new Entry().add('running', false, 'not running'),
    ])
    if (!found) throw new Exit(STATUS.usage)
  },
})

const log = command({
  name: 'log',
  summary: 'show the log of the kernel process',
  words: {
    lines: { value: integer('N', 1, 1_000_000), doc: 'only the last N lines' },
    follow: { doc: 'go on with what is logged from now on' },
  },
  async run(args, session) {
    const { interrupted } = session.context
    const lines = controlOf(session, 'log').log({ lines: args.lines, follow: args.follow ? interrupted : undefined })
    for await (const line of lines) await session.say(`${line}\n`)
  },
})

const version = command({
  name: 'version',
  summary: 'say what the kernel that commands talk to is',
  words: {},
  async run(_args, session) {
    const { kind, release } = await session.kernel()
    await session.entries([
      new Entry()
        .add('kind', kind, `${kind} kernel, `)
        .add('release', release, kind === 'linux' ? `release ${release}` : `answers as Linux ${release}`),
    ])
  },
})

export const kernel: CommandGroup = {
  name: 'kernel',
  summary: 'the process that keeps the embedded kernel',
  otherwise: 'status',
  commands: [start, stop, status, log, version],
}
