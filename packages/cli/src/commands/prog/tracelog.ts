import { integer } from '../../grammar/values.ts'
import { command } from '../command.ts'

export const tracelog = command({
  name: 'tracelog',
  summary: 'print what programs print with bpf_printk, until it is interrupted',
  words: {
    count: { value: integer('N', 1, Number.MAX_SAFE_INTEGER), doc: 'end after so many lines' },
  },
  notes: [
    'On Linux it is the trace pipe of the whole machine: who reads a line takes it from other readers. A line has the task that was interrupted, its CPU, the time since boot in seconds, and the text.',
  ],
  examples: [['prog tracelog', 'what programs print, as they run']],
  async run({ count = Number.POSITIVE_INFINITY }, session) {
    const { interrupted } = session.context
    const kernel = await session.kernel()
    await using lines = await kernel.bpf.traceLines()
    const stop = () => void lines.close()
    interrupted.addEventListener('abort', stop, { once: true })
    let seen = 0
    try {
      for await (const line of lines) {
        if (session.options.json) await session.json({ line })
        else await session.say(`${line}\n`)
        if (++seen >= count) break
      }
    } finally {
      interrupted.removeEventListener('abort', stop)
    }
  },
})
