import {
  type Ack,
  align4,
  Data,
  type Datagram,
  DecodeError,
  decodeAck,
  decodeDone,
  decodeHeader,
  type FamilyById,
  KernelError,
  type NetlinkDoor,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_MIN_TYPE,
} from '@netkit/netlink'
import { AnswerLostError, DumpInterruptedError } from './errors.ts'
import { Exchange, type Reply } from './exchange.ts'
import { type KernelWarning, refusal } from './refusal.ts'

/** How a request is called in errors, and how long its answer is waited for. */
export interface RequestOptions {
  readonly op: string
  /** Stops waiting. A change that is under way is not called back: whether it happens is then unknown. */
  readonly signal?: AbortSignal
}

export interface ClientOptions {
  readonly protocol: number
  readonly open: () => Promise<NetlinkDoor>
  readonly families: FamilyById
  readonly onWarning?: (warning: KernelWarning) => void
}

/** Requests that may wait for their answers at once, so that the answers fit into a receive buffer of the default size. */
const WINDOW = 32
/** How often a dump is tried before it is given up. */
const DUMP_ATTEMPTS = 10

/**
 * Requests and answers over one netlink socket. Any number of requests may be made at the same time: answers are told
 * apart by sequence number. One dump runs at a time, as kernels demand; further ones wait for their turn. The socket is
 * opened by the first request, read only while an answer is awaited, and opened anew after messages were lost.
 */
export class NetlinkClient {
  readonly #o: ClientOptions
  readonly #pending = new Map<number, Exchange>()
  readonly #waiting: (() => void)[] = []
  #opening: Promise<NetlinkDoor> | undefined
  #door: NetlinkDoor | undefined
  #reader: AsyncIterator<Datagram> | undefined
  #reading = false
  #inFlight = 0
  #seq = 0
  #closed = false
  #dumpEnd: Promise<unknown> = Promise.resolve()

  constructor(options: ClientOptions) {
    this.#o = options
  }

