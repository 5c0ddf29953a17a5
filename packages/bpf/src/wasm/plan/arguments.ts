/** Arguments after the fifth that there can be. */
export const EXTRA_ARGUMENTS = 7

/** Which argument after the fifth a distance from R11 means; -1 if none. */
export function argumentIndex(distance: number, bytes: number): number {
  const index = distance / 8 - 1
  return bytes === 8 && Number.isInteger(index) && index >= 0 && index < EXTRA_ARGUMENTS ? index : -1
}
