import type { Lease, LeaseEnd } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName, integer, namespace } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { removalText, takesAlong } from '../../print/removal.ts'
import { type CommandGroup, command } from '../command.ts'
import { HintedError } from '../failure.ts'
import { target } from '../link/add.ts'

/** Where one end is, seen from where the command acts. */
function place({ namespace: ns }: LeaseEnd): string {
  if (ns.name !== undefined) return ns.name
  if (ns.current) return ''
  return ns.netnsid === undefined ? '' : `nsid ${ns.netnsid}`
}

const end = (e: LeaseEnd) => ({
  ifname: e.name,
  ifindex: e.ifindex,
  queue: e.queue,
  netns: e.namespace.name,
  netnsid: e.namespace.netnsid,
})

const add = command({
  name: 'add',
  summary: 'lease a receive queue of a NIC to a netkit device',
  words: {
    dev: {
      value: deviceName(),
      positional: true,
      required: true,
      doc: 'the lessee: a single netkit device, or the peer of a pair, with room in numrxqueues',
    },
    netns: { value: namespace(), doc: 'namespace of the lessee; default: where the command acts' },
    from: {
      value: deviceName(),
      required: true,
      doc: 'the lessor: a NIC, or another device that can give queues away',
    },
    queue: { value: integer('ID', 0, 0xffff_ffff), required: true, doc: 'its receive queue, from 0' },
    'from-netns': { value: namespace(), doc: 'namespace of the lessor; default: where the command acts' },
  },
  notes: [
    'The queue becomes the next one of the lessee, from 1 on: what arrives in it can be received without a copy by whoever has the lessee. Its number is printed.',
    'A lease ends with the lessee: netkit link del. Needs the privilege of the machine (CAP_NET_ADMIN in the initial user namespace).',
  ],
  examples: [
    ['lease add dev nk0 from eth0 queue 15', 'give queue 15 of eth0 to nk0'],
    ['lease add dev nk0 netns pod from eth0 queue 15', 'the same with nk0 in a namespace'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { in: here, signal } = await session.where()
    const lease = await kernel.leases.add({
      lessee: { device: args.dev, in: target(args.netns) ?? here },
      lessor: { device: args.from, in: target(args['from-netns']) ?? here },
      queue: args.queue,
      signal,
    })
    const entry = new Entry().only('lessee', end(lease.lessee)).only('lessor', end(lease.lessor))
    const { lessee } = lease
    await session.entries([entry.say(`${lessee.name ?? args.dev} rx ${lessee.queue}`)])
  },
})

const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show leases, from all namespaces that can be seen',
  words: { dev: { value: deviceName(), positional: true, doc: 'only leases to or from this device' } },
  notes: [
    'With -n, only leases of NICs in that namespace. Kernels tell about leases of NICs that are up only. NETNS is empty where the command itself lives.',
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const all = where.in ? await kernel.leases.list(where) : await kernel.leases.listAll({ signal: where.signal })
    const shown = all.filter((l) => args.dev === undefined || l.lessor.name === args.dev || l.lessee.name === args.dev)
    const row = ({ lessor, lessee }: Lease) => [
      lessor.name ?? `if${lessor.ifindex}`,
      `rx ${lessor.queue}`,
      place(lessor),
      lessee.name ?? `if${lessee.ifindex}`,
      `rx ${lessee.queue}`,
      place(lessee),
    ]
    const heads = ['LESSOR', 'QUEUE', 'NETNS', 'LESSEE', 'QUEUE', 'NETNS'].map((title) => ({ title }))
    const json = shown.map(({ lessor, lessee }) => ({ lessor: end(lessor), lessee: end(lessee) }))
    await session.table(heads, shown.map(row), json)
  },
})

/** What people look for, and how it is done. */
const del = command({
  name: 'del',
  aliases: ['delete'],
  summary: 'a lease ends with its lessee',
  hidden: true,
  words: {
    dev: { value: deviceName(), positional: true, doc: 'the lessee' },
    words: { rest: true, positional: true, doc: 'anything' },
  },
  async run(args, session) {
    const { dev } = args
    const usage = new UsageError(
      `there is no way to end a single lease: remove the lessee, with netkit link del ${dev ?? 'DEV'}`,
    )
    if (dev === undefined) throw usage
    const { devices, removal } = await session.kernel()
    const where = await session.where()
    const found = await devices.find(dev, where)
    const report = found && (await removal.ofDevice(dev, where))
    if (!report || !takesAlong(report)) throw usage
    throw new HintedError(removalText(report, true).trimEnd(), { cause: usage })
  },
})

export const lease: CommandGroup = {
  name: 'lease',
  summary: 'receive queues of NICs that are bound to netkit devices',
  otherwise: 'show',
  commands: [add, show, del],
}
