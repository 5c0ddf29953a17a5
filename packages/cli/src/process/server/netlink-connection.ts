import type { Credentials, NetlinkSocket } from '@netkit/kernel'
import { type ErrnoName, errno, KernelError, NETLINK_GENERIC, NETLINK_ROUTE, refused } from '@netkit/netlink'
import { decodeJson, FRAME, ProtocolError } from '../wire/frames.ts'
import { ArgumentReader } from './arguments.ts'
import type { Connection, ConnectionHandler } from './connection.ts'
import type { Host } from './host.ts'
import { findNamespace, type Session } from './session.ts'

/** Longest datagram that Linux takes with its default send buffer. */
const SEND_LIMIT = 212_992 - 32
/** Receive buffers that can be had. Source: socket(7), SO_RCVBUF and net.core.rmem_max. */
const RECEIVE_BUFFER_MIN = 2304
const RECEIVE_BUFFER_MAX = 16 * 1024 * 1024

const NOTHING = new Uint8Array(0)
const ERRNO_NAMES = new Map<number, ErrnoName>(
  Object.entries(errno).map(([name, number]) => [number, name as ErrnoName]),
)

function openSocket({ kernel }: Host, { process }: Session, opener: Credentials, args: ArgumentReader): NetlinkSocket {
  const ref = args.optionalNamespace('namespace')
  const socket = kernel.openSocket({
    protocol: args.integer('protocol', NETLINK_ROUTE, NETLINK_GENERIC),
    ns: ref ? findNamespace(kernel, process, ref) : process.netns,
    process,
    opener,
    portId: args.optionalInteger('portId') || undefined,
    extAck: args.optionalBoolean('extAck') ?? true,
    capAck: args.optionalBoolean('capAck') ?? false,
    strict: args.optionalBoolean('strict') ?? true,
    receiveBuffer: args.optionalInteger('receiveBuffer', RECEIVE_BUFFER_MIN, RECEIVE_BUFFER_MAX),
  })
  try {
    if (args.optionalBoolean('listenAllNsid')) listenToAll(kernel, socket)
  } catch (error) {
    socket.close()
    throw error
  }
  return socket
}

function listenToAll(kernel: Host['kernel'], socket: NetlinkSocket): void {
  if (!kernel.mayListenToAll(socket.opener, socket.ns)) {
    throw refused('listen to all namespaces', 'EPERM', 'CAP_NET_BROADCAST is required')
  }
  kernel.setListenAllNsid(socket, true)
}

/** A netlink socket of a client: datagrams in and out, and the calls that sockets have. */
export class NetlinkConnection implements ConnectionHandler {
  readonly #host: Host
  readonly #connection: Connection
  readonly #socket: NetlinkSocket
  readonly #sender: Credentials
  readonly #closed: () => void
  readonly #head = new Uint8Array(8)
  readonly #headView = new DataView(this.#head.buffer)

  constructor(
    host: Host,
    connection: Connection,
    session: Session,
    sender: Credentials,
    args: ArgumentReader,
    closed: () => void,
  ) {
    this.#host = host
    this.#connection = connection
    this.#sender = sender
    this.#closed = closed
    this.#socket = openSocket(host, session, sender, args)
    this.#socket.onReadable = () => connection.wake()
  }

  get portId(): number {
    return this.#socket.portId
  }

  frame(type: number, tag: number, payload: Uint8Array): void {
    if (type === FRAME.datagram) this.#datagram(tag, payload)
    else if (type === FRAME.call) this.#call(tag, payload)
    else throw new ProtocolError(`frame of type ${type} on a netlink connection`)
  }

  #datagram(tag: number, payload: Uint8Array): void {
    const result =
      payload.length > SEND_LIMIT ? -errno.EMSGSIZE : this.#host.journal.send(this.#socket, payload, this.#sender)
    if (tag === 0) return
    if (result === 0) this.#connection.send(FRAME.result, tag, NOTHING)
    else this.#refuse(tag, refused(`send ${payload.length} bytes`, ERRNO_NAMES.get(-result) ?? 'EIO'))
  }

  #call(tag: number, payload: Uint8Array): void {
    const json = decodeJson(payload, 'a call')
    try {
      this.#do(new ArgumentReader(String(json.call), json))
      this.#connection.send(FRAME.result, tag, NOTHING)
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      this.#refuse(tag, error)
    }
  }

  #do(args: ArgumentReader): void {
    const socket = this.#socket
    if (args.op === 'join' || args.op === 'leave') {
      const group = args.integer('group')
      if (socket[args.op](group) < 0)
        throw refused(`${args.op} multicast group ${group}`, 'EINVAL', 'there is no such group')
    } else if (args.op === 'option') {
      const on = args.optionalBoolean('on') ?? true
      const name = args.oneOf('name', ['extAck', 'capAck', 'strict', 'listenAllNsid'])
      if (name !== 'listenAllNsid') socket[name] = on
      else if (on) listenToAll(this.#host.kernel, socket)
      else this.#host.kernel.setListenAllNsid(socket, false)
    } else throw refused(args.op, 'EOPNOTSUPP', 'netlink sockets have no such call')
  }

  #refuse(tag: number, { errno, code, op, extack }: KernelError): void {
    this.#connection.sendJson(FRAME.error, tag, { errno, code, op, extack })
  }

  pump(): void {
    const connection = this.#connection
    while (!connection.clogged) {
      try {
        const item = this.#host.journal.receive(this.#socket)
        if (item === undefined) return
        if (item.group === 0) connection.send(FRAME.datagram, 0, item.bytes)
        else {
          this.#headView.setUint32(0, item.group, true)
          this.#headView.setInt32(4, item.nsid ?? -1, true)
          connection.send(FRAME.multicast, 0, item.bytes, this.#head)
        }
      } catch (error) {
        if (!(error instanceof KernelError)) throw error
        connection.send(FRAME.lost, 0, NOTHING)
      }
    }
  }

  closed(): void {
    this.#host.journal.release([this.#socket.ns], () => this.#socket.close())
    this.#closed()
  }
}
