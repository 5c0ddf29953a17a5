import type { BpfMap, Kernel } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import { text } from '../../grammar/values.ts'
import type { Words } from '../../grammar/words.ts'
import { named, type ProgramWord, wordKind } from '../prog/program.ts'
import { elementValue } from '../prog/variable.ts'

const MAP: Value<ProgramWord> = {
  name: 'MAP',
  allowed: 'an id, a path where a map is pinned, or a name',
  parse: wordKind,
}

/** The word that names a map. */
export const mapWord = {
  map: {
    value: MAP,
    positional: true,
    required: true,
    aliases: ['id', 'pinned', 'name'],
    doc: 'the map: an id, a path where it is pinned, a name',
  },
} satisfies Words

const element = text('VALUE')
const HOW = 'a number, a name, JSON, or pairs of hexadecimal digits'

export const keyWord = {
  key: { value: element, positional: true, required: true, doc: `the key: ${HOW}` },
} satisfies Words
export const valueWord = {
  value: { value: element, positional: true, required: true, doc: `the value: ${HOW}` },
} satisfies Words

/** Opens the map that a word names. */
export async function openMap(kernel: Kernel, word: ProgramWord): Promise<BpfMap> {
  if (word.kind === 'id') return await kernel.bpf.map(word.id)
  if (word.kind === 'pinned') return await kernel.bpf.pinnedMap(word.text)
  if (word.kind === 'file') throw new UsageError(`${word.text}: a map is expected here`)
  return await named(
    kernel.bpf.mapIds(),
    (id) => kernel.bpf.map(id),
    async (map) => map.info.name,
    word.text,
    'map',
  )
}

/** A key or value that was said. A program or map by its pin, for maps that hold such. */
export { elementValue }
