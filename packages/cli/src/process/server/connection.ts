import type { Socket } from 'node:net'
import { errno } from '@netkit/netlink'
import { encodeJson, FRAME, FRAME_HEADER, FrameReader, ProtocolError, putHeader } from '../wire/frames.ts'
import { HELLO_LIMIT, type Refused } from '../wire/protocol.ts'
import type { Turn, Turned } from './turn.ts'

/** Bytes on their way out at which the kernel's datagrams stay in the kernel's queue, which is bounded as Linux bounds it. */
const CLOGGED = 256 * 1024
/** Bytes on their way out, answers to calls included, at which a client that does not read is not read any more either. */
const DEAF = 1024 * 1024
const SLAB = 65_536
const GROWTH = 1024 * 1024
/** How long a client may take to read the last that it is sent. */
const LAST_WORDS_MS = 2000

/** What a connection is for, once it has said hello. */
export interface ConnectionHandler {
  frame(type: number, tag: number, payload: Uint8Array): void
  /** Moves what waits in the kernel into frames, as long as the connection is not clogged. */
  pump?(): void
  /** The connection is gone. Called once. */
  closed(): void
}

/** Who keeps the connections. */
export interface ConnectionWatcher {
  /** Something came that cannot be handled: the connection is closed. */
  onProblem(problem: unknown): void
  /** The connection is gone. Called once. */
  onGone(): void
}

const NOBODY: ConnectionHandler = { frame: () => undefined, closed: () => undefined }

/** A client's connection: frames in, frames out at the end of the turn, bounded both ways. */
export class Connection implements Turned {
  readonly #socket: Socket
  readonly #turn: Turn
  readonly #reader: FrameReader
  readonly #watcher: ConnectionWatcher
  handler: ConnectionHandler = NOBODY
  #out = new Uint8Array(0)
  #length = 0
  #deaf = false
  /** Clogged when it was pumped last: there may be more to pump. */
  #waiting = false
  #closing = false
  #finishing = false
  #gone = false
  #released = false

  constructor(socket: Socket, turn: Turn, watcher: ConnectionWatcher) {
    this.#socket = socket
    this.#turn = turn
    this.#watcher = watcher
    this.#reader = new FrameReader(HELLO_LIMIT, (type, tag, payload) => {
      if (!this.#closing) this.handler.frame(type, tag, payload)
    })
    socket.on('data', (chunk) => this.#take(chunk))
    // It has said all it wanted; what it asked for is still answered.
    socket.on('end', () => {
      this.#closing = true
      this.#turn.add(this)
    })
    socket.on('error', () => this.close())
    socket.on('close', () => this.#ended())
  }

  set frameLimit(bytes: number) {
    this.#reader.limit = bytes
  }

  /** More than enough is on its way out. */
  get clogged(): boolean {
    return this.#length + this.#socket.writableLength > CLOGGED
  }

  get closed(): boolean {
    return this.#gone || this.#closing
  }

  #take(chunk: Uint8Array): void {
    if (this.#closing) return
    try {
      this.#reader.push(chunk)
    } catch (problem) {
      this.#watcher.onProblem(problem)
      if (problem instanceof ProtocolError) {
        this.refuse({ errno: errno.EPROTO, code: 'EPROTO', op: 'connect', extack: problem.message })
      } else this.close()
      return
    }
    if (this.#length + this.#socket.writableLength > DEAF) {
      this.#deaf = true
      this.#socket.pause()
    }
  }

  /** Bytes have left. `drain` would not say so of those that leave at once. */
  #written(): void {
    if (this.clogged) return
    if (this.#deaf) {
      this.#deaf = false
      this.#socket.resume()
    }
    if (this.#waiting) this.#turn.add(this)
  }

  /** Puts a frame into what leaves at the end of the turn. `head`: goes before the payload, in the same frame. */
  send(type: number, tag: number, payload: Uint8Array, head?: Uint8Array): void {
    if (this.#gone) return
    const size = payload.length + (head?.length ?? 0)
    const at = this.#reserve(FRAME_HEADER + size)
    putHeader(this.#out, at, type, tag, size)
    if (head) this.#out.set(head, at + FRAME_HEADER)
    this.#out.set(payload, at + FRAME_HEADER + size - payload.length)
    this.#turn.add(this)
  }

  sendJson(type: number, tag: number, value: unknown): void {
    this.send(type, tag, encodeJson(value))
  }

  /** Has `pump` called at the end of the turn. */
  wake(): void {
    if (!this.#gone) this.#turn.add(this)
  }

  #reserve(size: number): number {
    const at = this.#length
    const need = at + size
    if (need > this.#out.length) {
      const more = Math.min(this.#out.length, GROWTH)
      const bigger = Buffer.allocUnsafe(Math.max(need, this.#out.length + more, at === 0 ? 512 : SLAB))
      bigger.set(this.#out.subarray(0, at))
      this.#out = bigger
    }
    this.#length = need
    return at
  }

  pump(): void {
    if (this.#gone || this.#released) return
    this.handler.pump?.()
    this.#waiting = this.clogged
  }

  flush(): void {
    if (this.#gone) return
    if (this.#length > 0) {
      // Written from where it is: the buffer belongs to the socket from now on.
      this.#socket.write(this.#out.subarray(0, this.#length), () => this.#written())
      this.#out = new Uint8Array(0)
      this.#length = 0
    }
    if (this.#closing && !this.#finishing) this.#finish()
  }

  #finish(): void {
    this.#finishing = true
    // First of all: who waits for the end may want what the connection had.
    this.#release()
    const patience = setTimeout(() => this.#socket.destroy(), LAST_WORDS_MS)
    this.#socket.end(() => {
      clearTimeout(patience)
      this.#socket.destroy()
    })
  }

  /** Says why, then closes. */
  refuse(why: Refused): void {
    if (this.closed) return
    this.sendJson(FRAME.error, 0, why)
    this.#closing = true
  }

  close(): void {
    this.#socket.destroy()
    this.#ended()
  }

  #ended(): void {
    if (this.#gone) return
    this.#gone = true
    this.#out = new Uint8Array(0)
    this.#length = 0
    this.#release()
    this.#watcher.onGone()
  }

  #release(): void {
    if (this.#released) return
    this.#released = true
    this.handler.closed()
  }
}
