/** Fields without what goes without saying. */
export function present<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

/** Fields in the words of `ip`: ` via 10.0.0.1 dev eth0 onlink`. */
export const fieldsText = (fields: object): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([key, value]) => ` ${key}${value === true ? '' : ` ${value}`}`)
    .join('')
