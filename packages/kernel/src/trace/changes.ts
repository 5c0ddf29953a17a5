import { headerFields } from './header-fields.ts'
import type { Snapshot } from './snapshot.ts'

/** What a program changed, field by field: `mark 0x0 → 0x7`. Empty: nothing. */
export function changes(before: Snapshot, after: Snapshot): string[] {
  const list = [...differences(before.marks, after.marks)]
  if (before.length !== after.length) list.push(`length ${before.length} → ${after.length}`)
  const named = [...differences(headerFields(before.frame), headerFields(after.frame))]
  if (named.length > 0 || before.length !== after.length) return [...list, ...named]
  const at = before.frame.findIndex((byte, i) => byte !== after.frame[i])
  if (at < 0) return list
  const count = before.frame.reduce((sum, byte, i) => sum + (byte !== after.frame[i] ? 1 : 0), 0)
  return [...list, `${count} ${count === 1 ? 'byte' : 'bytes'} from offset ${at} on`]
}

function* differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Generator<string> {
  for (const [name, value] of after) {
    const was = before.get(name)
    if (was === undefined) yield `${name} = ${value}`
    else if (was !== value) yield `${name} ${was} → ${value}`
  }
  for (const name of before.keys()) if (!after.has(name)) yield `no ${name}`
}
