import type { StreamHandle } from '@netkit/netlink'
import { decodeAddress, type SocketAddress } from './sockets.ts'

/** What ends waiting. */
export interface Waiting {
  readonly signal?: AbortSignal
}

/** How a connection gets on, as TCP_INFO tells. Times in milliseconds. */
export interface TcpStatus {
  /** As RFC 9293 names it: `established`, `close-wait` and so on. */
  readonly state: string
  readonly congestionControl: string
  /** Smoothed round trip, its variation, and how long an ACK is waited for. */
  readonly roundTrip: number
  readonly variation: number
  readonly timeout: number
  /** Segments: the congestion window, those under way, those sent again. */
  readonly window: number
  readonly unacknowledged: number
  readonly retransmissions: number
  /** Bytes of data in a segment. */
  readonly segmentSize: number
  readonly bytesAcknowledged: number
  readonly bytesReceived: number
}

const SOL_TCP = 6
const TCP_NODELAY = 1
const TCP_INFO = 11
const TCP_CONGESTION = 13
/** Source: RFC 9293 §3.3.2, by their numbers in TCP_INFO. */
const STATES = [
  '',
  'established',
  'syn-sent',
  'syn-received',
  'fin-wait-1',
  'fin-wait-2',
  'time-wait',
  'closed',
  'close-wait',
  'last-ack',
  'listen',
  'closing',
]
/** Bytes that are read at once unless less is asked for. */
const READ = 65_536

/** A TCP connection. It goes with the connection to the kernel; close it (`await using`) when it is not needed any more. */
export class TcpConnection implements AsyncDisposable, AsyncIterable<Uint8Array> {
  readonly #handle: StreamHandle
  #closed = false

  /** @internal */
  constructor(handle: StreamHandle) {
    this.#handle = handle
  }

  /** The handle itself, for what this class does not know, such as options. */
  get handle(): StreamHandle {
    return this.#handle
  }

  /**
   * The next bytes, up to `most`; undefined when the other side has ended. Rejects with KernelError: ECONNRESET, ETIMEDOUT,
   * EHOSTUNREACH.
   */
  async read(most = READ, { signal }: Waiting = {}): Promise<Uint8Array | undefined> {
    const bytes = await this.#handle.recv(most, { signal })
    return bytes.length === 0 ? undefined : bytes
  }

  /**
   * Gives bytes to be sent; resolves when there was room for all of them. Rejects with KernelError: EPIPE after `end` or when the
   * other side is gone, ECONNRESET, ETIMEDOUT.
   */
  async write(data: Uint8Array, { signal }: Waiting = {}): Promise<void> {
    await this.#handle.send(data, { signal })
  }

  /** Says that nothing more will be sent; the other side reads the end. Reading goes on. */
  async end(): Promise<void> {
    await this.#handle.shutdown(1)
  }

  /** What comes, until the other side ends. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (let bytes = await this.read(); bytes !== undefined; bytes = await this.read()) yield bytes
  }

  /** The same as a stream of the web; cancelling it closes the connection. */
  get readable(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const bytes = await this.read()
        if (bytes === undefined) controller.close()
        else controller.enqueue(bytes)
      },
      cancel: () => this.close(),
    })
  }

  /** What is written to it is sent; closing it is `end`. */
  get writable(): WritableStream<Uint8Array> {
    return new WritableStream<Uint8Array>({
      write: (chunk) => this.write(chunk),
      close: () => this.end(),
      abort: () => this.close(),
    })
  }

  /** Sends small pieces at once instead of waiting for more (TCP_NODELAY). */
  async setNoDelay(on = true): Promise<void> {
    await this.#handle.setsockopt(SOL_TCP, TCP_NODELAY, Uint8Array.of(on ? 1 : 0, 0, 0, 0))
  }

  async status(): Promise<TcpStatus> {
    const info = await this.#handle.getsockopt(SOL_TCP, TCP_INFO)
    const name = await this.#handle.getsockopt(SOL_TCP, TCP_CONGESTION)
    const view = new DataView(info.buffer, info.byteOffset, info.byteLength)
    const u32 = (at: number): number => view.getUint32(at, true)
    return {
      state: STATES[info[0]] ?? String(info[0]),
      congestionControl: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
      roundTrip: u32(68) / 1000,
      variation: u32(72) / 1000,
      timeout: u32(8) / 1000,
      window: u32(80),
      unacknowledged: u32(24),
      retransmissions: u32(100),
      segmentSize: u32(16),
      bytesAcknowledged: Number(view.getBigUint64(120, true)),
      bytesReceived: Number(view.getBigUint64(128, true)),
    }
  }

  /** Its own address and port. */
  async address(): Promise<SocketAddress> {
    return decodeAddress(await this.#handle.getsockname())
  }

  /** Those of the other side. Rejects with KernelError ENOTCONN. */
  async peer(): Promise<SocketAddress> {
    return decodeAddress(await this.#handle.getpeername())
  }

  get closed(): boolean {
    return this.#closed
  }

  /** What was written is still sent, and then the connection ends. If there is something unread, it is reset instead. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#handle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
