import { MAP_HEADER, type MapMemory } from '@netkit/bpf'

/** Storages of a map that are looked through for those of closed sockets, at least. */
const FEW = 64

/** Values that belong to a socket: maps of type sk_storage. They go with the map, or some time after the socket. */
export class SocketStorages {
  readonly #memory: MapMemory
  readonly #isOpen: (socket: number) => boolean
  /** By handle of the map, then by number of the socket: where the value lies. */
  readonly #maps = new Map<number, Map<number, number>>()
  #sweepAt = FEW

  constructor(memory: MapMemory, isOpen: (socket: number) => boolean) {
    this.#memory = memory
    this.#isOpen = isOpen
  }

  /** Address of a socket's value; 0 if there is none. */
  get(map: number, socket: number): number {
    return this.#maps.get(map)?.get(socket) ?? 0
  }

  /** Makes the value of a socket that has none, zero or a copy of what is at `from`; 0 without memory. */
  add(map: number, socket: number, from: number): number {
    const values = this.#maps.get(map) ?? new Map<number, number>()
    this.#maps.set(map, values)
    if (values.size >= this.#sweepAt) this.#sweep(map, values)
    const size = this.#sizeOf(map)
    const at = this.#memory.reserve(size)
    if (at === 0) return 0
    const { u8 } = this.#memory
    if (from === 0) u8.fill(0, at, at + size)
    else u8.copyWithin(at, from, from + size)
    values.set(socket, at)
    return at
  }

  /** Whether there was a value. */
  delete(map: number, socket: number): boolean {
    const values = this.#maps.get(map)
    const at = values?.get(socket)
    if (!values || at === undefined) return false
    values.delete(socket)
    this.#memory.release(at, this.#sizeOf(map))
    return true
  }

  forgetSocket(socket: number): void {
    for (const map of this.#maps.keys()) this.delete(map, socket)
  }

  forgetMap(map: number): void {
    for (const socket of this.#maps.get(map)?.keys() ?? []) this.delete(map, socket)
    this.#maps.delete(map)
  }

  #sizeOf(map: number): number {
    return this.#memory.view.getUint32(map + MAP_HEADER.VALUE_SIZE, true)
  }

  #sweep(map: number, values: ReadonlyMap<number, number>): void {
    for (const socket of [...values.keys()]) if (!this.#isOpen(socket)) this.delete(map, socket)
    this.#sweepAt = Math.max(FEW, 2 * values.size)
  }
}
