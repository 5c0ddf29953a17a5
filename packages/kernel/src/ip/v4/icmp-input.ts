import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { checksumOk } from '../../packet/checksum.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be16, put32 } from '../core/address.ts'
import * as h from '../core/headers.ts'
import type { IpStack, Transport } from '../core/stack.ts'
import { answerEcho4 } from './echo.ts'

const { PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT, PKT_TRANSPORT } = layout

/** What a socket is told by the codes of "destination unreachable", and whether it ends a conversation. Source: RFC 1122 §3.2.2.1. */
const UNREACHABLE: readonly [number, boolean][] = [
  [errno.ENETUNREACH, false],
  [errno.EHOSTUNREACH, false],
  [errno.ENOPROTOOPT, true],
  [errno.ECONNREFUSED, true],
  [errno.EMSGSIZE, false],
  [errno.EOPNOTSUPP, false],
  [errno.ENETUNREACH, true],
  [errno.EHOSTDOWN, true],
  [errno.ENONET, true],
  [errno.ENETUNREACH, true],
  [errno.EHOSTUNREACH, true],
  [errno.ENETUNREACH, false],
  [errno.EHOSTUNREACH, false],
  [errno.EHOSTUNREACH, true],
  [errno.EHOSTUNREACH, true],
  [errno.EHOSTUNREACH, true],
]

const ICMP_TIMESTAMP_SIZE = 20
const DAY_MS = 86_400_000

/** Takes ICMP messages. Echo replies go to the sockets of the ping transport, `pings`. */
export const icmp4 = (pings: Transport): Transport => ({
  receive(stack, dev, handle) {
    const { packets } = stack
    const i = handle << PKT_SHIFT
    const offset = packets.fields[i + PKT_TRANSPORT] - packets.fields[i + PKT_DATA]
    const there = makeLinear(packets, handle, offset + h.ICMP_HEADER)
    if (!there || !checksumOk(packets, handle, offset, 0)) {
      stack.path.drop(dev, handle, there ? DROP.ICMP_CSUM : DROP.HDR_TRUNC)
      return
    }
    const type = packets.memory.u8[packets.fields[i + PKT_TRANSPORT]]
    const toMany = stack.flow.type !== h.RTN_LOCAL
    if (type === h.ICMP_ECHO) answerEcho4(stack, dev, handle)
    else if (type === h.ICMP_ECHOREPLY) pings.receive(stack, dev, handle)
    else if (type > h.NR_ICMP_TYPES) stack.path.drop(dev, handle, DROP.UNHANDLED_PROTO)
    else if (toMany) packets.free(handle)
    else if (type === h.ICMP_TIMESTAMP) answerTimestamp(stack, dev, handle)
    else {
      if (type === h.ICMP_DEST_UNREACH || type === h.ICMP_TIME_EXCEEDED || type === h.ICMP_PARAMETERPROB) {
        tellTransport(stack, dev, handle, type)
      }
      packets.free(handle)
    }
  },
})

/** RFC 792: when the request came and when the answer leaves, in milliseconds since midnight UT. */
function answerTimestamp(stack: IpStack, dev: Device, handle: number): void {
  const { packets } = stack
  const i = handle << PKT_SHIFT
  const offset = packets.fields[i + PKT_TRANSPORT] - packets.fields[i + PKT_DATA]
  if (!makeLinear(packets, handle, offset + ICMP_TIMESTAMP_SIZE)) {
    stack.path.drop(dev, handle, DROP.HDR_TRUNC)
    return
  }
  const { u8 } = packets.memory
  const at = packets.fields[i + PKT_TRANSPORT]
  const now = stack.timeOfDay() % DAY_MS
  put32(u8, at + 12, now)
  put32(u8, at + 16, now)
  answerEcho4(stack, dev, handle, h.ICMP_TIMESTAMPREPLY)
}

/** An error about a packet of ours: its transport finds out whose. */
function tellTransport(stack: IpStack, dev: Device, handle: number, type: number): void {
  const { packets, icmpError: about } = stack
  const i = handle << PKT_SHIFT
  const start = packets.fields[i + PKT_DATA]
  const transport = packets.fields[i + PKT_TRANSPORT]
  const quoted = transport - start + h.ICMP_HEADER
  if (!makeLinear(packets, handle, Math.min(packets.fields[i + PKT_LENGTH], quoted + 60 + 8))) return
  const { u8 } = packets.memory
  const inner = packets.fields[i + PKT_TRANSPORT] + h.ICMP_HEADER
  const end = packets.fields[i + PKT_DATA] + packets.fields[i + PKT_LINEAR]
  if (inner + h.IP4_HEADER > end || u8[inner] >>> 4 !== 4) return
  const innerHeader = (u8[inner] & 0xf) << 2
  if (innerHeader < h.IP4_HEADER || inner + innerHeader + 8 > end) return
  if ((be16(u8, inner + 6) & h.IP_OFFSET) !== 0) return
  about.handle = handle
  about.v6 = false
  about.type = type
  about.code = u8[inner - 7]
  about.info = type === h.ICMP_PARAMETERPROB ? u8[inner - 4] : be16(u8, inner - 2)
  about.inner = inner
  about.transport = inner + innerHeader
  about.errno = errno.EPROTO
  about.hard = type === h.ICMP_PARAMETERPROB
  if (type === h.ICMP_TIME_EXCEEDED) about.errno = errno.EHOSTUNREACH
  if (type === h.ICMP_DEST_UNREACH) {
    const meaning = UNREACHABLE[about.code]
    if (meaning === undefined) return
    about.errno = meaning[0]
    about.hard = meaning[1]
  }
  stack.transports4[u8[inner + 9]]?.error?.(stack, dev, about)
}
