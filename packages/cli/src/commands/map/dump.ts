import type { MapValue } from 'netkit'
import { elementTable, valueJson } from '../../print/bpf-value.ts'
import { command } from '../command.ts'
import { mapWord, openMap } from './map.ts'

export const dump = command({
  name: 'dump',
  summary: 'show all elements of a map',
  words: mapWord,
  notes: [
    'Keys and values are shown as their types in BTF say; where there are none, as bytes. Members of structs have a column each. Of per-CPU maps each CPU has a line.',
  ],
  examples: [['map dump flows -j', 'the elements of the map called flows, as JSON']],
  async run(args, session) {
    const kernel = await session.kernel()
    await using map = await openMap(kernel, args.map)
    const elements: (readonly [MapValue, MapValue])[] = []
    for await (const element of map.entries()) elements.push(element)
    const { heads, rows } = elementTable(elements, map.isPerCpu)
    const json = elements.map(([key, value]) => ({ key: valueJson(key), value: valueJson(value) }))
    await session.table(heads, rows, json)
  },
})
