import type { EthtoolChannels } from '@netkit/netlink'
import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName, integer } from '../../grammar/values.ts'
import { type CommandGroup, command } from '../command.ts'
import { present } from '../link/settings.ts'

const KINDS = ['rx', 'tx', 'other', 'combined'] as const
const N = integer('N', 0, 0xffff_ffff)

const countOf = (c: EthtoolChannels, kind: (typeof KINDS)[number]) => c[`${kind}Count`]
const maxOf = (c: EthtoolChannels, kind: (typeof KINDS)[number]) => c[`${kind}Max`]

const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show how many queues devices use, and could use',
  words: { dev: { value: deviceName(), positional: true, doc: 'only this device' } },
  async run(args, session) {
    const { ethtool } = await session.kernel()
    const where = await session.where()
    const list =
      args.dev === undefined ? await ethtool.channels.list(where) : [await ethtool.channels.get(args.dev, where)]
    const rows = list.flatMap((c) =>
      KINDS.filter((kind) => maxOf(c, kind) !== undefined).map((kind) => [
        c.header.devName ?? '',
        kind,
        String(countOf(c, kind) ?? ''),
        String(maxOf(c, kind)),
      ]),
    )
    const heads = [
      { title: 'DEV' },
      { title: 'CHANNELS' },
      { title: 'COUNT', right: true },
      { title: 'MAX', right: true },
    ]
    const json = list.map((c) => ({
      ifname: c.header.devName,
      ...Object.fromEntries(
        KINDS.flatMap((kind) => [
          [`${kind}-max`, maxOf(c, kind)],
          [kind, countOf(c, kind)],
        ]),
      ),
    }))
    await session.table(heads, rows, json)
  },
})

const set = command({
  name: 'set',
  summary: 'set how many queues a device uses',
  words: {
    dev: { value: deviceName(), positional: true, required: true, doc: 'the device' },
    combined: { value: N, doc: 'channels with a receive and a transmit queue each' },
    rx: { value: N, doc: 'channels with a receive queue only' },
    tx: { value: N, doc: 'channels with a transmit queue only' },
    other: { value: N, doc: 'channels for other purposes' },
  },
  notes: ['A queue that is leased, in use by AF_XDP or has memory of its own cannot be taken away.'],
  examples: [['channels set dev eth0 combined 8', 'use eight queues']],
  async run(args, session) {
    const { ethtool } = await session.kernel()
    const { combined, rx, tx, other } = args
    const settings = present({ combinedCount: combined, rxCount: rx, txCount: tx, otherCount: other })
    if (Object.keys(settings).length === 0) throw new UsageError('a number of channels is missing, such as combined N')
    await ethtool.channels.set(args.dev, settings, await session.where())
  },
})

export const channels: CommandGroup = {
  name: 'channels',
  summary: 'how many queues a device uses',
  otherwise: 'show',
  commands: [show, set],
}
