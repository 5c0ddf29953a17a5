import { errno, KernelError, refused } from '@netkit/netlink'
import { Attachments, attachmentPieces } from '../wire/attachments.ts'
import { decodeJson, encodeJson, FRAME, ProtocolError } from '../wire/frames.ts'
import { ArgumentReader } from './arguments.ts'
import type { Returned } from './call.ts'
import { CALLS } from './calls.ts'
import type { Connection, ConnectionHandler } from './connection.ts'
import type { Host } from './host.ts'
import type { Session } from './session.ts'

/** A connection for calls: each is answered when it is done, so a long one holds up no other. */
export class CallsConnection implements ConnectionHandler {
  readonly #host: Host
  readonly #connection: Connection
  readonly #session: Session
  readonly #attachments = new Attachments()
  readonly closed: () => void

  constructor(host: Host, connection: Connection, session: Session, closed: () => void) {
    this.#host = host
    this.#connection = connection
    this.#session = session
    this.closed = closed
  }

  frame(type: number, tag: number, payload: Uint8Array): void {
    if (type === FRAME.attachment) this.#attachments.put(payload)
    else if (type === FRAME.call) void this.#call(tag, decodeJson(payload, 'a call'), this.#attachments.take())
    else throw new ProtocolError(`frame of type ${type} on a connection for calls`)
  }

  async #call(tag: number, json: Record<string, unknown>, attachments: readonly Uint8Array[]): Promise<void> {
    const args = new ArgumentReader(String(json.call), json)
    try {
      const handler = Object.hasOwn(CALLS, args.op) ? CALLS[args.op] : undefined
      if (!handler) throw refused(args.op, 'EOPNOTSUPP', 'there is no such call')
      this.#answer(tag, await handler({ host: this.#host, session: this.#session, args, attachments }))
    } catch (error) {
      this.#refuse(tag, args.op, error)
    }
  }

  #answer(tag: number, { value, attachments = [] }: Returned): void {
    for (const piece of attachmentPieces(attachments)) this.#connection.send(FRAME.attachment, 0, piece)
    this.#connection.send(FRAME.result, tag, value === undefined ? new Uint8Array(0) : encodeJson(value))
  }

  #refuse(tag: number, call: string, error: unknown): void {
    if (error instanceof KernelError) {
      const { code, op, extack } = error
      this.#connection.sendJson(FRAME.error, tag, { errno: error.errno, code, op, extack })
      return
    }
    if (!(error instanceof ProtocolError)) this.#host.log.error({ err: error, call }, 'a call failed')
    const extack = error instanceof Error ? error.message : String(error)
    this.#connection.sendJson(FRAME.error, tag, { errno: errno.EIO, code: 'EIO', op: call, extack })
  }
}
