import { integer, text } from '../../grammar/values.ts'
import { compact } from '../../print/json.ts'
import { plural } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { contentText } from './frame-text.ts'
import { type Frame, PcapngReader } from './pcap.ts'
import { isoTime } from './time.ts'

/** So long nothing is seen of the last packets before that is all, ms. */
const SILENCE = 500

export const trace = command({
  name: 'trace',
  summary: 'show the way of packets: devices, programs with their verdicts and changes, and where packets end',
  words: {
    filter: {
      value: text('FILTER'),
      positional: true,
      multi: true,
      doc: 'which packets, in the words of pcap-filter; default: all',
    },
    '-c': {
      value: integer('N', 1, Number.MAX_SAFE_INTEGER),
      doc: 'only the first N packets; end when nothing more of them is seen for a while',
    },
    here: { doc: 'only devices of the namespace; default: of all' },
  },
  notes: [
    'A packet that the filter lets through once is followed to its end, whatever programs make of it. Names of hosts are not looked up; words that a shell would take need quotes. With -j, one JSON object a line.',
  ],
  examples: [
    ['trace udp port 53', 'what becomes of DNS'],
    ["trace -c 1 'tcp[tcpflags] & tcp-syn != 0'", 'the first connection'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const { interrupted } = session.context
    const filter = args.filter?.join(' ')
    await using running = await kernel.capture({
      in: where.in,
      filter: filter === '' ? undefined : filter,
      programs: true,
      everywhere: !args.here,
    })
    const stop = () => void running.close()
    interrupted.addEventListener('abort', stop, { once: true })
    const reader = new PcapngReader()
    const shown = new Way(args['-c'] ?? Number.POSITIVE_INFINITY)
    let silence: ReturnType<typeof setTimeout> | undefined
    try {
      for await (const piece of running.read()) {
        for (const frame of reader.feed(piece)) {
          const lines = session.options.json ? shown.json(frame) : shown.text(frame)
          if (lines === undefined) continue
          await session.say(lines)
          clearTimeout(silence)
          if (shown.isFull()) silence = setTimeout(stop, SILENCE)
        }
        if (interrupted.aborted) break
      }
    } finally {
      clearTimeout(silence)
      interrupted.removeEventListener('abort', stop)
    }
    session.context.writeError(`${plural(shown.packets, 'packet')} traced\n`)
  },
})

/** Puts what is seen of the same packet under one heading. */
class Way {
  packets = 0
  readonly #most: number
  readonly #seen = new Set<bigint>()
  #last: bigint | undefined

  constructor(most: number) {
    this.#most = most
  }

  /** No packet is new from now on. */
  isFull(): boolean {
    return this.packets === this.#most
  }

  /** Counts a packet that is new; false if it is one too many. */
  #admits(packet: bigint): boolean {
    if (this.#seen.has(packet)) return true
    if (this.isFull()) return false
    this.packets++
    this.#seen.add(packet)
    return true
  }

  text(frame: Frame): string | undefined {
    const packet = frame.packet ?? 0n
    if (!this.#admits(packet)) return undefined
    const heading =
      packet === this.#last ? '' : `packet ${packet}: ${contentText(frame.bytes)}, length ${frame.length}\n`
    this.#last = packet
    const when = isoTime(frame.time / 1000).slice(11)
    return `${heading}  ${when} ${frame.device ?? '?'} ${eventText(frame)}\n`
  }

  json(frame: Frame): string | undefined {
    const packet = frame.packet ?? 0n
    if (!this.#admits(packet)) return undefined
    const { device, comment, outgoing, length } = frame
    const event = comment === undefined ? (outgoing ? 'sent' : 'received') : 'said'
    const what = { packet: Number(packet), time: isoTime(frame.time / 1000), device, event, text: comment, length }
    return `${compact({ ...what, content: contentText(frame.bytes) })}\n`
  }
}

const eventText = ({ comment, outgoing }: Frame): string => comment ?? (outgoing ? 'sends' : 'receives')
