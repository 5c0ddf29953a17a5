/** Where a device is and what it is called. */
export interface Slot {
  readonly netns: string | undefined
  readonly name: string
}

/** A device that is to be somewhere else, or to be called otherwise. */
export interface Relocation<T> {
  readonly what: T
  readonly from: Slot
  readonly to: Slot
}

export interface Hop<T> {
  readonly what: T
  readonly from: Slot
  /** A name that ends in `%d` is completed by the kernel. */
  readonly to: Slot
}

const SPARE = 'nktmp%d'

const key = ({ netns, name }: Slot): string => `${netns ?? ''}/${name}`

/**
 * In which order devices take their new places and names, so that each finds its own free: the last of a chain goes first;
 * of a circle (a becomes b, b becomes a) one steps aside under a spare name.
 */
export function orderRelocations<T>(relocations: readonly Relocation<T>[]): Hop<T>[] {
  const hops: Hop<T>[] = []
  const waiting = [...relocations]
  const held = new Set(waiting.map(({ from }) => key(from)))
  while (waiting.length > 0) {
    const at = waiting.findIndex(({ to }) => !held.has(key(to)))
    if (at >= 0) {
      const [next] = waiting.splice(at, 1)
      held.delete(key(next.from))
      hops.push(next)
      continue
    }
    const [first, ...others] = waiting
    const aside = { ...first, from: { ...first.from, name: SPARE } }
    hops.push({ what: first.what, from: first.from, to: aside.from })
    held.delete(key(first.from))
    waiting.splice(0, waiting.length, ...others, aside)
  }
  return hops
}
