import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { DevmemBinding } from './devmem-binding.ts'
import type { DmaBuf } from './dma-buf.ts'
import type { Listener } from './listener.ts'
import { closeProvider } from './provider-open.ts'

const MOST_IDS = 0xffff_ffff

/** All bindings of dma-bufs, by id, and the sockets that made them. */
export class DevmemTable {
  readonly #kernel: Core
  readonly #byId = new Map<number, DevmemBinding>()
  readonly #bySocket = new Map<Listener, Set<DevmemBinding>>()
  #lastId = 0

  constructor(kernel: Core) {
    this.#kernel = kernel
  }

  get(id: number): DevmemBinding | undefined {
    return this.#byId.get(id)
  }

  /** A new binding. `onlyFor`: the device that it is sent from; absent: it is received into. */
  create(buf: DmaBuf, chunkShift: number, onlyFor?: Device): DevmemBinding {
    let id = this.#lastId
    do id = id === MOST_IDS ? 1 : id + 1
    while (this.#byId.has(id))
    this.#lastId = id
    const binding = new DevmemBinding(id, buf, this.#kernel.path.packets.bufs, chunkShift, onlyFor)
    this.#byId.set(id, binding)
    return binding
  }

  /** A binding goes with a socket. */
  give(binding: DevmemBinding, socket: Listener): void {
    const owned = this.#bySocket.get(socket)
    if (owned) owned.add(binding)
    else this.#bySocket.set(socket, new Set([binding]))
  }

  /** Ends a binding: its queues go back to memory of their own. Source: spec 03 §1.6 C. */
  end(binding: DevmemBinding): void {
    this.#byId.delete(binding.id)
    for (const queue of binding.queues) closeProvider(this.#kernel, queue.device, queue.index, binding)
    binding.queues.clear()
    binding.drop()
  }

  socketClosed(socket: Listener): void {
    const owned = this.#bySocket.get(socket)
    this.#bySocket.delete(socket)
    for (const binding of owned ?? []) this.end(binding)
  }
}
