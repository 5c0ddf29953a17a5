import { connect, type Socket } from 'node:net'
import { type ErrnoName, errno, KernelError, refused } from '@netkit/netlink'
import { Attachments, attachmentPieces } from '../wire/attachments.ts'
import { decodeJson, encodeJson, FRAME, FRAME_HEADER, FrameReader, ProtocolError, putHeader } from '../wire/frames.ts'
import { FRAME_LIMIT, type Hello, PROTOCOL_VERSION, type Welcome } from '../wire/protocol.ts'

/** An answer to a call: what it returns, and the bytes that go with it. */
export interface Answer {
  readonly value: Record<string, unknown>
  readonly attachments: readonly Uint8Array[]
}

/** Who has a connection. */
export interface ConnectionListener {
  /** A frame that is no answer. */
  onFrame(type: number, payload: Uint8Array): void
  /** The connection is gone: undefined if it was closed here. Called once. */
  onEnd(why: unknown): void
}

interface Pending {
  readonly op: string
  resolve(answer: Answer): void
  reject(why: unknown): void
}

const CLOSED = Symbol('closed here')
const NOTHING: Readonly<Record<string, unknown>> = {}

function toError(payload: Uint8Array): KernelError {
  const why = decodeJson(payload, 'an error')
  const number = typeof why.errno === 'number' ? why.errno : errno[String(why.code) as ErrnoName]
  return new KernelError({
    op: String(why.op),
    errno: number,
    extack: typeof why.extack === 'string' ? why.extack : undefined,
  })
}

/** Errors of connecting that mean: no kernel process there, or one that is just leaving. */
const NOBODY: ReadonlySet<unknown> = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])
export const isNobodyThere = (error: unknown): boolean => NOBODY.has((error as { code?: unknown } | null)?.code)

export const connectionLost = (cause?: unknown): KernelError =>
  new KernelError({
    op: 'talk to the kernel process',
    errno: errno.ECONNRESET,
    extack: 'it closed the connection',
    cause,
  })

/** A connection to a kernel process, as docs/protocol.md has it: frames out, frames in, calls and their answers. */
export class ClientConnection {
  readonly #socket: Socket
  readonly #reader: FrameReader
  readonly #pending = new Map<number, Pending>()
  readonly #attachments = new Attachments()
  #tag = 0
  #ended: unknown
  #paused = false
  #welcomed: { resolve(welcome: Welcome): void; reject(why: unknown): void } | undefined
  #listener: ConnectionListener | undefined
  /** Frames that came before anybody listened. */
  #early: [type: number, payload: Uint8Array][] = []

