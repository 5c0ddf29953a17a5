import type { QueueStats } from 'netkit'
import { deviceName, words } from '../../grammar/values.ts'
import type { Json } from '../../print/json.ts'
import { count } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { deviceNames } from '../names.ts'
import { snakeKeys } from '../snake.ts'

const packets = (s: QueueStats) => (s.queueType === 'tx' ? s.txPackets : s.rxPackets)
const bytes = (s: QueueStats) => (s.queueType === 'tx' ? s.txBytes : s.rxBytes)
const drops = (s: QueueStats) => (s.queueType === 'tx' ? s.txHwDrops : s.rxHwDrops)

const KEYS = new Set(['ifindex', 'queueType', 'queueId', 'scope', 'rest'])
/** Counters that have no column of their own, for `-d`. */
const OWN_COLUMN = /^(rx|tx)(Packets|Bytes|HwDrops|AllocFail)$/

export const stats = command({
  name: 'stats',
  summary: 'show counters of queues, as far as drivers keep them',
  words: {
    dev: { value: deviceName(), positional: true, doc: 'only this device' },
    type: { value: words(['rx', 'tx']), doc: 'only queues of this type' },
  },
  notes: [
    'Options: -d all that the driver counts, -h counts with K, M, G. Netkit devices keep no counters by queue: see the queue that is leased.',
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const { options } = session
    const list = (await kernel.stats.queues({ ...where, device: args.dev })).filter(
      (s) => args.type === undefined || s.queueType === args.type,
    )
    const nameOf = await deviceNames(kernel, where)
    const cell = (n: number | undefined) => (n === undefined ? '' : count(n, options))
    const more = (s: QueueStats) =>
      options.details
        ? Object.entries(s)
            .filter(([key, n]) => !KEYS.has(key) && !OWN_COLUMN.test(key) && typeof n === 'number')
            .map(([key, n]) => `${key} ${n}`)
            .join(' ')
        : ''
    const rows = list.map((s) => [
      nameOf(s.ifindex),
      String(s.queueType),
      String(s.queueId),
      cell(packets(s)),
      cell(bytes(s)),
      cell(drops(s)),
      cell(s.rxAllocFail),
      more(s),
    ])
    const heads = [
      { title: 'DEV' },
      { title: 'TYPE' },
      { title: 'ID', right: true },
      { title: 'PACKETS', right: true },
      { title: 'BYTES', right: true },
      { title: 'DROPS', right: true },
      { title: 'ALLOC-FAIL', right: true },
      { title: 'MORE' },
    ]
    const json = list.map(({ rest: _, ...s }) => ({
      ifname: nameOf(s.ifindex),
      ...snakeKeys(s as Record<string, Json>),
    }))
    await session.table(heads, rows, json)
  },
})
