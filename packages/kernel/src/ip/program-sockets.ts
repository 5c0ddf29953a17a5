import type { NetNamespace } from '../net/namespace.ts'
import type { ProgramSocket, ProgramSockets } from '../net/program-sockets.ts'
import { PROTO_TCP } from './core/headers.ts'
import { writeProgramView } from './tcp/program-view.ts'
import { TcpSocket } from './tcp/socket.ts'
import type { Tcp } from './tcp/tcp.ts'
import type { Sockets } from './transport/sockets.ts'

const FROM = 0
const TO = 4

/** The sockets of UDP and TCP as programs look for them. */
export const programSockets = (datagrams: Sockets, { context }: Tcp): ProgramSockets => ({
  find(ns, protocol, words, fromPort, toPort, ifindex) {
    if (protocol !== PROTO_TCP) return datagrams.udp.find(ns, words, TO, toPort, FROM, fromPort, ifindex)
    return findStream(context.table, ns, words, fromPort, toPort, ifindex)
  },
  get: (number) => datagrams.get(number) ?? context.byNumber(number),
  describe(socket, view, at) {
    if (socket instanceof TcpSocket) writeProgramView(socket, view, at)
  },
})

function findStream(
  table: Tcp['context']['table'],
  ns: NetNamespace,
  words: Int32Array,
  fromPort: number,
  toPort: number,
  ifindex: number,
): ProgramSocket | undefined {
  return (
    table.findConnection(ns, words, TO, toPort, words, FROM, fromPort) ??
    table.findListener(ns, words, TO, toPort, ifindex)
  )
}