  private constructor(path: string) {
    this.#reader = new FrameReader(FRAME_LIMIT, (type, tag, payload) => this.#take(type, tag, payload))
    const socket = connect(path)
    this.#socket = socket
    socket.on('data', (chunk) => {
      if (this.#ended !== undefined) return
      try {
        this.#reader.push(chunk)
      } catch (problem) {
        this.#end(problem)
      }
    })
    socket.on('error', (error) => this.#end(this.#welcomed ? error : connectionLost(error)))
    socket.on('close', () => this.#end(connectionLost()))
  }

  /**
   * Connects and says hello. Rejects with a system error (ENOENT, ECONNREFUSED: nobody listens there), or with KernelError
   * if the kernel refuses.
   */
  static async open(path: string, hello: Omit<Hello, 'netkit' | 'pid'>): Promise<[ClientConnection, Welcome]> {
    const connection = new ClientConnection(path)
    const welcome = await new Promise<Welcome>((resolve, reject) => {
      connection.#welcomed = { resolve, reject }
      connection.send(FRAME.hello, 0, encodeJson({ ...hello, netkit: PROTOCOL_VERSION, pid: process.pid }))
    })
    return [connection, welcome]
  }

  #take(type: number, tag: number, payload: Uint8Array): void {
    if (type === FRAME.attachment) this.#attachments.put(payload)
    else if (type === FRAME.result || type === FRAME.error) {
      const pending = this.#pending.get(tag)
      const attachments = this.#attachments.take()
      if (pending === undefined) {
        if (type === FRAME.error && tag === 0) this.#end(toError(payload))
        return
      }
      this.#pending.delete(tag)
      this.#applyPause()
      if (type === FRAME.error) pending.reject(toError(payload))
      else pending.resolve({ value: payload.length === 0 ? NOTHING : decodeJson(payload, 'a result'), attachments })
    } else if (type === FRAME.welcome) {
      this.#greeted(decodeJson(payload, 'the welcome'))
    } else if (this.#listener) this.#listener.onFrame(type, payload)
    else this.#early.push([type, payload])
  }

  #greeted(welcome: Record<string, unknown>): void {
    const waiting = this.#welcomed
    this.#welcomed = undefined
    if (welcome.netkit === PROTOCOL_VERSION) waiting?.resolve(welcome as unknown as Welcome)
    else
      this.#end(
        new ProtocolError(
          `the kernel process speaks version ${String(welcome.netkit)} of the protocol, not ${PROTOCOL_VERSION}`,
        ),
      )
  }

  #end(why: unknown): void {
    if (this.#ended !== undefined) return
    this.#ended = why
    this.#socket.destroy()
    this.#welcomed?.reject(why)
    for (const pending of this.#pending.values()) pending.reject(why)
    this.#pending.clear()
    this.#listener?.onEnd(why)
  }

  /** Has a listener told of all frames that came and come. */
  listen(listener: ConnectionListener): void {
    this.#listener = listener
    for (const [type, payload] of this.#early.splice(0)) listener.onFrame(type, payload)
    if (this.#ended !== undefined) listener.onEnd(this.#ended === CLOSED ? undefined : this.#ended)
  }

  get closed(): boolean {
    return this.#ended !== undefined
  }

  /** Sends a frame. */
  send(type: number, tag: number, payload: Uint8Array): void {
    const bytes = Buffer.allocUnsafe(FRAME_HEADER + payload.length)
    putHeader(bytes, 0, type, tag, payload.length)
    bytes.set(payload, FRAME_HEADER)
    this.#socket.write(bytes)
  }

  /** Sends a frame that is answered. */
  request(type: number, payload: Uint8Array, op: string, attachments: readonly Uint8Array[] = []): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(refused(op, 'ENOTCONN'))
    return new Promise((resolve, reject) => {
      const tag = this.#freeTag()
      this.#pending.set(tag, { op, resolve, reject })
      this.#applyPause()
      for (const piece of attachmentPieces(attachments)) this.send(FRAME.attachment, 0, piece)
      this.send(type, tag, payload)
    })
  }

  #freeTag(): number {
    do this.#tag = (this.#tag % 0xffff) + 1
    while (this.#pending.has(this.#tag))
    return this.#tag
  }

  call(name: string, args: Record<string, unknown> = {}, attachments: readonly Uint8Array[] = []): Promise<Answer> {
    return this.request(FRAME.call, encodeJson({ call: name, ...args }), name, attachments)
  }

  /** Leaves what comes where it is. While an answer is awaited it is read all the same. */
  pause(on: boolean): void {
    this.#paused = on
    this.#applyPause()
  }

  #applyPause(): void {
    if (this.#paused && this.#pending.size === 0) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  /** Does not keep the process from ending by itself. */
  unref(): void {
    this.#socket.unref()
  }

  /** Resolves when the kernel has closed its side: what the connection had there is free again. */
  async close(): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = CLOSED
      const why = refused('talk to the kernel process', 'ENOTCONN', 'the connection was closed')
      for (const pending of this.#pending.values()) pending.reject(why)
      this.#pending.clear()
      this.#listener?.onEnd(undefined)
      this.#socket.end()
      this.#socket.resume()
    }
    await this.gone()
  }

  /** Resolves when the connection is no more, whoever closed it. */
  async gone(): Promise<void> {
    if (this.#socket.closed) return
    await new Promise<void>((resolve) => this.#socket.once('close', () => resolve()))
  }
}
