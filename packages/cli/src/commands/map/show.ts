import { MAP_FLAG } from '@netkit/bpf'
import { KernelError, type MapInfo } from 'netkit'
import { command } from '../command.ts'
import { readPins } from '../prog/pins.ts'
import { snake } from '../snake.ts'
import { mapWord, openMap } from './map.ts'

const HEADS = [
  { title: 'ID', right: true },
  { title: 'TYPE' },
  { title: 'NAME' },
  { title: 'KEY', right: true },
  { title: 'VALUE', right: true },
  { title: 'MAX', right: true },
  { title: 'FLAGS' },
  { title: 'PINNED' },
]

const flagNames = (flags: number): string[] =>
  Object.entries(MAP_FLAG).flatMap(([name, bit]) => ((flags & bit) !== 0 ? [snake(name)] : []))

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show maps',
  words: {
    map: { ...mapWord.map, required: undefined, doc: 'only this one: an id, a name, a path where it is pinned' },
  },
  notes: ['KEY and VALUE are bytes.'],
  async run(args, session) {
    const kernel = await session.kernel()
    const infos: MapInfo[] = []
    if (args.map) {
      await using map = await openMap(kernel, args.map)
      infos.push(map.info)
    } else {
      for await (const id of kernel.bpf.mapIds()) {
        try {
          await using map = await kernel.bpf.map(id)
          infos.push(map.info)
        } catch (e) {
          if (!(e instanceof KernelError && e.code === 'ENOENT')) throw e
        }
      }
    }
    const pins = await readPins(kernel)
    await session.table(
      HEADS,
      infos.map((m) => [
        `${m.id}`,
        m.type,
        m.name,
        `${m.keySize}`,
        `${m.valueSize}`,
        `${m.maxEntries}`,
        flagNames(m.flags).join(','),
        pins.map(m.id),
      ]),
      infos.map((m) => ({
        id: m.id,
        type: m.type,
        name: m.name,
        flags: m.flags,
        bytes_key: m.keySize,
        bytes_value: m.valueSize,
        max_entries: m.maxEntries,
        btf_id: m.btfId || undefined,
        pinned: pins.map(m.id) === '' ? undefined : pins.map(m.id).split(' '),
      })),
    )
  },
})
