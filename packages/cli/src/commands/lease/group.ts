import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName, integer, namespace } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { removalText, takesAlong } from '../../print/removal.ts'
import { type CommandGroup, command } from '../command.ts'
import { HintedError } from '../failure.ts'
import { target } from '../link/add.ts'
import { endJson, show } from './show.ts'

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
    const entry = new Entry().only('lessee', endJson(lease.lessee)).only('lessor', endJson(lease.lessor))
    const { lessee } = lease
    await session.entries([entry.say(`${lessee.name ?? args.dev} rx ${lessee.queue}`)])
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
