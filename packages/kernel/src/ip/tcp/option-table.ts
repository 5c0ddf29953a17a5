import { CLOSED, LISTEN } from './numbers.ts'
import type { TcpSocket } from './socket.ts'

export const SOL_SOCKET = 1
const SOL_IP = 0
const SOL_IPV6 = 41
export const SOL_TCP = 6

const INT_MAX = 0x7fff_ffff

type NumberKey = { [K in keyof TcpSocket]: TcpSocket[K] extends number ? K : never }[keyof TcpSocket]
type FlagKey = { [K in keyof TcpSocket]: TcpSocket[K] extends boolean ? K : never }[keyof TcpSocket]

/** An option that is an int: where it is kept, least and greatest; or how it is read and set otherwise. */
export interface OptionRow {
  readonly level: number
  readonly name: number
  readonly number?: NumberKey
  readonly flag?: FlagKey
  readonly min?: number
  readonly max?: number
  readonly get?: (socket: TcpSocket) => number
  /** Absent with `get` alone: it can only be read. */
  readonly set?: (socket: TcpSocket, value: number) => void
}

/** Overhead that counts: what is asked for is doubled. Source: socket(7), SO_RCVBUF. */
const doubled = (value: number, least: number): number => Math.max(least, Math.min(2 * value, INT_MAX))
const RMEM_MAX = 212_992
const LEAST_RECEIVE = 2304
const LEAST_SEND = 4608

/** Options of stream sockets. Sources: socket(7), ip(7), ipv6(7), tcp(7). */
export const OPTIONS: readonly OptionRow[] = [
  { level: SOL_SOCKET, name: 2, flag: 'reuseAddress' },
  { level: SOL_SOCKET, name: 3, get: () => 1 },
  { level: SOL_SOCKET, name: 4, get: (socket) => socket.takeError() },
  {
    level: SOL_SOCKET,
    name: 7,
    get: (socket) => socket.sendLimit,
    set: (socket, value) => {
      socket.sendLimit = doubled(Math.min(value, RMEM_MAX), LEAST_SEND)
      socket.sendLocked = true
    },
  },
  {
    level: SOL_SOCKET,
    name: 8,
    get: (socket) => socket.receiveLimit,
    set: (socket, value) => {
      socket.receiveLimit = doubled(Math.min(value, RMEM_MAX), LEAST_RECEIVE)
      socket.receiveLocked = true
    },
  },
  { level: SOL_SOCKET, name: 9, flag: 'keepAlive' },
  { level: SOL_SOCKET, name: 12, number: 'priority', min: 0, max: 6 },
  { level: SOL_SOCKET, name: 15, flag: 'reusePort' },
  { level: SOL_SOCKET, name: 30, get: (socket) => (socket.state === LISTEN ? 1 : 0) },
  { level: SOL_SOCKET, name: 36, number: 'mark', min: -INT_MAX - 1, max: INT_MAX },
  { level: SOL_SOCKET, name: 38, get: () => SOL_TCP },
  { level: SOL_SOCKET, name: 39, get: (socket) => (socket.v6 ? 10 : 2) },
  { level: SOL_SOCKET, name: 62, number: 'device', min: 0, max: INT_MAX },
  { level: SOL_IP, name: 1, number: 'tos', min: 0, max: 255 },
  { level: SOL_IP, name: 2, number: 'ttl', min: -1, max: 255 },
  { level: SOL_IPV6, name: 16, number: 'hopLimit', min: -1, max: 255 },
  { level: SOL_IPV6, name: 26, flag: 'v6only' },
  { level: SOL_IPV6, name: 67, number: 'trafficClass', min: 0, max: 255 },
  { level: SOL_TCP, name: 1, flag: 'noDelay' },
  {
    level: SOL_TCP,
    name: 2,
    min: 88,
    max: 32_767,
    get: (socket) => (socket.state === CLOSED || socket.state === LISTEN ? socket.userMss || 536 : socket.mss),
    set: (socket, value) => {
      socket.userMss = value
    },
  },
  { level: SOL_TCP, name: 3, flag: 'cork' },
  { level: SOL_TCP, name: 4, number: 'keepIdle', min: 1, max: 32_767 },
  { level: SOL_TCP, name: 5, number: 'keepInterval', min: 1, max: 32_767 },
  { level: SOL_TCP, name: 6, number: 'keepCount', min: 1, max: 127 },
  { level: SOL_TCP, name: 7, number: 'synCount', min: 1, max: 127 },
  { level: SOL_TCP, name: 10, number: 'windowClamp', min: 0, max: INT_MAX },
  { level: SOL_TCP, name: 12, flag: 'quickAck' },
  { level: SOL_TCP, name: 18, number: 'userTimeout', min: 0, max: INT_MAX },
]

/** Where nothing was set: what the namespace says. */
export const DEFAULTS: Readonly<Partial<Record<NumberKey, (socket: TcpSocket) => number>>> = {
  keepIdle: ({ ns }) => ns.settings.tcp.keepaliveTime,
  keepInterval: ({ ns }) => ns.settings.tcp.keepaliveInterval,
  keepCount: ({ ns }) => ns.settings.tcp.keepaliveProbes,
  synCount: ({ ns }) => ns.settings.tcp.synRetries,
  ttl: ({ ns }) => ns.settings.defaultTtl,
  hopLimit: ({ ns }) => ns.settings.hopLimit6,
}
