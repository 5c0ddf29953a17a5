import { ARPHRD_ETHER, IFF_LOOPBACK, IFF_NOARP } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { NEIGH } from '../../net/neigh/parameters.ts'
import type { Neighbour } from '../../net/neighbour.ts'
import { NUD_NOARP, NUD_REACHABLE, NUD_STALE, UPDATE_OVERRIDE } from '../../net/neighbour-states.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be16, be32, isLoopback4, isMulticast4, put32, setV4 } from '../core/address.ts'
import { Flow, SRC } from '../core/flow.ts'
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { answersForOthers4 } from './arp-proxy.ts'
import { sourceOfWaiting } from './waiting.ts'

const { PKT_DATA, PKT_NETWORK, PKT_SHIFT, PKT_STATE, TYPE_HOST, TYPE_MASK, TYPE_OTHERHOST } = layout

const ETH_P_ARP = 0x0806
/** Ethernet and IPv4: 8 bytes of header, then two hardware and two network addresses. Source: RFC 826. */
const ARP_LENGTH = 28
const SENDER_HARDWARE = 8
const SENDER = 14
const TARGET_HARDWARE = 18
const TARGET = 24
const REQUEST = 1
const REPLY = 2
const BROADCAST = Uint8Array.of(255, 255, 255, 255, 255, 255)
const NOBODY = new Uint8Array(6)

/** Sends an ARP message. `to`: the frame's destination; `target`: whose hardware address is told or asked for. */
function sendArp(
  stack: IpStack,
  dev: Device,
  op: number,
  source: number,
  destination: number,
  to: Uint8Array,
  target: Uint8Array,
): void {
  const { packets } = stack
  const handle = packets.alloc(ARP_LENGTH)
  if (handle < 0) return
  const { u8 } = packets.memory
  const at = packets.fields[(handle << PKT_SHIFT) + PKT_DATA]
  put32(u8, at, 0x00010800)
  put32(u8, at + 4, 0x06040000 | op)
  u8.set(dev.address.subarray(0, 6), at + SENDER_HARDWARE)
  put32(u8, at + SENDER, source)
  u8.set(target.subarray(0, 6), at + TARGET_HARDWARE)
  put32(u8, at + TARGET, destination)
  stack.outgoing.link(dev, to, ETH_P_ARP, handle)
}

const source = new Int32Array(4)

/** Asks who has an address: the neighbour itself if `unicast`, else everybody. */
export function solicitArp(stack: IpStack, n: Neighbour, unicast: boolean): void {
  const { dev, key } = n
  if (!sourceOfWaiting(stack, n, source) && !stack.routing.addressOf(dev, false, key, 0, source)) return
  sendArp(stack, dev, REQUEST, source[3], key[3], unicast ? n.address : BROADCAST, NOBODY)
  stack.flush()
}

/** Sets up a new neighbour: addresses that nobody has to be asked for are known from the beginning. */
export function constructArp(stack: IpStack, n: Neighbour): void {
  const { dev, key } = n
  n.type = stack.routing.typeOf(dev.ns, key, 0)
  if (n.type === RTN_MULTICAST) {
    n.state = NUD_NOARP
    n.address =
      dev.type !== ARPHRD_ETHER
        ? dev.broadcast
        : Uint8Array.of(0x01, 0x00, 0x5e, (key[3] >>> 16) & 0x7f, key[3] >>> 8, key[3])
  } else if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
    n.state = NUD_NOARP
    n.address = dev.address
  } else if (n.type === RTN_BROADCAST) {
    n.state = NUD_NOARP
    n.address = dev.broadcast
  }
}

/** An ARP message has come in. Source: RFC 826, RFC 5227; whom Linux believes by default (arp_accept and arp_ignore 0). */
export function inputArp(stack: IpStack, dev: Device, handle: number): void {
  const { packets, path } = stack
  const i = handle << PKT_SHIFT
  const type = packets.fields[i + PKT_STATE] & TYPE_MASK
  if ((dev.flags & IFF_NOARP) !== 0 || type === TYPE_OTHERHOST || (dev.flags & IFF_LOOPBACK) !== 0) {
    packets.free(handle)
    return
  }
  if (!makeLinear(packets, handle, ARP_LENGTH)) {
    path.drop(dev, handle, DROP.HDR_TRUNC)
    return
  }
  const at = packets.fields[i + PKT_DATA]
  packets.fields[i + PKT_NETWORK] = at
  const { u8 } = packets.memory
  const op = be16(u8, at + 6)
  const wellFormed = be32(u8, at) === 0x00010800 && be16(u8, at + 4) === 0x0604 && (op === REQUEST || op === REPLY)
  if (wellFormed) take(stack, dev, u8.slice(at, at + ARP_LENGTH), op, type === TYPE_HOST)
  packets.free(handle)
}

const route = new Flow()

function take(stack: IpStack, dev: Device, message: Uint8Array, op: number, toUs: boolean): void {
  const sender = be32(message, SENDER)
  const target = be32(message, TARGET)
  if (isMulticast4(target) || isLoopback4(target)) return
  const hardware = message.subarray(SENDER_HARDWARE, SENDER_HARDWARE + 6)
  const resolver = stack.neighbours4
  setV4(route.words, 4, target)
  if (op === REQUEST && sender === 0) {
    // Somebody looks whether an address is free: it is defended.
    if (stack.routing.typeOf(dev.ns, route.words, 4) === RTN_LOCAL) {
      sendArp(stack, dev, REPLY, target, 0, hardware, hardware)
    }
    return
  }
  setV4(route.words, SRC, sender)
  if (op === REQUEST) {
    const forUs = isForUs(stack, dev)
    if (forUs || answersForOthers4(stack, dev, route)) {
      const n = resolver.get(dev, route.words, SRC)
      if (n !== undefined) resolver.update(n, hardware, NUD_STALE, UPDATE_OVERRIDE)
      else if (forUs) return
      const delay = forUs || toUs ? 0 : (dev.inet?.proxyDelay4 ?? 0)
      if (delay === 0) sendArp(stack, dev, REPLY, target, sender, hardware, hardware)
      else stack.lateArp.add(dev, delay, () => takeAgain(stack, dev, message))
      return
    }
  }
  const n = resolver.map.find(dev, route.words, SRC)
  if (n === undefined) return
  const now = stack.clock.look()
  const gratuitous = sender === target && stack.routing.typeOf(dev.ns, route.words, SRC) === RTN_UNICAST
  const override = now > n.updated + NEIGH.lockTime || gratuitous
  const state = op === REPLY && toUs ? NUD_REACHABLE : NUD_STALE
  resolver.update(n, hardware, state, override ? UPDATE_OVERRIDE : 0)
}

/** A request that waited is looked at anew: much may have changed. */
function takeAgain(stack: IpStack, dev: Device, message: Uint8Array): void {
  take(stack, dev, message, REQUEST, true)
  stack.flush()
}

/** Whether a request is about an address of ours, from somebody whom we would answer by this device. */
function isForUs(stack: IpStack, dev: Device): boolean {
  route.v6 = false
  route.iif = dev.ifindex
  route.oif = 0
  route.tos = 0
  route.mark = 0
  stack.routing.input(dev.ns, route)
  return route.error === 0 && route.type === RTN_LOCAL
}
