import { MAP_TYPE, ringTake } from '@netkit/bpf'
import { type BpfRing, refused } from '@netkit/netlink'
import type { BpfMap } from '../bpf/objects/map.ts'
import type { BpfObjects } from '../bpf/objects/objects.ts'

/** The reader of a ring buffer of an embedded kernel. It holds the map. */
export class EmbeddedRing implements BpfRing {
  readonly #objects: BpfObjects
  readonly #map: BpfMap
  readonly #onClose: (ring: EmbeddedRing) => void
  readonly #waiting: ((records: readonly Uint8Array[]) => void)[] = []
  #isDue = false
  #closed = false

  /** Throws KernelError EINVAL for a map of another type. */
  constructor(objects: BpfObjects, map: BpfMap, onClose: (ring: EmbeddedRing) => void) {
    if (map.made.spec.type !== MAP_TYPE.ringbuf) throw refused('read a ring buffer', 'EINVAL', 'the map is none')
    map.hold()
    this.#objects = objects
    this.#map = map
    this.#onClose = onClose
    objects.runtime.ringReaders.add(this.#written)
  }

  async next(): Promise<readonly Uint8Array[]> {
    if (this.#closed) return []
    const records = this.#take()
    return records.length > 0 ? records : await new Promise((resolve) => this.#waiting.push(resolve))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#objects.runtime.ringReaders.delete(this.#written)
    this.#map.release()
    for (const resolve of this.#waiting.splice(0)) resolve([])
    this.#onClose(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Called where a program runs: the records are taken when it and those that run with it are done. */
  readonly #written = (): void => {
    if (this.#isDue || this.#waiting.length === 0) return
    this.#isDue = true
    void Promise.resolve().then(() => this.#deliver())
  }

  #deliver(): void {
    this.#isDue = false
    if (this.#closed || this.#waiting.length === 0) return
    const records = this.#take()
    if (records.length > 0) this.#waiting.shift()?.(records)
  }

  #take(): Uint8Array[] {
    return ringTake(this.#objects.memory, this.#map.made.handle)
  }
}
