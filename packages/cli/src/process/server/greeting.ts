import type { Credentials } from '@netkit/kernel'
import { KernelError } from '@netkit/netlink'
import { decodeJson, FRAME, ProtocolError } from '../wire/frames.ts'
import { type DoorName, FRAME_LIMIT, PROTOCOL_VERSION, type Welcome } from '../wire/protocol.ts'
import { ArgumentReader } from './arguments.ts'
import { CallsConnection } from './calls-connection.ts'
import { CaptureConnection } from './capture-connection.ts'
import type { Connection, ConnectionHandler } from './connection.ts'
import { lessen } from './credentials.ts'
import type { Host } from './host.ts'
import { NetlinkConnection } from './netlink-connection.ts'
import type { Session, Sessions } from './session.ts'

const DOORS: readonly DoorName[] = ['netlink', 'calls', 'capture']
const SESSION_NAME = /^[\w.-]{1,64}$/

/** A connection whose client has not said hello. */
export class Greeting implements ConnectionHandler {
  readonly #host: Host
  readonly #connection: Connection
  readonly #sessions: Sessions
  /** Pid of the client, where the machine tells. */
  readonly #pid: number | undefined

  /** Called once, when it has said hello or is gone. */
  onDone: () => void = () => undefined

  constructor(host: Host, connection: Connection, sessions: Sessions, pid: number | undefined) {
    this.#host = host
    this.#connection = connection
    this.#sessions = sessions
    this.#pid = pid
  }

  frame(type: number, _tag: number, payload: Uint8Array): void {
    if (type !== FRAME.hello) throw new ProtocolError('the first frame is not a hello')
    const json = decodeJson(payload, 'the hello')
    if (json.netkit !== PROTOCOL_VERSION) {
      throw new ProtocolError(
        `version ${String(json.netkit)} of the protocol is not spoken here, but ${PROTOCOL_VERSION}`,
      )
    }
    try {
      this.#greet(new ArgumentReader('connect', json))
      this.onDone()
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      this.#refuse(error)
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof KernelError)) {
      this.#host.log.error({ err: error }, 'a connection failed')
      this.#connection.close()
      return
    }
    const { errno, code, op, extack } = error
    this.#connection.refuse({ errno, code, op, extack })
  }

  #greet(hello: ArgumentReader): void {
    const door = hello.oneOf('door', DOORS)
    const session = this.#session(hello)
    this.#sessions.join(session)
    try {
      const credentials = lessen(session.credentials, hello.optionalObject('credentials'))
      const handler = this.#open(door, hello, session, credentials)
      this.#connection.handler = handler
      this.#connection.frameLimit = FRAME_LIMIT
      if (handler instanceof CaptureConnection) void this.#welcomeCapture(session, handler)
      else this.#welcome(session, handler instanceof NetlinkConnection ? handler.portId : undefined)
    } catch (error) {
      this.#sessions.leave(session)
      throw error
    }
  }

  #session(hello: ArgumentReader): Session {
    const id = hello.optionalString('session') ?? this.#sessions.anonymous()
    if (hello.has('session') && !SESSION_NAME.test(id))
      throw new ProtocolError('session: expected 1 to 64 letters, digits, _ . -')
    return (
      this.#sessions.get(id) ??
      this.#sessions.begin(id, {
        pid: this.#pid ?? hello.optionalInteger('pid', 1, 0x7fff_ffff),
        namespace: hello.optionalNamespace('namespace'),
        credentials: (most) => lessen(most, hello.optionalObject('credentials')),
      })
    )
  }

  #open(door: DoorName, hello: ArgumentReader, session: Session, credentials: Credentials): ConnectionHandler {
    const leave = () => this.#sessions.leave(session)
    const connection = this.#connection
    if (door === 'calls') return new CallsConnection(this.#host, connection, session, leave)
    const options = hello.optionalObject(door) ?? new ArgumentReader('connect', {})
    if (door === 'capture') return new CaptureConnection(this.#host, connection, session, options, leave)
    return new NetlinkConnection(this.#host, connection, session, credentials, options, leave)
  }

  async #welcomeCapture(session: Session, capture: CaptureConnection): Promise<void> {
    try {
      await capture.started
    } catch (error) {
      this.#refuse(error)
      return
    }
    this.#welcome(session)
    await capture.run()
  }

  #welcome(session: Session, portId?: number): void {
    const { kernel, version } = this.#host
    const welcome: Welcome = {
      netkit: PROTOCOL_VERSION,
      kernel: 'embedded',
      release: kernel.release.name,
      version,
      pid: process.pid,
      session: session.id,
      portId,
    }
    this.#connection.sendJson(FRAME.welcome, 0, welcome)
  }

  closed(): void {
    this.onDone()
  }
}
