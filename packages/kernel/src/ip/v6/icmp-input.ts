import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { checksumOk } from '../../packet/checksum.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be32 } from '../core/address.ts'
import * as h from '../core/headers.ts'
import type { IpStack, Transport } from '../core/stack.ts'
import { pseudoHeader, transportLength } from '../core/transport-checksum.ts'
import { answerEcho6 } from './echo.ts'
import { extensions, walkExtensions } from './extensions.ts'

const { PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } = layout

/** What a socket is told by the codes of "destination unreachable", and whether it ends a conversation. Source: RFC 4443. */
const UNREACHABLE: readonly [number, boolean][] = [
  [errno.ENETUNREACH, false],
  [errno.EACCES, true],
  [errno.EHOSTUNREACH, false],
  [errno.EHOSTUNREACH, false],
  [errno.ECONNREFUSED, true],
  [errno.EACCES, true],
  [errno.EACCES, true],
]

/** Takes ICMPv6 messages. Echo replies go to the ping transport, neighbour discovery to `discover`. */
export const icmp6 = (
  pings: Transport,
  discover: (stack: IpStack, dev: Device, handle: number, type: number) => void,
): Transport => ({
  receive(stack, dev, handle) {
    const { packets } = stack
    const i = handle << PKT_SHIFT
    const offset = packets.fields[i + PKT_TRANSPORT] - packets.fields[i + PKT_DATA]
    const length = transportLength(packets, handle)
    if (!makeLinear(packets, handle, offset + h.ICMP_HEADER)) {
      stack.path.drop(dev, handle, DROP.HDR_TRUNC)
      return
    }
    const pseudo = pseudoHeader(packets, packets.fields[i + PKT_NETWORK], true, h.PROTO_ICMP6, length)
    if (!checksumOk(packets, handle, offset, pseudo)) {
      stack.path.drop(dev, handle, DROP.ICMP_CSUM)
      return
    }
    const type = packets.memory.u8[packets.fields[i + PKT_TRANSPORT]]
    if (type === h.ICMP6_ECHO_REQUEST) answerEcho6(stack, dev, handle)
    else if (type === h.ICMP6_ECHO_REPLY) pings.receive(stack, dev, handle)
    else {
      if (type >= h.NDP_ROUTER_SOLICIT && type <= h.NDP_REDIRECT) discover(stack, dev, handle, type)
      else if (type < h.ICMP6_FIRST_INFO) tellTransport(stack, dev, handle, type)
      packets.free(handle)
    }
  },
})

/** An error about a packet of ours: its transport finds out whose. */
function tellTransport(stack: IpStack, dev: Device, handle: number, type: number): void {
  const { packets, icmpError: about } = stack
  const i = handle << PKT_SHIFT
  makeLinear(packets, handle, packets.fields[i + PKT_LENGTH])
  const { u8 } = packets.memory
  const header = packets.fields[i + PKT_TRANSPORT]
  const inner = header + h.ICMP_HEADER
  const end = packets.fields[i + PKT_DATA] + packets.fields[i + PKT_LINEAR]
  if (inner + h.IP6_HEADER > end || u8[inner] >>> 4 !== 6) return
  if (!walkExtensions(u8, inner, end, extensions) || extensions.at + 8 > end) return
  about.handle = handle
  about.v6 = true
  about.type = type
  about.code = u8[header + 1]
  about.info = be32(u8, header + 4)
  about.inner = inner
  about.transport = extensions.at
  about.errno = errno.EPROTO
  about.hard = false
  if (type === h.ICMP6_PKT_TOOBIG) about.errno = errno.EMSGSIZE
  else if (type === h.ICMP6_TIME_EXCEED) about.errno = errno.EHOSTUNREACH
  else if (type === h.ICMP6_PARAMPROB) about.hard = true
  else if (type === h.ICMP6_DEST_UNREACH) {
    const meaning = UNREACHABLE[about.code]
    about.hard = true
    if (meaning !== undefined) {
      about.errno = meaning[0]
      about.hard = meaning[1]
    }
  } else return
  stack.transports6[extensions.next]?.error?.(stack, dev, about)
}
