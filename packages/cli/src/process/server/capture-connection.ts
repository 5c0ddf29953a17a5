import { type Capture, refused } from '@netkit/netlink'
import { FRAME, ProtocolError } from '../wire/frames.ts'
import { FRAME_LIMIT } from '../wire/protocol.ts'
import type { ArgumentReader } from './arguments.ts'
import { inNamespace } from './call.ts'
import type { Connection, ConnectionHandler } from './connection.ts'
import type { Host } from './host.ts'
import type { Session } from './session.ts'

/** A capture of a client: pcapng bytes out. Nothing is taken from the kernel while the client does not read. */
export class CaptureConnection implements ConnectionHandler {
  readonly #host: Host
  readonly #connection: Connection
  readonly #capture: Promise<Capture>
  readonly #closed: () => void
  /** Rejects with KernelError if there is nothing to capture, or no right to. */
  readonly started: Promise<void>
  #resume: (() => void) | undefined

  constructor(host: Host, connection: Connection, session: Session, args: ArgumentReader, closed: () => void) {
    this.#host = host
    this.#connection = connection
    this.#closed = closed
    const door = session.doors.packets
    if (!door) throw refused('capture', 'EOPNOTSUPP')
    const options = {
      devices: args.optionalStrings('devices'),
      snapLength: args.optionalInteger('snapLength', 1),
      drops: args.optionalBoolean('drops'),
      everywhere: args.optionalBoolean('everywhere'),
      filter: args.optionalString('filter'),
      programs: args.optionalBoolean('programs'),
    }
    this.#capture = inNamespace({ host, session, args, attachments: [] }, ({ handle }) =>
      door.capture({ ...options, namespace: handle }),
    )
    this.started = this.#capture.then(() => undefined)
  }

  /** Lets the bytes flow. */
  async run(): Promise<void> {
    try {
      await this.#run(await this.#capture)
    } catch (error) {
      this.#host.log.error({ err: error }, 'a capture failed')
      this.#connection.close()
    }
  }

  async #run(capture: Capture): Promise<void> {
    for await (const chunk of capture.read()) {
      for (let at = 0; at < chunk.length; at += FRAME_LIMIT) {
        this.#connection.send(FRAME.chunk, 0, chunk.subarray(at, at + FRAME_LIMIT))
      }
      if (this.#connection.clogged)
        await new Promise<void>((resolve) => {
          this.#resume = resolve
        })
      if (this.#connection.closed) return
    }
    this.#connection.close()
  }

  frame(type: number): void {
    throw new ProtocolError(`frame of type ${type} on a capture`)
  }

  pump(): void {
    if (this.#connection.clogged) return
    this.#resume?.()
    this.#resume = undefined
  }

  closed(): void {
    this.#resume?.()
    this.#capture.then((capture) => capture.close()).catch(() => undefined)
    this.#closed()
  }
}
