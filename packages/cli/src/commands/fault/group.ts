import { type ErrnoName, errno, RESTART_STEPS } from '@netkit/netlink'
import type { Fault } from 'netkit'
import type { Value } from '../../grammar/value.ts'
import { integer, seconds, words } from '../../grammar/values.ts'
import { plural } from '../../print/numbers.ts'
import { type CommandGroup, command } from '../command.ts'
import { NIC, nicCalled } from '../nic/wire.ts'

const MS = 1000
const COUNT = integer('N', 1, 0xffff_ffff)
const LONGEST_STALL = 3600

const ERROR: Value<ErrnoName> = {
  name: 'ERRNO',
  allowed: 'the name of an errno, such as ENOMEM',
  parse: (word) => (Object.hasOwn(errno, word) ? (word as ErrnoName) : undefined),
}

const restart = command({
  name: 'restart',
  summary: 'have a restart of a receive queue fail',
  words: {
    nic: { value: NIC, positional: true, required: true, doc: 'the device name of the NIC, or its number' },
    queue: { value: integer('ID', 0, 0xffff_ffff), required: true, doc: 'the queue' },
    at: {
      value: words(RESTART_STEPS),
      required: true,
      doc: 'the step that fails: allocate new memory, stop the queue, start it with that, or recover with the old memory when that has failed',
    },
    nth: { value: COUNT, doc: 'not the next time, but the so-manieth' },
    error: { value: ERROR, doc: 'what it fails with; default ENOMEM' },
  },
  notes: [
    'Queues restart when somebody begins or ends to provide their memory (AF_XDP, io_uring, devmem), when a lease ends meanwhile, and by nics.restartQueue of the SDK.',
  ],
  examples: [['fault restart eth0 queue 3 at start nth 2 error EIO', 'the second restart of queue 3 fails']],
  async run(args, session) {
    const kernel = await session.kernel()
    const { id } = await nicCalled(kernel, args.nic)
    const { queue, at: step, nth, error } = args
    await kernel.faults.add({ kind: 'restart', nic: id, queue, step, nth, error })
  },
})

const times = { value: COUNT, doc: 'so many; default 1' } as const

const dump = command({
  name: 'dump',
  summary: 'have dumps say that they were interrupted (NLM_F_DUMP_INTR)',
  words: { times },
  async run(args, session) {
    const kernel = await session.kernel()
    await kernel.faults.add({ kind: 'dump', times: args.times })
  },
})

const overrun = command({
  name: 'overrun',
  summary: 'have notifications find the receive buffers of all listeners full (ENOBUFS)',
  words: { times },
  async run(args, session) {
    const kernel = await session.kernel()
    await kernel.faults.add({ kind: 'overrun', times: args.times })
  },
})

const stall = command({
  name: 'stall',
  summary: 'have all who listen to notifications read nothing for a while',
  words: {
    for: { value: seconds('SECONDS', LONGEST_STALL), positional: true, required: true, doc: 'how long' },
  },
  notes: ['What does not fit into a receive buffer meanwhile is lost, as with a reader that is too slow.'],
  async run(args, session) {
    const kernel = await session.kernel()
    await kernel.faults.add({ kind: 'stall', ms: args.for * MS })
  },
})

function text(fault: Fault): string {
  if (fault.kind === 'stall') return `${Math.ceil(fault.ms / MS)} s more`
  if (fault.kind !== 'restart')
    return `the next ${plural(fault.times ?? 1, fault.kind === 'dump' ? 'dump' : 'notification')}`
  const { nic, queue, step, nth = 1, error } = fault
  return `NIC ${nic} queue ${queue}, ${step}, ${nth === 1 ? 'the next time' : `${nth} times from now`}, ${error}`
}

const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show faults that are still to come',
  words: {},
  async run(_args, session) {
    const kernel = await session.kernel()
    const faults = await kernel.faults.list()
    const rows = faults.map((fault) => [fault.kind, text(fault)])
    await session.table(
      [{ title: 'FAULT' }, { title: 'WHEN' }],
      rows,
      faults.map((fault) => ({ ...fault })),
    )
  },
})

const clear = command({
  name: 'clear',
  summary: 'have nothing go wrong any more',
  words: {},
  async run(_args, session) {
    const kernel = await session.kernel()
    await kernel.faults.clear()
  },
})

export const fault: CommandGroup = {
  name: 'fault',
  summary: 'what is to go wrong in the embedded kernel, for tests',
  otherwise: 'show',
  commands: [show, restart, dump, overrun, stall, clear],
}
