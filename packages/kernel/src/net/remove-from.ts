/** Takes an item out of a list, if it is in it. */
export function removeFrom<T>(list: T[] | undefined, item: T): void {
  const at = list?.indexOf(item) ?? -1
  if (at >= 0) list?.splice(at, 1)
}
