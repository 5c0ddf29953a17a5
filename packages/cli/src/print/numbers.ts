const STEPS = ['', 'K', 'M', 'G', 'T', 'P', 'E'] as const

/** A count, shortened to at most five characters on wish: 1286414 is 1.29M, or 1.23Mi with `iec`. */
export function count(n: number | bigint, o: { readonly human: boolean; readonly iec: boolean }): string {
  if (!o.human) return n.toString()
  const step = o.iec ? 1024 : 1000
  let value = Number(n)
  let at = 0
  while (value >= step && at < STEPS.length - 1) {
    value /= step
    at += 1
  }
  if (at === 0) return n.toString()
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)}${STEPS[at]}${o.iec ? 'i' : ''}`
}

/** `1 file`, `2 files`. */
export const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
