import { type ReceivedDatagram, refused, type SocketsDoor } from '@netkit/netlink'
import { packList } from '../wire/attachments.ts'
import { attached, type Call, type CallHandler, DONE, inNamespace, type Returned } from './call.ts'
import type { SessionSocket } from './session.ts'

/** Datagrams that one answer may have. */
const MOST = 1024

function doorOf({ session, args }: Call): SocketsDoor {
  const { inetSockets } = session.doors
  if (!inetSockets) throw refused(args.op, 'EOPNOTSUPP')
  return inetSockets
}

async function open(call: Call): Promise<Returned> {
  const { session, args } = call
  const [family, type, protocol] = ['family', 'type', 'protocol'].map((key) => args.integer(key, 0, 0xffff))
  const handle = await inNamespace(call, (ns) => doorOf(call).socket(family, type, protocol, ns.handle))
  const number = 1 + Math.max(0, ...session.sockets.keys())
  session.sockets.set(number, { handle })
  return { value: { socket: number } }
}

function socketOf({ session, args }: Call): SessionSocket {
  const socket = session.sockets.get(args.integer('socket'))
  if (!socket) throw refused(args.op, 'EBADF', 'no socket is open under this number')
  return socket
}

async function send(call: Call): Promise<Returned> {
  const [data, address] = call.attachments
  if (data === undefined || call.attachments.length > 2)
    throw refused(call.args.op, 'EINVAL', `expected one or two attachments, got ${call.attachments.length}`)
  return { value: { bytes: await socketOf(call).handle.sendto(data, address) } }
}

async function receive(call: Call): Promise<Returned> {
  const socket = socketOf(call)
  const most = call.args.integer('most', 1)
  const wait = call.args.optionalBoolean('wait') ?? true
  if (socket.waiting) throw refused(call.args.op, 'EBUSY', 'another call receives from this socket')
  const waiting = new AbortController()
  socket.waiting = waiting
  try {
    const list = await socket.handle.receive(Math.min(most, MOST), { wait, signal: waiting.signal })
    return { value: { ttls: list.map(({ ttl }) => ttl ?? null) }, attachments: [packList(list.flatMap(pieces))] }
  } catch (error) {
    throw error === waiting.signal.reason ? refused(call.args.op, 'EINTR', 'it was woken') : error
  } finally {
    socket.waiting = undefined
  }
}

const pieces = ({ data, address }: ReceivedDatagram): Uint8Array[] => [data, address]

async function errors(call: Call): Promise<Returned> {
  const list = await socketOf(call).handle.errors()
  const value = list.map(({ errno, type, code, info }) => ({ errno, type, code, info }))
  const bytes = list.flatMap(({ data, destination, offender }) => [data, destination, offender])
  return { value: { errors: value }, attachments: [packList(bytes)] }
}

/** Sockets of UDP and of ICMP echoes. Source: docs/protocol.md. */
export const socketCalls: Readonly<Record<string, CallHandler>> = {
  'socket.open': open,
  'socket.bind': async (call) => {
    await socketOf(call).handle.bind(attached(call))
    return DONE
  },
  'socket.connect': async (call) => {
    await socketOf(call).handle.connect(attached(call))
    return DONE
  },
  'socket.send': send,
  'socket.receive': receive,
  'socket.wake': (call) => {
    socketOf(call).waiting?.abort()
    return DONE
  },
  'socket.errors': errors,
  'socket.option': async (call) => {
    const { args } = call
    await socketOf(call).handle.setsockopt(args.integer('level'), args.integer('name'), attached(call))
    return DONE
  },
  'socket.name': async (call) => ({ attachments: [await socketOf(call).handle.getsockname()] }),
  'socket.close': async (call) => {
    const { handle } = socketOf(call)
    call.session.sockets.delete(call.args.integer('socket'))
    await handle.close()
    return DONE
  },
}
