import { MAP_FLAG, MAP_TYPE_NAMES } from '@netkit/bpf'
import { integer, token, words } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { command } from '../command.ts'
import { snake } from '../snake.ts'

const FLAGS = Object.fromEntries(Object.entries(MAP_FLAG).map(([name, bit]) => [snake(name), bit]))
const SIZE = integer('BYTES', 0, 0x7fff_ffff)

export const create = command({
  name: 'create',
  summary: 'make a map and pin it',
  words: {
    path: { value: token('PATH'), positional: true, required: true, doc: 'where it is pinned: below /sys/fs/bpf' },
    type: { value: words(MAP_TYPE_NAMES, 'TYPE'), required: true, doc: `its type: ${MAP_TYPE_NAMES.join(', ')}` },
    key: { value: SIZE, doc: 'bytes of a key' },
    value: { value: SIZE, doc: 'bytes of a value' },
    entries: {
      value: integer('N', 0, 0xffff_ffff),
      required: true,
      doc: 'elements at most; of a ring buffer its bytes',
    },
    name: { value: token('NAME'), doc: 'at most 15 letters, digits, _ or .; default: the last part of the path' },
    flags: { value: words(Object.keys(FLAGS), 'FLAG'), multi: true, doc: `of ${Object.keys(FLAGS).join(', ')}` },
  },
  examples: [['map create /sys/fs/bpf/limits type array key 4 value 8 entries 16', 'an array of 16 numbers']],
  async run({ path, type, key, value, entries, name, flags = [] }, session) {
    const kernel = await session.kernel()
    await using map = await kernel.bpf.createMap({
      type,
      keySize: key,
      valueSize: value,
      maxEntries: entries,
      name:
        name ??
        path
          .split('/')
          .at(-1)
          ?.replaceAll(/[^\w.]/g, '_')
          .slice(0, 15),
      flags: flags.reduce((all, flag) => all | FLAGS[flag], 0),
    })
    await map.pin(path)
    const { id } = map.info
    await session.entry(new Entry().add('id', id, `${id}: `).say(`${type} `).add('pinned', path, `pinned at ${path}`))
  },
})
