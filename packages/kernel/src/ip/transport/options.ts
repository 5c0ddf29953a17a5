import { errno } from '@netkit/netlink'
import type { DatagramSocket } from './socket.ts'

const SOL_SOCKET = 1
const SOL_IP = 0
const SOL_IPV6 = 41
const INT_MAX = 0x7fff_ffff

type Number = { [K in keyof DatagramSocket]: DatagramSocket[K] extends number ? K : never }[keyof DatagramSocket]
type Flag = { [K in keyof DatagramSocket]: DatagramSocket[K] extends boolean ? K : never }[keyof DatagramSocket]

interface Row {
  readonly level: number
  readonly name: number
  readonly number?: Number
  readonly flag?: Flag
  readonly min?: number
  readonly max?: number
}

/** Options that are kept, as in socket(7), ip(7) and ipv6(7). */
const OPTIONS: readonly Row[] = [
  { level: SOL_SOCKET, name: 2, flag: 'reuseAddress' },
  { level: SOL_SOCKET, name: 6, flag: 'broadcast' },
  { level: SOL_SOCKET, name: 8, number: 'receiveBuffer', min: 0, max: INT_MAX },
  { level: SOL_SOCKET, name: 12, number: 'priority', min: 0, max: 6 },
  { level: SOL_SOCKET, name: 15, flag: 'reusePort' },
  { level: SOL_SOCKET, name: 36, number: 'mark', min: -INT_MAX - 1, max: INT_MAX },
  { level: SOL_SOCKET, name: 62, number: 'device', min: 0, max: INT_MAX },
  { level: SOL_IP, name: 1, number: 'tos', min: 0, max: 255 },
  { level: SOL_IP, name: 2, number: 'ttl', min: -1, max: 255 },
  { level: SOL_IP, name: 10, number: 'pathMtu', min: 0, max: 3 },
  { level: SOL_IP, name: 11, flag: 'receiveErrors' },
  { level: SOL_IP, name: 33, number: 'multicastTtl', min: 0, max: 255 },
  { level: SOL_IPV6, name: 16, number: 'hopLimit', min: -1, max: 255 },
  { level: SOL_IPV6, name: 18, number: 'multicastHops', min: 0, max: 255 },
  { level: SOL_IPV6, name: 23, number: 'pathMtu', min: 0, max: 3 },
  { level: SOL_IPV6, name: 25, flag: 'receiveErrors6' },
  { level: SOL_IPV6, name: 26, flag: 'v6only' },
  { level: SOL_IPV6, name: 67, number: 'trafficClass', min: 0, max: 255 },
]

/** Sets an option from the bytes of an int. 0, ENOPROTOOPT for one that there is not, EINVAL for a value out of range. */
export function setOption(socket: DatagramSocket, level: number, name: number, value: Uint8Array): number {
  const row = OPTIONS.find((one) => one.level === level && one.name === name)
  if (row === undefined) return -errno.ENOPROTOOPT
  if (value.length < 4) return -errno.EINVAL
  const n = new DataView(value.buffer, value.byteOffset).getInt32(0, true)
  if (row.flag !== undefined) socket[row.flag as 'broadcast'] = n !== 0
  else if (n < (row.min ?? 0) || n > (row.max ?? 0)) return -errno.EINVAL
  else socket[row.number as 'mark'] = n
  return 0
}
