import { errno } from '@netkit/netlink'
import { CONGESTION } from './congestion/names.ts'
import type { TcpContext } from './context.ts'
import { tcpInfo } from './info.ts'
import { CLOSED, LISTEN } from './numbers.ts'
import { startKeepAlive } from './open.ts'
import { DEFAULTS, OPTIONS, SOL_SOCKET, SOL_TCP } from './option-table.ts'
import type { TcpSocket } from './socket.ts'
import { KEEP_ALIVE } from './socket-timers.ts'

const SO_KEEPALIVE = 9
const SO_LINGER = 13
const TCP_INFO = 11
const TCP_CONGESTION = 13
const TCP_NODELAY = 1
const TCP_CORK = 3
const TCP_KEEPIDLE = 4
const TCP_QUICKACK = 12
/** Bytes of a name of congestion control. */
const NAME = 16

const int = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, value, true)
  return bytes
}

/** Sets an option. 0, ENOPROTOOPT for one that there is not, EINVAL for a value out of range. */
export function setOption(tcp: TcpContext, socket: TcpSocket, level: number, name: number, value: Uint8Array): number {
  if (level === SOL_TCP && name === TCP_CONGESTION) return setCongestion(socket, value)
  if (value.length < 4) return -errno.EINVAL
  const view = new DataView(value.buffer, value.byteOffset)
  const n = view.getInt32(0, true)
  if (level === SOL_SOCKET && name === SO_LINGER) {
    if (value.length < 8) return -errno.EINVAL
    socket.linger = n === 0 ? -1 : Math.max(0, view.getInt32(4, true))
    return 0
  }
  const row = OPTIONS.find((one) => one.level === level && one.name === name)
  if (row === undefined || (row.get && !row.set)) return -errno.ENOPROTOOPT
  if (row.flag !== undefined) socket[row.flag as 'cork'] = n !== 0
  else if (n < (row.min ?? 0) || n > (row.max ?? 0x7fff_ffff)) return -errno.EINVAL
  else if (row.set) row.set(socket, n)
  else socket[row.number as 'mark'] = n
  takeEffect(tcp, socket, level, name)
  return 0
}

/** What is done at once. */
function takeEffect(tcp: TcpContext, socket: TcpSocket, level: number, name: number): void {
  const isOpen = socket.state !== CLOSED && socket.state !== LISTEN
  if (!isOpen) return
  if ((level === SOL_SOCKET && name === SO_KEEPALIVE) || (level === SOL_TCP && name === TCP_KEEPIDLE)) {
    if (socket.keepAlive) startKeepAlive(socket)
    else socket.timers.cancel(KEEP_ALIVE)
  }
  if (level !== SOL_TCP) return
  if (name === TCP_QUICKACK && socket.quickAck) {
    socket.quickAcks = 16
    if (socket.unacked > 0) socket.ackNow = true
  }
  if (name === TCP_NODELAY || name === TCP_CORK || name === TCP_QUICKACK) tcp.want(socket)
}

function setCongestion(socket: TcpSocket, value: Uint8Array): number {
  const end = value.indexOf(0)
  const name = new TextDecoder().decode(end < 0 ? value : value.subarray(0, end))
  const control = CONGESTION.get(name)
  if (control === undefined) return -errno.ENOENT
  socket.control = control
  control.begin(socket)
  return 0
}

/** The value of an option; undefined for one that there is not. */
export function getOption(tcp: TcpContext, socket: TcpSocket, level: number, name: number): Uint8Array | undefined {
  if (level === SOL_TCP && name === TCP_INFO) return tcpInfo(socket, tcp.stack.clock.look())
  if (level === SOL_TCP && name === TCP_CONGESTION) {
    const bytes = new Uint8Array(NAME)
    bytes.set(new TextEncoder().encode(socket.control.name))
    return bytes
  }
  if (level === SOL_SOCKET && name === SO_LINGER) {
    const on = socket.linger >= 0
    return Uint8Array.of(...int(on ? 1 : 0), ...int(on ? socket.linger : 0))
  }
  const row = OPTIONS.find((one) => one.level === level && one.name === name)
  if (row === undefined) return undefined
  if (row.get) return int(row.get(socket))
  if (row.flag !== undefined) return int(socket[row.flag] ? 1 : 0)
  const key = row.number as 'keepIdle'
  const value = socket[key]
  return int(value <= 0 && DEFAULTS[key] ? DEFAULTS[key](socket) : value)
}
