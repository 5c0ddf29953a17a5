import type { Kernel, Where } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { integer, seconds, words } from '../../grammar/values.ts'
import type { Column } from '../../print/columns.ts'
import { compact, type Json } from '../../print/json.ts'
import { count } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { pause } from '../pause.ts'
import type { Session } from '../session.ts'
import { isoTime } from '../watch/time.ts'
import { type DeviceRates, isIdle, type Rates, ratesBetween, type Sort, sorted } from './rates.ts'
import { takeSample } from './sample.ts'
import { TopScreen } from './screen.ts'

const MS = 1000
const LONGEST = 3600
const SHORTEST = 0.1

export const top = command({
  name: 'top',
  summary: 'show what goes through devices and their queues, live',
  words: {
    interval: { value: seconds('SECONDS', LONGEST), doc: 'time between two looks, 0.1 or more; default 1' },
    count: { value: integer('N', 1, Number.MAX_SAFE_INTEGER), doc: 'end after so many' },
    once: { aliases: ['--once'], doc: 'one table: the same as count 1' },
    sort: { value: words(['rx', 'tx', 'drops', 'name']), doc: 'what devices are sorted by; default rx, bits a second' },
  },
  notes: [
    'On a terminal: q quits, s sorts by something else, i hides queues that carry nothing, the space bar pauses, the arrow keys scroll. Elsewhere, or with once or count, tables of what was not idle; with -j one JSON object a line.',
    'Devices that are up, where the command acts and in all named namespaces; with -n only those there. CONSUMER reads a queue without copies; LEASED TO is the virtual queue that a physical one is leased to. Queues have numbers only where drivers count them: netkit devices do not.',
  ],
  examples: [
    ['top', 'until q is pressed'],
    ['top once interval 5', 'the rates of five seconds'],
    ['-j top count 60', 'a minute of JSON lines'],
  ],
  async run(args, session) {
    const { interval = 1, sort = 'rx' } = args
    if (interval < SHORTEST) throw new UsageError(`interval: ${interval} is less than ${SHORTEST} seconds`)
    if (args.once && args.count !== undefined) throw new UsageError("'once' means count 1: it excludes 'count'")
    const kernel = await session.kernel()
    const where = await session.where()
    const { screen } = session.context
    const times = args.once ? 1 : args.count
    if (screen && times === undefined && !session.options.json) {
      await new TopScreen(session, screen(), sort).run(kernel, where, interval * MS)
      return
    }
    await printTables(session, kernel, where, {
      interval: interval * MS,
      sort,
      times: times ?? (screen ? Number.POSITIVE_INFINITY : 1),
    })
  },
})

async function printTables(
  session: Session,
  kernel: Kernel,
  where: Where & { readonly signal: AbortSignal },
  { interval, sort, times }: { readonly interval: number; readonly sort: Sort; readonly times: number },
): Promise<void> {
  const { context, options } = session
  let before = await takeSample(kernel, where, context.now())
  for (let n = 0; n < times; n++) {
    await pause(interval, where.signal)
    if (where.signal.aborted) return
    const after = await takeSample(kernel, where, context.now())
    const rates = sorted(ratesBetween(before, after), sort)
    if (options.json) {
      const seconds = (after.time - before.time) / MS
      await session.say(`${compact({ time: isoTime(after.time), seconds, devices: rates.map(deviceJson) })}\n`)
    } else
      await session.table(
        HEADS,
        rates.flatMap((d) => tableRows(d, session)),
        [],
      )
    before = after
  }
}

const right = (title: string): Column => ({ title, right: true })
const HEADS: readonly Column[] = [
  { title: 'NETNS' },
  { title: 'DEV' },
  right('QUEUE'),
  right('RX-PPS'),
  right('RX-BIT/S'),
  right('TX-PPS'),
  right('TX-BIT/S'),
  right('DROPS/S'),
  { title: 'CONSUMER' },
  { title: 'LEASED TO' },
]

/** A row for the device, and one for each of its queues that does something. */
function tableRows(device: DeviceRates, { options }: Session): string[][] {
  const { netns, name } = device.device
  const cells = (r: Rates) =>
    [r.rxPackets, r.rxBits, r.txPackets, r.txBits, r.drops].map((n) => count(Math.round(n), options))
  const queues = device.queues.filter((q) => !isIdle(q) || q.queue.consumer !== '' || q.queue.lessee !== '')
  return [
    [netns, name, '', ...cells(device)],
    ...queues.map((q) => [netns, name, String(q.queue.id), ...cells(q), q.queue.consumer, q.queue.lessee]),
  ]
}

const ratesJson = (r: Rates): Record<string, Json> => ({
  rx_pps: r.rxPackets,
  rx_bps: r.rxBits,
  tx_pps: r.txPackets,
  tx_bps: r.txBits,
  drops_ps: r.drops,
})

const deviceJson = (d: DeviceRates): Json => ({
  netns: d.device.netns || undefined,
  ifname: d.device.name,
  ifindex: d.device.ifindex,
  ...ratesJson(d),
  queues: d.queues.map((q) => ({
    id: q.queue.id,
    ...ratesJson(q),
    consumer: q.queue.consumer || undefined,
    lessee: q.queue.lessee || undefined,
  })),
})
