import { readFileSync } from 'node:fs'

/** CPUs that there may ever be: one more than the last number of a list such as `0-3,6`. */
export function possibleCpus(): number {
  const list = readFileSync('/sys/devices/system/cpu/possible', 'utf8')
  return 1 + Math.max(...[...list.matchAll(/\d+/g)].map(([number]) => Number(number)))
}
