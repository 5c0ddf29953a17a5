import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { PeerCredentials } from '@netkit/linux'
import { ProtocolError } from '../wire/frames.ts'
import { Connection } from './connection.ts'
import { Greeting } from './greeting.ts'
import type { Host } from './host.ts'
import { Sessions } from './session.ts'
import type { Turn } from './turn.ts'

/** Clients that may wait to be taken in. The machine may allow less. */
const BACKLOG = 4096
/** How long a client may take to say hello. */
const HELLO_MS = 10_000

export interface ServerOptions {
  readonly host: Host
  readonly turn: Turn
  readonly path: string
  /** Asks the machine who a client is, where it can. */
  readonly peer: ((fd: number) => PeerCredentials) | undefined
  /** Whose clients are let in. */
  readonly uid: number
}

/** Whether somebody listens on a unix socket. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** Takes away what a kernel process that is gone left behind; the caller has the lock. */
function removeStale(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isSocket()) throw new Error(`${path} exists and is not a socket`)
  unlinkSync(path)
}

/** The unix socket of the kernel process, and the connections that came through it. */
export class KernelServer {
  readonly #options: ServerOptions
  readonly #sessions: Sessions
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  /** Connections that have not said hello, and since when, oldest first. */
  readonly #silent = new Map<Connection, number>()
  #sweep: NodeJS.Timeout | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.#sessions = new Sessions(options.host)
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
  }

  get connections(): number {
    return this.#connections.size
  }

  async listen(): Promise<void> {
    const { path, host } = this.#options
    removeStale(path)
    const mask = process.umask(0o177)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject)
        this.#server.listen({ path, backlog: BACKLOG }, resolve)
      })
    } finally {
      process.umask(mask)
    }
    chmodSync(path, 0o600)
    this.#server.on('error', (err) => host.log.error({ err }, 'the socket failed'))
  }

  /** Pid of the client where the machine tells, 0 where it does not; undefined if it is somebody else's. */
  #identify(socket: Socket): number | undefined {
    const { peer, uid, host } = this.#options
    if (!peer) return 0
    // Node has no public way to a socket's descriptor.
    const { fd } = (socket as unknown as { _handle: { readonly fd: number } })._handle
    const who = peer(fd)
    if (who.uid === uid) return who.pid
    host.log.warn({ uid: who.uid, pid: who.pid }, 'refused a client of another user')
    return undefined
  }

  #accept(socket: Socket): void {
    let pid: number | undefined
    try {
      pid = this.#identify(socket)
    } catch (err) {
      this.#options.host.log.warn({ err }, 'a client cannot be identified')
    }
    if (pid === undefined) {
      socket.destroy()
      return
    }
    this.#open(socket, pid > 0 ? pid : undefined)
  }

  #open(socket: Socket, pid: number | undefined): void {
    const { host, turn } = this.#options
    const connection = new Connection(socket, turn, {
      onProblem: (problem) => this.#problem(problem),
      onGone: () => this.#connections.delete(connection),
    })
    const greeting = new Greeting(host, connection, this.#sessions, pid)
    greeting.onDone = () => this.#silent.delete(connection)
    connection.handler = greeting
    this.#connections.add(connection)
    this.#silent.set(connection, performance.now())
    this.#sweep ??= setTimeout(() => this.#sweepSilent(), HELLO_MS)
  }

  #problem(problem: unknown): void {
    const { log } = this.#options.host
    if (problem instanceof ProtocolError) log.warn({ problem: problem.message }, 'closed a connection')
    else log.error({ err: problem }, 'closed a connection')
  }

  /** Closes connections that never said what they are for. Runs only as long as there are some. */
  #sweepSilent(): void {
    this.#sweep = undefined
    const now = performance.now()
    for (const [connection, since] of this.#silent) {
      const left = since + HELLO_MS - now
      if (left > 0) {
        this.#sweep = setTimeout(() => this.#sweepSilent(), left)
        return
      }
      this.#silent.delete(connection)
      connection.close()
    }
  }

  /** Takes nobody in any more and closes all connections. The socket is gone when this returns. */
  close(): void {
    clearTimeout(this.#sweep)
    // Closing a listening unix socket takes its file away.
    this.#server.close()
    for (const connection of [...this.#connections]) connection.close()
  }
}
