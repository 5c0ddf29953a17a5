import type { BpfMap, MapValue, Program } from 'netkit'
import { words } from '../../grammar/values.ts'
import { elementTable, valueJson, valueText } from '../../print/bpf-value.ts'
import { Entry } from '../../print/entry.ts'
import { command } from '../command.ts'
import { NotFoundError } from '../failure.ts'
import { loaded, wordKind } from '../prog/program.ts'
import type { Session } from '../session.ts'
import { elementValue, keyWord, mapWord, openMap, valueWord } from './map.ts'

/** A value as words say it; for maps that hold programs or maps, one of those. */
async function valueFor(map: BpfMap, text: string, session: Session): Promise<MapValue | BpfMap | Program> {
  const word = wordKind(text)
  const kernel = await session.kernel()
  if (word && map.info.type === 'prog_array') return await loaded(kernel, word)
  if (word && /_of_maps$/.test(map.info.type)) return await openMap(kernel, word)
  return elementValue(text)
}

async function showElement(key: MapValue | undefined, value: MapValue, map: BpfMap, session: Session): Promise<void> {
  if (session.options.json) {
    await session.json({ key: key === undefined ? undefined : valueJson(key), value: valueJson(value) })
    return
  }
  const { heads, rows } = elementTable([[key ?? 0, value]], map.isPerCpu)
  if (rows[0].length === 3 && !map.isPerCpu) await session.say(`${valueText(value)}\n`)
  else await session.table(heads, rows, [])
}

export const lookup = command({
  name: 'lookup',
  summary: 'show an element of a map',
  words: { ...mapWord, ...keyWord },
  notes: ['The status is 1 if there is no such element.'],
  examples: [
    ['map lookup counts 3', 'element 3 of an array'],
    [`map lookup flows '{"port": 80}'`, 'by the members of its key'],
    ['map lookup networks "20 00 00 00 0a 00 00 01"', 'by the bytes of its key'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    await using map = await openMap(kernel, args.map)
    const key = elementValue(args.key)
    const value = await map.lookup(key)
    if (value === undefined) throw new NotFoundError(`${map.label} has no element ${args.key}`)
    await showElement(key, value, map, session)
  },
})

export const update = command({
  name: 'update',
  summary: 'put an element into a map',
  words: {
    ...mapWord,
    ...keyWord,
    ...valueWord,
    mode: {
      value: words(['any', 'new', 'existing']),
      positional: true,
      doc: 'only a new one, or only in the place of another; default: any',
    },
  },
  notes: [
    'Of per-CPU maps the value is a JSON list, one for each CPU. Of prog arrays it is a program, of maps of maps a map: an id, a name, a pin.',
  ],
  examples: [
    ['map update limits 0 1000', 'element 0 becomes 1000'],
    [
      `map update networks '{"prefix": 8, "address": 10}' '{"rule": "RULE_REFUSE"}'`,
      'by members; those left out are 0',
    ],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    await using map = await openMap(kernel, args.map)
    const value = await valueFor(map, args.value, session)
    try {
      await map.update(elementValue(args.key), value, args.mode)
    } finally {
      if (typeof value === 'object' && Symbol.asyncDispose in value) await value.close()
    }
  },
})

export const remove = command({
  name: 'delete',
  aliases: ['del'],
  summary: 'take an element out of a map',
  words: { ...mapWord, ...keyWord },
  async run(args, session) {
    const kernel = await session.kernel()
    await using map = await openMap(kernel, args.map)
    if (!(await map.delete(elementValue(args.key)))) throw new NotFoundError(`${map.label} has no element ${args.key}`)
  },
})

export const push = command({
  name: 'push',
  aliases: ['enqueue'],
  summary: 'put a value into a queue or a stack',
  words: { ...mapWord, ...valueWord, force: { doc: 'in the place of the oldest one if it is full' } },
  async run(args, session) {
    const kernel = await session.kernel()
    await using map = await openMap(kernel, args.map)
    await map.push(elementValue(args.value), { force: args.force })
  },
})

const next = (name: 'peek' | 'pop', summary: string, aliases: readonly string[] = []) =>
  command({
    name,
    aliases,
    summary,
    words: mapWord,
    notes: ['The status is 1 if it is empty.'],
    async run(args, session) {
      const kernel = await session.kernel()
      await using map = await openMap(kernel, args.map)
      const value = await map[name]()
      if (value === undefined) throw new NotFoundError(`${map.label} is empty`)
      await session.entry(new Entry().add('value', valueJson(value), valueText(value)))
    },
  })

export const peek = next('peek', 'show the next value of a queue or a stack')
export const pop = next('pop', 'take the next value out of a queue or a stack', ['dequeue'])
