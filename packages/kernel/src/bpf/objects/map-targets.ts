import type { Device } from '../../net/device.ts'
import type { XdpTarget, XdpTargets } from '../../net/xdp-run.ts'
import type { RedirectSocket, SocketMap } from '../../net/xsk.ts'

/** Where XDP programs can redirect to by one map: its entries as they are followed. */
export class MapTargets implements XdpTargets, SocketMap {
  readonly kind: XdpTargets['kind']
  readonly #byKey = new Map<number, XdpTarget>()
  /** In the order of keys; made when asked for. */
  #sorted: readonly XdpTarget[] | undefined
  readonly #gone: (key: number) => void
  readonly #queued: (key: number, queue: number) => void

  /** `gone`: what an entry leads to is no more. `queued`: the queue of an entry's socket. */
  constructor(kind: XdpTargets['kind'], gone: (key: number) => void, queued: (key: number, queue: number) => void) {
    this.kind = kind
    this.#gone = gone
    this.#queued = queued
  }

  get(key: number): XdpTarget | undefined {
    return this.#byKey.get(key)
  }

  values(): readonly XdpTarget[] {
    this.#sorted ??= [...this.#byKey].sort(([a], [b]) => a - b).map(([, target]) => target)
    return this.#sorted
  }

  set(key: number, target: XdpTarget | undefined): void {
    this.#sorted = undefined
    if (target) this.#byKey.set(key, target)
    else this.#byKey.delete(key)
    if (target?.socket) this.#queued(key, target.socket.queue)
  }

  /** The map is no more. */
  clear(): void {
    this.#sorted = undefined
    this.#byKey.clear()
  }

  socketBound(socket: RedirectSocket): void {
    for (const [key, target] of this.#byKey) if (target.socket === socket) this.#queued(key, socket.queue)
  }

  forgetSocket(socket: RedirectSocket): void {
    for (const [key, target] of [...this.#byKey]) {
      if (target.socket !== socket) continue
      this.set(key, undefined)
      this.#gone(key)
    }
  }

  forget(dev: Device): void {
    for (const [key, target] of [...this.#byKey]) {
      if (target.dev !== dev) continue
      this.set(key, undefined)
      this.#gone(key)
    }
  }
}
