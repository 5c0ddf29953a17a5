import { toHex } from '@netkit/netlink'
import { type Field, type MessageContext, messageFields } from '../../print/message/fields.ts'
import { type Bindings, bindAll, matches, type Part, shape, type Template } from './template.ts'

/** One thing in which a message differs from the recorded one. */
export interface FieldDifference {
  readonly path: string
  /** Absent: it was not expected. */
  readonly want?: string
  /** Absent: it is missing. */
  readonly got?: string
  readonly note?: string
}

/** What differs between a recorded message and the one that came: nothing, or at least one thing. Binds what places stand for. */
export function compareMessage(
  want: Template,
  got: Uint8Array,
  bindings: Bindings,
  context: MessageContext,
): FieldDifference[] {
  const expected = shape(want, bindings, got)
  const same = matches(want, got)
  const wrong = got.length === want.length ? bindAll(want, bindings, got) : []
  const gotFields = messageFields(got, context)
  const contradictions = wrong.map(({ part, why }): FieldDifference => {
    const value = toHex(got.subarray(part.at, part.at + part.length))
    return { path: pathAt(gotFields, part.at), want: nameOf(part), got: value, note: why }
  })
  if (same) return contradictions
  const found = [...byField(messageFields(expected, context), gotFields, expected, got, want), ...contradictions]
  return found.length > 0 ? found : [byByte(expected, got, want)]
}

const nameOf = (part: Part): string => ('name' in part ? part.name : '')

/** The innermost field that the byte belongs to. */
const pathAt = (fields: readonly Field[], at: number): string =>
  fields.filter((f) => f.start <= at && at < f.end).at(-1)?.path ?? `byte ${at}`

const isLeaf = (field: Field): boolean => field.text !== undefined

/** Whether the bytes of two fields say the same, places aside. Of a nest only its type counts, with the flag bits. */
function equal(a: Field, b: Field, want: Uint8Array, got: Uint8Array, places: Uint8Array): boolean {
  if (!isLeaf(a) && !isLeaf(b))
    return a.of !== undefined || a.end - a.start < 4 || word(want, a.start + 2) === word(got, b.start + 2)
  if (a.end - a.start !== b.end - b.start) return false
  for (let i = 0; i < a.end - a.start; i++) {
    if (want[a.start + i] !== got[b.start + i] && places[a.start + i] === 0) return false
  }
  return true
}

const word = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8)

function byField(
  wants: readonly Field[],
  gots: readonly Field[],
  want: Uint8Array,
  got: Uint8Array,
  template: Template,
): FieldDifference[] {
  const places = new Uint8Array(want.length)
  for (const part of template.parts) if ('name' in part) places.fill(1, part.at, part.at + part.length)
  const byPath = new Map(gots.map((f) => [f.path, f]))
  const found: FieldDifference[] = []
  const seen = new Set<string>()
  const missing: string[] = []
  const inside = (path: string) => missing.some((outer) => path.startsWith(`${outer}.`))
  for (const a of wants) {
    const b = byPath.get(a.path)
    seen.add(a.path)
    if (inside(a.path)) continue
    if (!b) {
      missing.push(a.path)
      found.push({ path: a.path, want: wholeText(a, wants, template) })
    } else if (!equal(a, b, want, got, places)) found.push(differing(a, b, want, got, template))
  }
  for (const b of gots) {
    if (seen.has(b.path) || inside(b.path)) continue
    missing.push(b.path)
    found.push({ path: b.path, got: wholeText(b, gots) })
  }
  const useful = found.filter((f) => f.path !== 'header.length' && !followsFromFlags(f))
  if (useful.length === 0) return order(wants, gots)
  return useful
}

/** How much of the request an acknowledgement repeats is said by its flags: they tell the difference. */
const followsFromFlags = ({ path, want, got }: FieldDifference): boolean =>
  path.startsWith('request.') && (want === undefined || got === undefined)

function differing(a: Field, b: Field, want: Uint8Array, got: Uint8Array, template: Template): FieldDifference {
  const difference = { path: a.path, want: textOf(a, template) ?? 'attributes', got: b.text ?? 'attributes' }
  if (difference.want !== difference.got) return difference
  const hex = (bytes: Uint8Array, f: Field) => toHex(bytes.subarray(f.start, f.end))
  return { ...difference, note: `the same value in other bytes: ${hex(want, a)} expected, ${hex(got, b)} came` }
}

/** The text of an expected field; a place in it shows its name. */
function textOf(field: Field, template: Template): string | undefined {
  const place = template.parts.find((p) => 'name' in p && p.at >= field.start && p.at < field.end)
  return place && 'name' in place ? place.name : field.text
}

function wholeText(field: Field, all: readonly Field[], template?: Template): string {
  const own = template ? textOf(field, template) : field.text
  if (own !== undefined) return own
  const inner = all.filter((f) => f.path.startsWith(`${field.path}.`) && f.text !== undefined)
  const text = inner.map((f) => `${f.path.slice(field.path.length + 1)} ${f.text}`).join(', ')
  return `{ ${text.length > 200 ? `${text.slice(0, 200)}...` : text} }`
}

/** The same things in another order. */
function order(wants: readonly Field[], gots: readonly Field[]): FieldDifference[] {
  const names = (fields: readonly Field[]) => fields.filter((f) => f.of !== 'message').map((f) => f.path)
  const a = names(wants)
  const b = names(gots)
  const at = a.findIndex((path, i) => path !== b[i])
  return at < 0
    ? []
    : [{ path: a[at], want: `after ${a[at - 1] ?? 'the header'}`, got: `${b[at]} stands there`, note: 'order' }]
}

function byByte(want: Uint8Array, got: Uint8Array, template: Template): FieldDifference {
  const places = template.parts.filter((p) => 'name' in p)
  const masked = (at: number) => places.some((p) => p.at <= at && at < p.at + p.length)
  let at = 0
  while (at < want.length && at < got.length && (want[at] === got[at] || masked(at))) at++
  const hex = (bytes: Uint8Array) => (at < bytes.length ? toHex(bytes.subarray(at, at + 8)) : 'the end')
  return { path: `byte ${at}`, want: hex(want), got: hex(got) }
}
