import { count } from '../../print/numbers.ts'
import { printable } from '../../print/printable.ts'
import type { Style } from '../../print/style.ts'
import { deviceKey, type History, queueKey, TREND } from './history.ts'
import { type DeviceRates, isIdle, type QueueRates, type Rates, type Sort, sorted } from './rates.ts'

type Paint = (text: string) => string

interface Cell {
  readonly text: string
  readonly paint?: Paint
}

/** What a person has chosen. */
export interface View {
  readonly sort: Sort
  /** Queues that carry nothing are left out. */
  readonly hideIdle: boolean
  readonly paused: boolean
  /** Rows that have been scrolled past. */
  readonly top: number
}

export interface Look {
  readonly columns: number
  readonly rows: number
  readonly style: Style
}

const HEADS = ['DEVICE  QUEUE', 'RX PPS', 'RX BIT/S', 'TX PPS', 'TX BIT/S', 'DROPS/S'] as const
const NUMBER_WIDTH = 10
const NAME_WIDTH = 24
const CONSUMER_WIDTH = 10
/** Lines above the rows, and below. */
const ABOVE = 3
const BELOW = 1

const SHORT = { human: true, iec: false }
const shortCount = (n: number): string => (n > 0 && n < 1 ? n.toFixed(1) : count(Math.round(n), SHORT))

/** A line of cells, cut to the width of the screen before anything is painted. */
function line(cells: readonly Cell[], columns: number): string {
  let left = columns
  let out = ''
  for (const { text, paint } of cells) {
    const shown = text.slice(0, left)
    left -= shown.length
    out += paint && shown.trim() !== '' ? paint(shown) : shown
  }
  return out
}

const padded = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)

function numbers(r: Rates, style: Style): Cell[] {
  const cell = (n: number, paint?: Paint): Cell => ({
    text: shortCount(n).padStart(NUMBER_WIDTH),
    paint: n === 0 ? style.faint : paint,
  })
  return [cell(r.rxPackets), cell(r.rxBits), cell(r.txPackets), cell(r.txBits), cell(r.drops, style.bad)]
}

/** Trend at the right edge, where there is room for it. */
const hasTrend = (columns: number): boolean => columns >= NAME_WIDTH + 5 * NUMBER_WIDTH + TREND + CONSUMER_WIDTH + 4

function deviceLine(device: DeviceRates, history: History, { style, columns }: Look): string {
  const { name, netns } = device.device
  const label = printable(netns === '' ? name : `${netns}/${name}`)
  const cells: Cell[] = [{ text: padded(label, NAME_WIDTH), paint: style.device }, ...numbers(device, style)]
  const key = deviceKey(device)
  if (hasTrend(columns)) cells.push({ text: `  ${history.trend(key, history.peak(key))}`, paint: style.good })
  return line(cells, columns)
}

function queueLine(device: DeviceRates, q: QueueRates, isLast: boolean, history: History, look: Look): string {
  const { style, columns } = look
  const { id, consumer, lessee } = q.queue
  const cells: Cell[] = [
    {
      text: padded(`  ${isLast ? '└' : '├'} ${String(id).padStart(3)}`, NAME_WIDTH),
      paint: isIdle(q) ? style.faint : undefined,
    },
    ...numbers(q, style),
  ]
  if (hasTrend(columns))
    cells.push({ text: `  ${history.trend(queueKey(device, id), history.peak(deviceKey(device)))}` })
  const to = lessee === '' ? '' : `-> ${printable(lessee)}`
  cells.push({ text: `  ${consumer.padEnd(consumer === '' && to === '' ? 0 : CONSUMER_WIDTH)}`, paint: style.up })
  cells.push({ text: ` ${to}`, paint: style.address })
  return line(cells, columns)
}

function rowsOf(devices: readonly DeviceRates[], view: View, history: History, look: Look): string[] {
  return sorted(devices, view.sort).flatMap((device) => {
    const queues = device.queues.filter((q) => !view.hideIdle || !isIdle(q) || q.queue.consumer !== '')
    return [
      deviceLine(device, history, look),
      ...queues.map((q, i) => queueLine(device, q, i === queues.length - 1, history, look)),
    ]
  })
}

/** The whole screen, line by line. `title`: what is looked at; `right`: the time. */
export function frameOf(
  devices: readonly DeviceRates[],
  { title, right }: { readonly title: string; readonly right: string },
  view: View,
  history: History,
  look: Look,
): { readonly lines: readonly string[]; readonly most: number } {
  const { columns, rows, style } = look
  const room = Math.max(1, rows - ABOVE - BELOW)
  const all = rowsOf(devices, view, history, look)
  const most = Math.max(0, all.length - room)
  const from = Math.min(view.top, most)
  const shown = all.slice(from, from + room)
  const state = view.paused ? 'paused' : right
  const head = [
    { text: 'netkit top', paint: style.strong },
    { text: padded(`  ${title}`, Math.max(0, columns - 'netkit top'.length - state.length)), paint: style.faint },
    { text: state, paint: view.paused ? style.warning : undefined },
  ]
  const titles = [
    padded(HEADS[0], NAME_WIDTH),
    ...HEADS.slice(1).map((h) => h.padStart(NUMBER_WIDTH)),
    hasTrend(columns) ? `  ${'TREND'.padEnd(TREND)}` : '',
    `  ${'CONSUMER'.padEnd(CONSUMER_WIDTH)} LEASED TO`,
  ]
  const scroll = most > 0 ? `   rows ${from + 1}-${from + shown.length} of ${all.length}` : ''
  const keys = `q quit   s sort: ${view.sort}   i ${view.hideIdle ? 'show' : 'hide'} idle queues   space ${view.paused ? 'go on' : 'pause'}   up/down scroll${scroll}`
  return {
    most,
    lines: [
      line(head, columns),
      '',
      line([{ text: titles.join('').padEnd(columns), paint: style.strong }], columns),
      ...shown,
      ...Array.from({ length: room - shown.length }, () => ''),
      line([{ text: keys, paint: style.faint }], columns),
    ],
  }
}
