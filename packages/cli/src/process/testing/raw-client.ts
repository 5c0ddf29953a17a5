import { connect, type Socket } from 'node:net'
import { encodeJson, FRAME, FrameReader, frame } from '../wire/frames.ts'
import { FRAME_LIMIT, PROTOCOL_VERSION } from '../wire/protocol.ts'

export interface Frame {
  readonly type: number
  readonly tag: number
  readonly payload: Uint8Array
}

/** A client that writes what it is told, as one in any language could, and keeps what it is sent. */
export class RawClient {
  readonly socket: Socket
  readonly frames: Frame[] = []
  readonly connected: Promise<void>
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>
  #wake: () => void = () => undefined

  constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true })
    const reader = new FrameReader(FRAME_LIMIT, (type, tag, payload) => this.frames.push({ type, tag, payload }))
    this.socket.on('data', (chunk) => {
      reader.push(chunk)
      this.#wake()
    })
    this.socket.on('end', () => this.socket.end())
    this.connected = new Promise((resolve, reject) => {
      this.socket.once('connect', resolve)
      this.socket.once('error', reject)
    })
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()))
    this.socket.on('error', () => undefined)
    void this.closed.then(() => this.#wake())
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  send(type: number, tag: number, payload: Uint8Array): void {
    this.write(frame(type, tag, payload))
  }

  hello(options: Record<string, unknown>): void {
    this.send(FRAME.hello, 0, encodeJson({ netkit: PROTOCOL_VERSION, ...options }))
  }

  call(tag: number, name: string, args: Record<string, unknown> = {}): void {
    this.send(FRAME.call, tag, encodeJson({ call: name, ...args }))
  }

  /** The first frame that fits; waits for it. */
  async frame(fits: (frame: Frame) => boolean): Promise<Frame> {
    while (true) {
      const found = this.frames.find(fits)
      if (found) return found
      if (this.socket.closed) throw new Error('the connection closed before the frame came')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  destroy(): void {
    this.socket.destroy()
  }
}
