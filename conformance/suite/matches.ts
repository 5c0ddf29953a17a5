/** Where a value is not as wanted, in words; undefined if all wanted parts are there. */
export function mismatch(wanted: unknown, found: unknown, path = ''): string | undefined {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return differs(path, wanted, found)
    if (wanted.length !== found.length) return differs(path, wanted, found)
  } else if (typeof wanted !== 'object' || wanted === null || wanted instanceof Uint8Array) {
    return Object.is(wanted, found) || text(wanted) === text(found) ? undefined : differs(path, wanted, found)
  }
  if (typeof found !== 'object' || found === null) return differs(path, wanted, found)
  for (const [key, part] of Object.entries(wanted)) {
    const inner = mismatch(part, (found as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`)
    if (inner !== undefined) return inner
  }
  return undefined
}

const differs = (path: string, wanted: unknown, found: unknown): string =>
  `${path || 'value'}: ${text(wanted)} was expected, ${text(found)} found`

const text = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v instanceof Uint8Array ? [...v] : v)) ?? 'nothing'
