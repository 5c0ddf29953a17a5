import type { LINK_STATS64, ValueOf } from '@netkit/netlink'
import type { Entry } from '../entry.ts'
import type { Json } from '../json.ts'
import { count } from '../numbers.ts'
import type { LinkMessage, LinkView } from './view.ts'

type Counters = Partial<ValueOf<typeof LINK_STATS64>>
type Cell = readonly [title: string, value: (c: Counters, m: LinkMessage) => bigint | number | undefined]

interface Line {
  readonly label: string
  readonly cells: readonly Cell[]
}

/** The lines of `ip -s`; columns are shared, so that they stand below each other. The last cell is shown only if it counts. */
const RX: Line = {
  label: 'RX:',
  cells: [
    ['bytes', (c) => c.rxBytes],
    ['packets', (c) => c.rxPackets],
    ['errors', (c) => c.rxErrors],
    ['dropped', (c) => c.rxDropped],
    ['missed', (c) => c.rxMissedErrors],
    ['mcast', (c) => c.multicast],
    ['compressed', (c) => c.rxCompressed || undefined],
  ],
}
const RX_ERRORS: Line = {
  label: 'RX errors:',
  cells: [
    ['', () => undefined],
    ['length', (c) => c.rxLengthErrors],
    ['crc', (c) => c.rxCrcErrors],
    ['frame', (c) => c.rxFrameErrors],
    ['fifo', (c) => c.rxFifoErrors],
    ['overrun', (c) => c.rxOverErrors],
    ['nohandler', (c) => c.rxNohandler || undefined],
  ],
}
const TX: Line = {
  label: 'TX:',
  cells: [
    ['bytes', (c) => c.txBytes],
    ['packets', (c) => c.txPackets],
    ['errors', (c) => c.txErrors],
    ['dropped', (c) => c.txDropped],
    ['carrier', (c) => c.txCarrierErrors],
    ['collsns', (c) => c.collisions],
    ['compressed', (c) => c.txCompressed || undefined],
  ],
}
const TX_ERRORS: Line = {
  label: 'TX errors:',
  cells: [
    ['', () => undefined],
    ['aborted', (c) => c.txAbortedErrors],
    ['fifo', (c) => c.txFifoErrors],
    ['window', (c) => c.txWindowErrors],
    ['heartbt', (c) => c.txHeartbeatErrors],
    ['transns', (_, m) => m.attrs.carrierChanges ?? 0],
  ],
}

/** Least widths of the columns; a number that needs more widens its column in all lines. */
const WIDTHS = [10, 7, 6, 7, 7, 7, 10]

function linesText(lines: readonly Line[], c: Counters, m: LinkMessage, view: LinkView): string {
  const texts = lines.map((line) =>
    line.cells.map(([, value]) => value(c, m)).map((n) => (n === undefined ? '' : count(n, view))),
  )
  const widths = WIDTHS.map((least, i) => Math.max(least, ...texts.map((cells) => (cells[i] ?? '').length)))
  return lines
    .map((line, n) => {
      const shown = line.cells.filter((_, i) => i === 0 || texts[n][i] !== '')
      const titles = shown.map(([title], i) =>
        i === 0 ? title.padStart(widths[0] - line.label.length) : title.padStart(widths[i]),
      )
      const values = shown.map((_, i) => texts[n][i].padStart(widths[i]))
      return `\n    ${line.label}${titles.join(' ')}\n    ${values.join(' ')}`
    })
    .join('')
}

const errors = (view: LinkView, more: Record<string, Json>): Record<string, Json> => (view.statistics > 1 ? more : {})
const some = (key: string, n: bigint | undefined): Record<string, Json> => (n ? { [key]: n } : {})

/** The counters of a link: the lines of `ip -s`, twice as many with `-s -s`. */
export function counters(entry: Entry, m: LinkMessage, view: LinkView): void {
  const c = m.attrs.stats64
  if (!c) return
  const lines = view.statistics > 1 ? [RX, RX_ERRORS, TX, TX_ERRORS] : [RX, TX]
  const json = {
    rx: {
      bytes: c.rxBytes,
      packets: c.rxPackets,
      errors: c.rxErrors,
      dropped: c.rxDropped,
      over_errors: c.rxOverErrors,
      multicast: c.multicast,
      ...some('compressed', c.rxCompressed),
      ...errors(view, {
        length_errors: c.rxLengthErrors ?? 0,
        crc_errors: c.rxCrcErrors ?? 0,
        frame_errors: c.rxFrameErrors ?? 0,
        fifo_errors: c.rxFifoErrors ?? 0,
        missed_errors: c.rxMissedErrors ?? 0,
        ...some('nohandler', c.rxNohandler),
      }),
    },
    tx: {
      bytes: c.txBytes,
      packets: c.txPackets,
      errors: c.txErrors,
      dropped: c.txDropped,
      carrier_errors: c.txCarrierErrors,
      collisions: c.collisions,
      ...some('compressed', c.txCompressed),
      ...errors(view, {
        aborted_errors: c.txAbortedErrors ?? 0,
        fifo_errors: c.txFifoErrors ?? 0,
        window_errors: c.txWindowErrors ?? 0,
        heartbeat_errors: c.txHeartbeatErrors ?? 0,
        carrier_changes: m.attrs.carrierChanges ?? 0,
      }),
    },
  }
  entry.add('stats64', json, linesText(lines, c, m, view))
}
