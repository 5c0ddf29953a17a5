import { deviceName } from '../../grammar/values.ts'
import { count } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { devicesOf } from '../link/find.ts'
import { snakeKeys } from '../snake.ts'
import { showCopies } from './copies.ts'

const TITLES = [
  'DEV',
  'RX-PACKETS',
  'RX-BYTES',
  'RX-DROPPED',
  'RX-ERRORS',
  'TX-PACKETS',
  'TX-BYTES',
  'TX-DROPPED',
  'TX-ERRORS',
]

export const stats = command({
  name: 'stats',
  summary: 'show what devices have received, transmitted and dropped',
  words: {
    dev: { value: deviceName(), positional: true, doc: 'only this device' },
    copies: { doc: 'instead, bytes that the embedded kernel has copied, by device and reason' },
  },
  notes: [
    'Options: -h counts with K, M, G, -j all counters. Counters by queue: netkit queue stats.',
    'Of copies: DMA is what NICs move themselves, HEADERS are headers that were put apart from payload, COPIED is all else, payload too. - stands for no device: applications and sockets. With -j by reason.',
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const { options } = session
    if (args.copies) {
      await showCopies(session, kernel, where, args.dev)
      return
    }
    const devices =
      args.dev === undefined
        ? await kernel.devices.list({ ...where, stats: true })
        : await devicesOf(kernel, [args.dev], where, true)
    const rows = devices.map((d) => {
      const s = d.stats
      const all = [
        s?.rxPackets,
        s?.rxBytes,
        s?.rxDropped,
        s?.rxErrors,
        s?.txPackets,
        s?.txBytes,
        s?.txDropped,
        s?.txErrors,
      ]
      return [d.name, ...all.map((n) => count(n ?? 0n, options))]
    })
    const heads = TITLES.map((title, i) => ({ title, right: i > 0 }))
    const json = devices.map((d) => ({ ifindex: d.ifindex, ifname: d.name, ...snakeKeys<bigint>({ ...d.stats }) }))
    await session.table(heads, rows, json)
  },
})
