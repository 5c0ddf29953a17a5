import { errno } from '@netkit/netlink'
import type { NetNamespace } from './namespace.ts'
import type { TcpSettings } from './tcp-settings.ts'

type NumberKey = { [K in keyof TcpSettings]: TcpSettings[K] extends number ? K : never }[keyof TcpSettings]
type TripleKey = 'receiveMemory' | 'sendMemory'

const INT_MAX = 0x7fff_ffff
const PREFIX = 'net.ipv4.tcp_'

/** Settings that are a number: where it is, least and greatest. */
const NUMBERS: Readonly<Record<string, readonly [key: NumberKey, min: number, max: number]>> = {
  timestamps: ['timestamps', 0, 2],
  sack: ['sack', 0, 1],
  window_scaling: ['windowScaling', 0, 1],
  syn_retries: ['synRetries', 1, 127],
  synack_retries: ['synackRetries', 0, 255],
  retries2: ['retries2', 0, 255],
  orphan_retries: ['orphanRetries', 0, 255],
  fin_timeout: ['finTimeout', 0, INT_MAX],
  keepalive_time: ['keepaliveTime', 0, INT_MAX],
  keepalive_intvl: ['keepaliveInterval', 0, INT_MAX],
  keepalive_probes: ['keepaliveProbes', 0, 255],
  max_syn_backlog: ['maxSynBacklog', 0, INT_MAX],
  abort_on_overflow: ['abortOnOverflow', 0, 1],
  moderate_rcvbuf: ['moderateReceiveBuffer', 0, 1],
  invalid_ratelimit: ['invalidRateLimit', 0, INT_MAX],
  slow_start_after_idle: ['slowStartAfterIdle', 0, 1],
  recovery: ['recovery', 0, 255],
}

/** Settings that are three numbers of bytes: least, default, most. */
const TRIPLES: Readonly<Record<string, TripleKey>> = { rmem: 'receiveMemory', wmem: 'sendMemory' }

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  name.startsWith(PREFIX) && Object.hasOwn(table, name.slice(PREFIX.length))
    ? table[name.slice(PREFIX.length)]
    : undefined

/** The value of net.ipv4.tcp_*, as text; undefined if there is none of that name. `algorithms`: of congestion control. */
export function readTcpSysctl({ settings }: NetNamespace, name: string): string | undefined {
  const { tcp } = settings
  const row = own(NUMBERS, name)
  if (row) return String(tcp[row[0]])
  const triple = own(TRIPLES, name)
  if (triple) return tcp[triple].join('\t')
  if (name === `${PREFIX}congestion_control`) return tcp.congestionControl
  return name === `${PREFIX}available_congestion_control` ? ALGORITHMS.join(' ') : undefined
}

/** Names of congestion control, the default first. */
export const ALGORITHMS: readonly string[] = ['cubic', 'reno']

/** Sets one; 0 or a negative errno. The name is known. */
export function writeTcpSysctl({ settings }: NetNamespace, name: string, text: string): number {
  const { tcp } = settings
  const words = text.trim().split(/\s+/)
  if (name === `${PREFIX}congestion_control`) {
    if (!ALGORITHMS.includes(words[0])) return -errno.ENOENT
    tcp.congestionControl = words[0]
    return 0
  }
  const triple = own(TRIPLES, name)
  const row = own(NUMBERS, name)
  if (!triple && !row) return -errno.EACCES
  if (words.length > (triple ? 3 : 1) || !words.every((word) => /^-?\d{1,10}$/.test(word))) return -errno.EINVAL
  const values = words.map(Number)
  if (triple) {
    if (values.some((value) => value < 1 || value > INT_MAX)) return -errno.EINVAL
    for (const [i, value] of values.entries()) tcp[triple][i] = value
  } else if (row) {
    const [key, min, max] = row
    if (values[0] < min || values[0] > max) return -errno.EINVAL
    tcp[key] = values[0]
  }
  return 0
}
