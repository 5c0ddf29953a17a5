/** `rxPackets` as `rx_packets`: names in JSON are those of iproute2 and of the YNL specifications. */
export const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

/** `rxPackets` as `rx-packets`: names of words. */
export const dashed = (name: string): string => snake(name).replaceAll('_', '-')

/** An object with its keys in that spelling; what is undefined is left out. */
export const snakeKeys = <T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(values)
      .filter((entry): entry is [string, T] => entry[1] !== undefined)
      .map(([key, value]) => [snake(key), value]),
  )
