import {
  type MappedMemory,
  MSG_DONTWAIT,
  POLLIN,
  SOL_XDP,
  XDP_OPTION,
  XDP_OPTIONS_ZEROCOPY,
  XDP_STATISTICS,
  type XskHandle,
} from '@netkit/netlink'
import type { XskLayout } from './layout.ts'
import { XskRings } from './rings.ts'

/** What a socket has counted. */
export interface XskStatistics {
  /** Frames that were too long, or that there was no chunk for. */
  readonly rxDropped: bigint
  readonly rxInvalidDescs: bigint
  readonly txInvalidDescs: bigint
  /** Frames that the RX ring had no room for. */
  readonly rxRingFull: bigint
  readonly rxFillRingEmpty: bigint
  readonly txRingEmpty: bigint
}

/** @internal What a socket is made of. */
export interface XskParts {
  readonly handle: XskHandle
  readonly layout: XskLayout
  /** Of the rings, and of the UMEM if it is this socket's own. */
  readonly mappings: readonly MappedMemory[]
  /** The socket whose UMEM it shares. */
  readonly sharedWith: XskSocket | undefined
  /** Maps the doorbell of workers. */
  readonly mapDoorbell: () => MappedMemory
  readonly gone: (socket: XskSocket) => void
}

/** Not in the types of ES2023 yet. */
type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { readonly async: boolean; readonly value: PromiseLike<string> | string }

/** An AF_XDP socket that is bound to a queue of a device. Close it when it is not needed any more, or let `using` do that. */
export class XskSocket implements Disposable {
  /** Batches in and out, for this thread. Not to be used while a worker has them. */
  readonly rings: XskRings
  readonly #parts: XskParts
  #doorbell: MappedMemory | undefined
  #closed = false

  /** @internal */
  constructor(parts: XskParts) {
    this.#parts = parts
    const { handle } = parts
    const wakeup = { send: () => handle.send(MSG_DONTWAIT), receive: () => handle.receive(MSG_DONTWAIT) }
    this.rings = new XskRings(parts.layout, wakeup, parts.sharedWith?.rings.free)
  }

  /** Its descriptor: what an XSKMAP takes as a value. */
  get fd(): number {
    return this.#parts.handle.fd
  }

  /** Whether the NIC receives into the UMEM itself. */
  get zeroCopy(): boolean {
    return (this.#parts.handle.getsockopt(SOL_XDP, XDP_OPTION.options, 4)[0] & XDP_OPTIONS_ZEROCOPY) !== 0
  }

  statistics(): XskStatistics {
    const bytes = this.#parts.handle.getsockopt(SOL_XDP, XDP_OPTION.statistics, XDP_STATISTICS.size)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const count = (n: number): bigint => view.getBigUint64(8 * n, true)
    return {
      rxDropped: count(0),
      rxInvalidDescs: count(1),
      txInvalidDescs: count(2),
      rxRingFull: count(3),
      rxFillRingEmpty: count(4),
      txRingEmpty: count(5),
    }
  }

  /** Resolves when something was received: true; false after `timeout` ms, or when the socket is closed or its device gone. */
  async readable(timeout?: number): Promise<boolean> {
    this.rings.refill()
    return ((await this.#parts.handle.wait(POLLIN, timeout)) & POLLIN) !== 0
  }

  /**
   * What a worker needs to receive and send: there, `new XskRings(layout)`. It gets all chunks that are free, so this is for one worker,
   * and `rings` are not to be used here any more. The socket stays in this thread. On an embedded kernel that must not block: the
   * worker's wake-ups come by a word in the memory. On Linux the worker makes its calls itself: `new XskRings(layout, await xskWakeup(fd))`
   * with `xskWakeup` of `@netkit/linux` and the `fd` of this socket.
   */
  share(): XskLayout {
    this.#doorbell ??= this.#listen()
    return { ...this.#parts.layout, free: this.rings.free.takeAll(), doorbell: this.#doorbell.offset / 4 }
  }

  #listen(): MappedMemory {
    const { handle, layout } = this.#parts
    const waitAsync = (Atomics as unknown as { readonly waitAsync?: WaitAsync }).waitAsync
    if (!waitAsync) throw new Error('this platform has no Atomics.waitAsync, by which a worker could wake the kernel')
    const doorbell = this.#parts.mapDoorbell()
    const words = new Int32Array(layout.memory.buffer)
    const at = doorbell.offset / 4
    const listen = (heard: number): void => {
      if (this.#closed) return
      const result = waitAsync(words, at, heard)
      const again = (): void => {
        const now = Atomics.load(words, at)
        if (!this.#closed) handle.send(MSG_DONTWAIT)
        listen(now)
      }
      if (result.async) Promise.resolve(result.value).then(again)
      else queueMicrotask(again)
    }
    listen(Atomics.load(words, at))
    return doorbell
  }

  /** Closes it. Views of its UMEM must not be used any more. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const { handle, mappings, gone } = this.#parts
    handle.close()
    for (const one of mappings) one.unmap()
    if (this.#doorbell) {
      const words = new Int32Array(this.#parts.layout.memory.buffer)
      Atomics.notify(words, this.#doorbell.offset / 4)
      this.#doorbell.unmap()
    }
    gone(this)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
