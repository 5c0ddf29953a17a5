import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName, file, integer } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { command } from '../command.ts'
import { readFrames } from './pcap.ts'

/** Frames that are handed over at once. */
const BATCH = 256

export const send = command({
  name: 'send',
  summary: 'transmit the packets of a recording on a device',
  words: {
    dev: { value: deviceName(), positional: true, required: true, doc: 'the device' },
    file: { value: file(), positional: true, required: true, doc: 'recording, pcap or pcapng; - is the input' },
    count: { value: integer('N', 1, Number.MAX_SAFE_INTEGER), doc: 'only the first N packets' },
  },
  notes: ['Packets are sent as fast as possible, beginning with their Ethernet headers. The device must be up.'],
  async run(args, session) {
    const kernel = await session.kernel()
    const { in: here, signal } = await session.where()
    const { files } = session.context
    if (!files) throw new UsageError('there are no files here')
    const frames = framesIn(await files.read(args.file), args.file).slice(0, args.count)
    let taken = 0
    for (let at = 0; at < frames.length && !signal.aborted; at += BATCH) {
      taken += await kernel.transmit(args.dev, frames.slice(at, at + BATCH), { in: here })
    }
    const entry = new Entry()
      .add('sent', taken, `${taken} of `)
      .add('frames', frames.length, `${frames.length} packets sent`)
    await session.entries([entry])
  },
})

function framesIn(bytes: Uint8Array, path: string): Uint8Array[] {
  try {
    return readFrames(bytes).map((frame) => frame.bytes)
  } catch (e) {
    throw new UsageError(`${path}: ${e instanceof Error ? e.message : e}`, { cause: e })
  }
}
