/** The machine's memory as maps use it: bytes that programs reach by their offsets, and room for more of them. */
export interface MapMemory {
  /** Over all of the memory; another one after it has grown, so ask for it each time. */
  readonly view: DataView
  readonly u8: Uint8Array
  /** Zeroed bytes at a multiple of 8, or 0 if there is no room. */
  reserve(bytes: number): number
  /** Gives bytes back that `reserve` gave. */
  release(offset: number, bytes: number): void
}

/** Copies bytes inside the memory. Short ones, such as keys, are faster one by one. */
export function copyBytes({ u8 }: MapMemory, to: number, from: number, bytes: number): void {
  if (bytes > 64) u8.copyWithin(to, from, from + bytes)
  else for (let i = 0; i < bytes; i++) u8[to + i] = u8[from + i]
}

export function sameBytes({ u8 }: MapMemory, a: number, b: number, bytes: number): boolean {
  for (let i = 0; i < bytes; i++) if (u8[a + i] !== u8[b + i]) return false
  return true
}

/** The next multiple of 8. */
export const align8 = (bytes: number): number => (bytes + 7) & -8
