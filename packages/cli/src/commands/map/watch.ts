import type { BpfMap, Kernel, MapValue, RecordDecoder } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { integer, token } from '../../grammar/values.ts'
import { valueJson, valueText } from '../../print/bpf-value.ts'
import { command } from '../command.ts'
import { pause } from '../pause.ts'
import type { Session } from '../session.ts'
import { mapWord, openMap } from './map.ts'

const SECOND = 1000

export const watch = command({
  name: 'watch',
  summary:
    'print the records of a ring buffer or the events of a perf event array, or what changes in another map, until it is interrupted',
  words: {
    ...mapWord,
    interval: { value: integer('MS', 10, 3_600_000), doc: 'how often other maps are read; default: 1000' },
    type: { value: token('NAME'), doc: 'the type of what is written: a struct of the programs that use the map' },
    count: { value: integer('N', 1, Number.MAX_SAFE_INTEGER), doc: 'end after so many records or changes' },
  },
  notes: [
    'A ring buffer, and each CPU of a perf event array, has one reader: what is printed here nobody else gets. Of other maps what has changed between two looks is printed: + new, ~ changed, - gone.',
  ],
  examples: [['map watch events', 'the records of the ring buffer called events, as programs write them']],
  async run(args, session) {
    const kernel = await session.kernel()
    await using map = await openMap(kernel, args.map)
    const most = args.count ?? Number.POSITIVE_INFINITY
    const { type } = map.info
    const decode = await decoderOf(kernel, map, args.type)
    if (type === 'ringbuf') await watchRing(map, decode, most, session)
    else if (type === 'perf_event_array') await watchEvents(map, decode, most, session)
    else await watchChanges(map, most, args.interval ?? SECOND, session)
  },
})

/** Something to read until it is closed. */
type Records<T> = AsyncIterable<T> & AsyncDisposable & { close(): Promise<void> }

async function watchRing(map: BpfMap, decode: RecordDecoder, most: number, session: Session): Promise<void> {
  await watchRecords(await map.records(), most, session, async (record) => {
    const value = decode(record)
    if (session.options.json) await session.json(valueJson(value))
    else await session.say(`${valueText(value)}\n`)
  })
}

async function watchEvents(map: BpfMap, decode: RecordDecoder, most: number, session: Session): Promise<void> {
  const { json } = session.options
  const onLost = (cpu: number, lost: number) =>
    void (json ? session.json({ cpu, lost }) : session.say(`cpu ${cpu}: ${lost} lost\n`))
  await watchRecords(await map.perfEvents({ onLost }), most, session, async ({ cpu, data }) => {
    const value = decode(data)
    if (json) await session.json({ cpu, data: valueJson(value) })
    else await session.say(`cpu ${cpu}: ${valueText(value)}\n`)
  })
}

async function watchRecords<T>(
  records: Records<T>,
  most: number,
  { context: { interrupted } }: Session,
  show: (record: T) => Promise<void>,
): Promise<void> {
  const stop = () => void records.close()
  interrupted.addEventListener('abort', stop, { once: true })
  let seen = 0
  try {
    for await (const record of records) {
      await show(record)
      if (++seen >= most) break
    }
  } finally {
    interrupted.removeEventListener('abort', stop)
    await records.close()
  }
}

/** Bytes, or what the type of this name means by them. */
async function decoderOf(kernel: Kernel, map: BpfMap, type: string | undefined): Promise<RecordDecoder> {
  if (type === undefined) return (record) => record
  const decoder = await kernel.bpf.recordDecoder(map, type)
  if (!decoder) throw new UsageError(`type: no program that uses ${map.label} has a type called '${type}'`)
  return decoder
}

type Contents = Map<string, readonly [key: MapValue, value: MapValue]>

async function read(map: BpfMap): Promise<Contents> {
  const contents: Contents = new Map()
  for await (const element of map.entries()) contents.set(valueText(element[0]), element)
  return contents
}

async function watchChanges(map: BpfMap, most: number, interval: number, session: Session): Promise<void> {
  const { interrupted } = session.context
  let before = await read(map)
  let seen = 0
  while (!interrupted.aborted && seen < most) {
    await pause(interval, interrupted)
    if (interrupted.aborted) return
    const now = await read(map)
    for (const change of changes(before, now)) {
      if (seen++ >= most) break
      await say(change, session)
    }
    before = now
  }
}

type Change = readonly [mark: '+' | '~' | '-', key: MapValue, value: MapValue]

function* changes(before: Contents, now: Contents): Generator<Change> {
  for (const [name, [key, value]] of now) {
    const old = before.get(name)
    if (!old) yield ['+', key, value]
    else if (valueText(old[1]) !== valueText(value)) yield ['~', key, value]
  }
  for (const [name, [key, value]] of before) if (!now.has(name)) yield ['-', key, value]
}

const KINDS = { '+': 'new', '~': 'changed', '-': 'gone' } as const

async function say([mark, key, value]: Change, session: Session): Promise<void> {
  if (session.options.json) await session.json({ change: KINDS[mark], key: valueJson(key), value: valueJson(value) })
  else await session.say(`${mark} ${valueText(key)}  ${valueText(value)}\n`)
}
