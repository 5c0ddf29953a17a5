import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName, file, integer, text } from '../../grammar/values.ts'
import { plural } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { devicesOf } from '../link/find.ts'
import { frameText } from './frame-text.ts'
import { cutAfter, PcapngReader } from './pcap.ts'

const ANY = 'any'

export const capture = command({
  name: 'capture',
  summary: 'record packets as pcapng, or show them, until it is interrupted',
  words: {
    dev: {
      value: { ...deviceName('{ DEV | any }'), allowed: 'a device name, or any' },
      positional: true,
      required: true,
      multi: true,
      doc: 'devices, or any: all of the namespace, also those that come later',
    },
    '-w': { value: file(), doc: 'file to write, - is the output; default: a line a packet is printed' },
    '-c': { value: integer('N', 1, Number.MAX_SAFE_INTEGER), doc: 'end after so many packets' },
    '-s': { value: integer('BYTES', 1, 262_144), doc: 'bytes kept of each packet; default 262144' },
    '-f': {
      value: text('FILTER'),
      doc: 'only packets that a filter lets through, in the words of pcap-filter; quoted as one word',
    },
    programs: { doc: 'also what programs did to packets, as comments' },
    'no-drops': { doc: 'without packets that were dropped; those have the reason as a comment' },
  },
  examples: [
    ['capture any -w all.pcapng', 'all devices into one file, to be opened in Wireshark'],
    ["capture nk0 -f 'tcp port 80 and not host 10.0.0.1'", 'some packets of a device'],
    ['-n pod capture eth0 -c 10', 'ten packets of a device in a namespace'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const { context } = session
    const named = args.dev.filter((name) => name !== ANY)
    if (named.length > 0 && named.length < args.dev.length) throw new UsageError("'any' excludes names of devices")
    await devicesOf(kernel, named, where)
    const path = args['-w']
    if (path !== undefined && !context.files) throw new UsageError("'-w' needs files, and there are none here")
    const sink = path === undefined ? undefined : await context.files!.create(path)
    const options = {
      in: where.in,
      devices: named.length > 0 ? named : undefined,
      snapLength: args['-s'],
      drops: !args['no-drops'],
      filter: args['-f'],
      programs: args.programs,
    }
    await using running = await kernel.capture(options)
    const stop = () => void running.close()
    context.interrupted.addEventListener('abort', stop, { once: true })
    let packets = 0
    const most = args['-c'] ?? Number.POSITIVE_INFINITY
    const reader = new PcapngReader()
    try {
      for await (const piece of running.read()) {
        const cut = cutAfter(piece, most - packets)
        packets += cut.packets
        const taken = piece.subarray(0, cut.end)
        if (sink) await sink.write(taken)
        else for (const frame of reader.feed(taken)) await session.say(frameText(frame))
        if (packets >= most || context.interrupted.aborted) break
      }
    } finally {
      context.interrupted.removeEventListener('abort', stop)
      await sink?.close()
    }
    context.writeError(`${plural(packets, 'packet')} captured\n`)
  },
})
