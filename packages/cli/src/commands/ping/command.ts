import { KernelError, refused } from '@netkit/netlink'
import type { Ping, PingEvent } from 'netkit'
import { ipAddress } from '../../grammar/ip-values.ts'
import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName, integer, seconds } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { compact } from '../../print/json.ts'
import { command } from '../command.ts'
import { Exit, failure, STATUS } from '../failure.ts'
import type { Session } from '../session.ts'
import { icmpText } from './icmp-text.ts'
import { PingStatistics } from './statistics.ts'

const DEFAULT_SIZE = 56
/** Exit status, as of ping(8). */
const NO_REPLY = 1
/** Seconds. */
const LONGEST = 1_000_000
/** Bytes of an IPv4 header and an ICMP header. */
const HEADERS = 28

export const ping = command({
  name: 'ping',
  summary: 'send ICMP echoes to an address, until it is interrupted',
  words: {
    addr: { value: ipAddress(), positional: true, required: true, doc: 'address of IPv4 or IPv6' },
    '-c': { value: integer('N', 1, Number.MAX_SAFE_INTEGER), doc: 'end after so many' },
    '-i': { value: seconds('SECONDS', LONGEST), doc: 'time from one to the next; default 1' },
    '-s': { value: integer('BYTES', 0, 65_507), doc: 'bytes of data behind the header of 8; default 56' },
    '-W': {
      value: seconds('SECONDS', LONGEST),
      doc: 'time that each is waited for; default 10 until the first reply, then twice the longest time, at least 1',
    },
    '-I': { value: deviceName(), doc: 'send by this device; link-local addresses need it' },
  },
  notes: [
    'The statistics come at the end, also when it is interrupted; -j prints one JSON object a line. Exit status: 0 if there was a reply, 1 if there was none, 2 if the kernel refused.',
    "It is for the embedded kernel. The machine's Linux has a ping of its own.",
  ],
  examples: [
    ['ping 10.0.0.2 -c 3', 'three echoes'],
    ['-n pod ping fe80::1 -I eth0', 'from a namespace to a link-local address'],
  ],
  async run(args, session) {
    const { addr } = args
    if (session.kernelName === 'linux')
      throw refused(`ping ${addr}`, 'EOPNOTSUPP', `the machine's Linux has a command of its own: ping ${addr}`)
    if (session.options.dryRun) throw new UsageError('ping has no dry run: it changes nothing')
    const kernel = await session.kernel()
    const pinging = kernel.ping(addr, {
      ...(await session.where()),
      count: args['-c'],
      interval: milliseconds(args['-i']),
      size: args['-s'],
      timeout: milliseconds(args['-W']),
      device: args['-I'],
    })
    let received: number
    try {
      received = await show(pinging, addr, args['-s'] ?? DEFAULT_SIZE, session)
    } catch (e) {
      // Status 1 is that nobody answers.
      if (!(e instanceof KernelError)) throw e
      session.context.writeError(failure(e, 'ping').text)
      throw new Exit(STATUS.kernel, { cause: e })
    }
    if (received === 0) throw new Exit(NO_REPLY)
  },
})

const milliseconds = (n: number | undefined): number | undefined => n && n * 1000

const isV6 = (address: string): boolean => address.includes(':')

/** Prints what comes, and the statistics; returns the number of replies. */
async function show(pinging: Ping, address: string, size: number, session: Session): Promise<number> {
  const { json } = session.options
  const print = (entry: Entry) => session.say(json ? `${compact(entry.json)}\n` : entry.text())
  const begun = performance.now()
  let last = begun
  const statistics = new PingStatistics()
  if (!json) await session.say(heading(address, size))
  for await (const event of pinging) {
    last = performance.now()
    statistics.add(event)
    await print(eventEntry(event))
  }
  await print(statistics.entry(address, pinging.sent, last - begun))
  return statistics.received
}

const heading = (address: string, size: number): string =>
  `PING ${address} (${address}) ${isV6(address) ? `${size} data bytes` : `${size}(${size + HEADERS}) bytes of data.`}\n`

/** Times with about three digits. */
const timeText = (ms: number): string => ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 3)

function eventEntry(event: PingEvent): Entry {
  const entry = new Entry().only('type', event.type)
  switch (event.type) {
    case 'reply':
      entry
        .add('bytes', event.bytes, `${event.bytes} bytes `)
        .add('from', event.from, `from ${event.from}: `)
        .add('icmp_seq', event.sequence, `icmp_seq=${event.sequence}`)
      if (event.ttl !== undefined) entry.add('ttl', event.ttl, ` ttl=${event.ttl}`)
      return entry
        .add('time_ms', Number(event.rtt.toFixed(3)), ` time=${timeText(event.rtt)} ms`)
        .add('duplicate', event.duplicate, event.duplicate ? ' (DUP!)\n' : '\n')
    case 'error': {
      const { from, sequence, icmp, error } = event
      if (from !== undefined) entry.add('from', from, `From ${from} `)
      if (sequence !== undefined) entry.add('icmp_seq', sequence, `icmp_seq=${sequence} `)
      const text = icmp ? icmpText(isV6(from ?? ''), icmp.type, icmp.code, icmp.info) : error.message
      return entry
        .only('icmp', icmp ? { ...icmp } : null)
        .only('errno', error.code)
        .add('message', text, `${text}\n`)
    }
    case 'timeout':
      return entry.only('icmp_seq', event.sequence)
  }
}
