import type { Device } from '../../net/device.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { DST, SRC } from '../core/flow.ts'
import { RTN_LOCAL } from '../core/headers.ts'
import type { IcmpError, IpStack, Transport } from '../core/stack.ts'
import { TcpContext } from './context.ts'
import { inputIcmp } from './icmp.ts'
import { inputConnection } from './input.ts'
import { end, fail } from './life.ts'
import { inputListen } from './listen.ts'
import { ACK, RST, SYN, SYN_SENT, TIME_WAIT } from './numbers.ts'
import { output } from './output.ts'
import { sendReset } from './reply.ts'
import { parse, type Segment } from './segment.ts'
import { after, before } from './sequence.ts'
import type { TcpSocket } from './socket.ts'
import { inputSynSent } from './syn-sent.ts'
import { timedOut } from './timeouts.ts'

/** TCP of one kernel: segments in, segments out. Source: RFC 9293. */
export class Tcp implements Transport {
  readonly context: TcpContext
  #sending = false

  constructor(stack: IpStack) {
    this.context = new TcpContext(stack)
    this.context.onDue = (socket, timer) => {
      timedOut(this.context, socket, timer)
      this.flush()
    }
    this.context.onGone = (socket) => end(this.context, socket)
  }

  receive(stack: IpStack, dev: Device, handle: number): void {
    const { segment } = this.context
    const { flow } = stack
    const reason = flow.type === RTN_LOCAL ? parse(stack.packets, handle, flow.v6, segment) : DROP.NOT_SPECIFIED
    if (reason !== 0) {
      stack.path.drop(dev, handle, reason)
      return
    }
    const { table } = this.context
    const { words } = flow
    const socket = table.findConnection(dev.ns, words, DST, segment.port, words, SRC, segment.sourcePort)
    if (socket === undefined || this.#isReused(socket, segment)) this.#unknown(stack, dev, segment)
    else if (socket.state === SYN_SENT) inputSynSent(this.context, dev, socket, segment)
    else inputConnection(this.context, dev, socket, segment)
  }

  /** A connection of which only strays are waited for gives way to a new one. Source: RFC 6191. */
  #isReused(socket: TcpSocket, segment: Segment): boolean {
    if (socket.state !== TIME_WAIT || (segment.flags & (SYN | RST | ACK)) !== SYN) return false
    const isNewer =
      socket.timestamps && segment.hasTimestamps
        ? before(socket.tsRecent, segment.tsValue)
        : after(segment.seq, socket.rcvNxt)
    if (isNewer) end(this.context, socket)
    return isNewer
  }

  /** A segment of no connection. */
  #unknown(stack: IpStack, dev: Device, segment: Segment): void {
    const listener = this.context.table.findListener(dev.ns, stack.flow.words, DST, segment.port, dev.ifindex)
    if (listener !== undefined) {
      inputListen(this.context, dev, listener, segment)
      return
    }
    stack.path.drop(dev, segment.handle, DROP.NO_SOCKET)
    sendReset(stack, dev, segment)
  }

  error(_stack: IpStack, dev: Device, about: IcmpError): void {
    inputIcmp(this.context, dev, about)
  }

  /** Has sockets send what they want to. What they send leaves with the stack's `flush`. */
  run(): void {
    // Sending may lead to segments being received: who is at it already goes on with what they bring.
    const { wanting } = this.context
    if (this.#sending || wanting.length === 0) return
    this.#sending = true
    for (let socket = wanting.pop(); socket !== undefined; socket = wanting.pop()) {
      socket.wanted = false
      output(this.context, socket)
    }
    this.#sending = false
  }

  /** The same, and sends it. */
  flush(): void {
    this.run()
    this.context.stack.flush()
  }

  /** A namespace goes: its connections end with `error`, and nobody is told. */
  closeAll(ns: NetNamespace, error: number): void {
    for (const socket of [...this.context.sockets]) if (socket.ns === ns) fail(this.context, socket, error)
  }
}