  /** Sends a request and resolves with the messages that answer it, when it is acknowledged. Rejects with KernelError. */
  async request(request: Uint8Array, options: RequestOptions): Promise<readonly Reply[]> {
    if (this.#inFlight < WINDOW) this.#inFlight++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve)) // takes over the place of one that is done
    try {
      return await this.#exchange(new Exchange(options.op, request, false), NLM_F_ACK, options.signal)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#inFlight--
    }
  }

  /**
   * Lists: resolves with all messages of the dump, consistent with each other. A dump that was interrupted, or of which
   * messages were lost, is made again, at most 10 times in all; then it rejects with DumpInterruptedError.
   */
  async dump(request: Uint8Array, options: RequestOptions): Promise<readonly Reply[]> {
    for (let attempt = 1; attempt <= DUMP_ATTEMPTS; attempt++) {
      const exchange = new Exchange(options.op, request.slice(), true)
      const before = this.#dumpEnd
      const mine = this.#exchangeAfter(before, exchange, options.signal)
      const replies = await mine.catch((e) => {
        if (e instanceof AnswerLostError && isLoss(e.cause) && attempt < DUMP_ATTEMPTS) return undefined
        throw e
      })
      if (replies && !exchange.interrupted) return replies
    }
    throw new DumpInterruptedError(options.op, DUMP_ATTEMPTS)
  }

  /** Closes the socket. Requests that have not been answered are rejected. */
  async close(): Promise<void> {
    this.#closed = true
    const door = this.#door ?? (await this.#opening?.catch(() => undefined))
    this.#abandon(new Error('the connection was closed'))
    await door?.close()
  }

  async #exchangeAfter(
    before: Promise<unknown>,
    exchange: Exchange,
    signal: AbortSignal | undefined,
  ): Promise<readonly Reply[]> {
    let over!: () => void
    this.#dumpEnd = new Promise<void>((resolve) => {
      over = resolve
    })
    try {
      await before
      return await this.#exchange(exchange, NLM_F_DUMP, signal)
    } finally {
      // A dump that is no longer wanted goes on until its end: until then the kernel would refuse another.
      if (this.#pending.get(seqIn(exchange.request)) === exchange) exchange.onEnd = over
      else over()
    }
  }

  async #exchange(exchange: Exchange, flags: number, signal: AbortSignal | undefined): Promise<readonly Reply[]> {
    signal?.throwIfAborted()
    const door = this.#door ?? (await this.#connect())
    const { request } = exchange
    this.#seq = (this.#seq + 1) >>> 0 || 1
    const seq = this.#seq
    address(request, flags, seq)
    this.#pending.set(seq, exchange)
    if (!this.#reading) void this.#read()
    const stop = () => {
      if (!exchange.isDump) this.#pending.delete(seq)
      exchange.reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
    try {
      door.send(request).catch((e) => this.#end(seq, exchange, () => exchange.reject(named(exchange.op, e))))
      return this.#conclude(exchange, await exchange.outcome)
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Here and not where the answer is read, so that the error's stack leads to whoever asked. */
  #conclude({ op, request, replies }: Exchange, ack: Ack): readonly Reply[] {
    if (ack.errno !== 0) throw refusal(op, request, this.#o.protocol, ack, this.#o.families)
    if (ack.extack.msg !== undefined) this.#o.onWarning?.({ op, text: ack.extack.msg })
    return replies
  }

  #connect(): Promise<NetlinkDoor> {
    if (this.#closed) return Promise.reject(new Error('the connection was closed'))
    this.#opening ??= this.#o.open().then(
      (door) => {
        this.#door = door
        this.#reader = door.receive()[Symbol.asyncIterator]()
        this.#opening = undefined
        return door
      },
      (e) => {
        this.#opening = undefined
        throw e
      },
    )
    return this.#opening
  }

  async #read(): Promise<void> {
    this.#reading = true
    const reader = this.#reader
    try {
      while (this.#pending.size > 0 && reader === this.#reader) {
        const next = await reader?.next()
        if (!next || next.done) throw new Error('the kernel closed the connection')
        this.#take(next.value.bytes)
      }
    } catch (e) {
      if (reader === this.#reader) {
        void this.#door?.close().catch(() => undefined)
        this.#abandon(e)
      }
    } finally {
      this.#reading = false
      if (this.#pending.size > 0 && this.#reader) void this.#read()
    }
  }

  #abandon(cause: unknown): void {
    this.#door = undefined
    this.#reader = undefined
    for (const [seq, exchange] of [...this.#pending]) {
      this.#end(seq, exchange, () =>
        exchange.reject(cause instanceof DecodeError ? cause : new AnswerLostError(exchange.op, cause)),
      )
    }
  }

  #take(datagram: Uint8Array): void {
    const data = new Data(datagram, true) // a datagram is the reader's to keep
    for (let at = 0; at < datagram.length; ) {
      const left = datagram.length - at
      const length = left < 16 ? 0 : data.u32(at)
      if (length < 16 || length > left)
        throw new DecodeError(at, `a message of ${length} bytes, ${left} bytes are left`)
      const seq = data.u32(at + 8)
      const exchange = this.#pending.get(seq)
      if (exchange) this.#message(seq, exchange, data, at, at + length)
      at += align4(length)
    }
  }

  #message(seq: number, exchange: Exchange, data: Data, start: number, end: number): void {
    const type = data.u16(start + 4)
    if ((data.u16(start + 6) & NLM_F_DUMP_INTR) !== 0) exchange.interrupted = true
    if (type >= NLMSG_MIN_TYPE) exchange.replies.push({ data, type, start, end })
    else if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      const message = { header: decodeHeader(data, start), data, start, end }
      const ack = type === NLMSG_ERROR ? decodeAck(message) : decodeDone(message)
      this.#end(seq, exchange, () => exchange.resolve(ack))
    }
  }

  #end(seq: number, exchange: Exchange, settle: () => void): void {
    if (!this.#pending.delete(seq)) return
    settle()
    exchange.onEnd?.()
  }
}

/** Adds flags to the header of a request and fills in its sequence number. */
function address(request: Uint8Array, flags: number, seq: number): void {
  request[6] |= flags & 255
  request[7] |= flags >> 8
  for (let i = 0; i < 4; i++) request[8 + i] = seq >>> (8 * i)
}

const seqIn = (request: Uint8Array): number =>
  (request[8] | (request[9] << 8) | (request[10] << 16) | (request[11] << 24)) >>> 0

const isLoss = (e: unknown): boolean => e instanceof KernelError && e.code === 'ENOBUFS'

/** The same refusal under the name of what was tried. */
const named = (op: string, e: unknown): unknown =>
  e instanceof KernelError ? new KernelError({ ...e, op, cause: e }) : e
