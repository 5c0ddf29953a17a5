import type { MapMemory } from '../memory.ts'

/** Memory for maps in which what is reserved is never given back: from `start` on. */
export function testMemory(buffer: ArrayBufferLike = new ArrayBuffer(1 << 20), start = 4096): MapMemory {
  let next = start
  return {
    view: new DataView(buffer),
    u8: new Uint8Array(buffer),
    reserve(bytes) {
      const at = next
      next += (bytes + 7) & -8
      return at
    },
    release: () => undefined,
  }
}
