import { errno } from '@netkit/netlink'
import * as layout from '../../packet/fields.ts'
import { copyWords } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import {
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_SOURCE_QUENCH,
  ICMP6_PKT_TOOBIG,
  IP4_MIN_MTU,
  IP6_MIN_MTU,
} from '../core/headers.ts'
import type { IcmpError, IpStack } from '../core/stack.ts'
import type { DatagramSocket } from './socket.ts'

const { PKT_DATA, PKT_LINEAR, PKT_SHIFT } = layout

const IP_PMTUDISC_DONT = 0
const ORIGIN_ICMP = 2
const ORIGIN_ICMP6 = 3
/** Least path MTU that is believed. Source: net.ipv4.route.min_pmtu. */
const LEAST_MTU = 552

/**
 * An ICMP error about a packet that the socket has sent. Only what is certain ends the conversation of a connected socket,
 * unless it asked for all (IP_RECVERR). `payload`: where the payload is quoted; `port`: where it was sent.
 */
export function tellSocket(
  stack: IpStack,
  socket: DatagramSocket,
  about: IcmpError,
  payload: number,
  port: number,
): void {
  const { v6, type, code } = about
  let { errno: error, hard } = about
  const tooBig = v6 ? type === ICMP6_PKT_TOOBIG : type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED
  if (tooBig) {
    learnMtu(stack, socket, about)
    if (socket.pathMtu === IP_PMTUDISC_DONT) return
    error = errno.EMSGSIZE
    hard = true
  }
  if (!v6 && type === ICMP_SOURCE_QUENCH) return
  if (v6 ? socket.receiveErrors6 : socket.receiveErrors) socket.queueError(quoted(stack, about, error, payload, port))
  else if (!hard || !socket.connected) return
  socket.fail(error)
}

function quoted(stack: IpStack, about: IcmpError, error: number, payload: number, port: number) {
  const { packets, sending, flow } = stack
  const i = about.handle << PKT_SHIFT
  const end = packets.fields[i + PKT_DATA] + packets.fields[i + PKT_LINEAR]
  const destination = new Int32Array(4)
  const offender = new Int32Array(4)
  copyWords(destination, 0, sending.words, DST)
  copyWords(offender, 0, flow.words, SRC)
  return {
    errno: error,
    origin: about.v6 ? ORIGIN_ICMP6 : ORIGIN_ICMP,
    type: about.type,
    code: about.code,
    info: about.info,
    payload: packets.memory.u8.slice(Math.min(payload, end), end),
    destination,
    port,
    offender,
  }
}

/** Sending pauses for nobody: packets to the same destination are made to fit from now on. */
function learnMtu(stack: IpStack, { ns }: DatagramSocket, { v6, info }: IcmpError): void {
  const least = v6 ? IP6_MIN_MTU : LEAST_MTU
  const mtu = info < IP4_MIN_MTU ? least : Math.max(info, least)
  stack.mtus.learn(ns, stack.sending.words, DST, mtu)
}
