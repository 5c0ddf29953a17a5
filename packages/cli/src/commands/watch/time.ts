import type { Options } from '../../grammar/options.ts'

const two = (n: number): string => String(n).padStart(2, '0')

/** A moment as `2026-01-15T09:30:00.123456`, in the time of the place. `ms` since 1970. */
export function isoTime(ms: number): string {
  const d = new Date(ms)
  const micros = String(Math.floor((ms % 1000) * 1000)).padStart(6, '0')
  const date = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`
  return `${date}T${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${micros}`
}

/** What stands in front of an event, as `-t` and `-ts` want it. */
export function stamp(ms: number, kind: Options['timestamp']): string {
  if (kind === 'none') return ''
  if (kind === 'short') return `[${isoTime(ms)}] `
  const d = new Date(ms)
  const micros = String(Math.floor((ms % 1000) * 1000)).padStart(6, '0')
  const day = d.toDateString().replace(/ 0/, '  ').split(' ')
  const year = day.pop()
  return `Timestamp: ${day.join(' ')} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())} ${year} ${micros} usec\n`
}
