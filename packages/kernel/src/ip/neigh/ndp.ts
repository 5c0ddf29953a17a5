import { ARPHRD_ETHER, IFF_LOOPBACK, IFF_NOARP } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { Neighbour } from '../../net/neighbour.ts'
import * as nud from '../../net/neighbour-states.ts'
import * as layout from '../../packet/fields.ts'
import { copyWords, isAny6, isMulticast6, put32, readV6, writeV6 } from '../core/address.ts'
import { DST, Flow, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { transportLength } from '../core/transport-checksum.ts'
import { sendIcmp6 } from '../v6/icmp-send.ts'
import { sourceOfWaiting } from './waiting.ts'

const { PKT_DATA, PKT_LENGTH, PKT_NETWORK, PKT_SHIFT, PKT_STATE, PKT_TRANSPORT, TYPE_HOST, TYPE_MASK } = layout

/** Header, reserved word, target. Source: RFC 4861 §4.3, §4.4. */
const MESSAGE = 24
const TARGET = 8
const OPTION = 8
const SOURCE_ADDRESS = 1
const TARGET_ADDRESS = 2
const ROUTER = 0x80000000
const SOLICITED = 0x40000000
const OVERRIDE = 0x20000000
/** Messages come from the same link: nobody may have sent them on. */
const HOP_LIMIT = 255

const flow = new Flow()
const target = new Int32Array(4)
const source = new Int32Array(4)
const ALL_NODES = Int32Array.of(0xff02 << 16, 0, 0, 1)
const NOBODY = new Int32Array(4)

/** Sets up a new neighbour: addresses that nobody has to be asked for are known from the beginning. */
export function constructNdp(n: Neighbour): void {
  const { dev, key } = n
  if (isMulticast6(key, 0)) {
    n.type = h.RTN_MULTICAST
    n.state = nud.NUD_NOARP
    n.address =
      dev.type !== ARPHRD_ETHER
        ? dev.broadcast
        : Uint8Array.of(0x33, 0x33, key[3] >>> 24, key[3] >>> 16, key[3] >>> 8, key[3])
  } else if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
    n.state = nud.NUD_NOARP
    n.address = dev.address
    if ((dev.flags & IFF_LOOPBACK) !== 0) n.type = h.RTN_LOCAL
  }
}

/** The group that a node with the address listens to. */
const solicitedNode = (into: Int32Array, at: number, key: Int32Array, from: number): void => {
  into[at] = 0xff02 << 16
  into[at + 1] = 0
  into[at + 2] = 1
  into[at + 3] = 0xff000000 | (key[from + 3] & 0xffffff)
}

/** Asks who has an address: the neighbour itself if `unicast`, else the group of those who may. */
export function solicitNdp(stack: IpStack, n: Neighbour, unicast: boolean): void {
  const { dev, key } = n
  if (!sourceOfWaiting(stack, n, source) && !stack.routing.addressOf(dev, true, key, 0, source)) return
  sendSolicitation(stack, dev, key, source, unicast)
  stack.flush()
}

/** A neighbour solicitation for `key` from `from`; from nobody to look whether the address is free. */
export function sendSolicitation(
  stack: IpStack,
  dev: Device,
  key: Int32Array,
  from: Int32Array = NOBODY,
  unicast = false,
): void {
  copyWords(flow.words, SRC, from, 0)
  if (unicast) copyWords(flow.words, DST, key, 0)
  else solicitedNode(flow.words, DST, key, 0)
  send(stack, dev, h.NDP_NEIGHBOUR_SOLICIT, 0, key, isAny6(from, 0) ? 0 : SOURCE_ADDRESS)
}

/** Sends a message about `about` to the flow's destination. `option`: number of the option with our hardware address, 0 none. */
function send(stack: IpStack, dev: Device, type: number, flags: number, about: Int32Array, option: number): void {
  const { packets } = stack
  const handle = packets.alloc(MESSAGE + (option === 0 ? 0 : OPTION))
  if (handle < 0) return
  const at = packets.fields[(handle << PKT_SHIFT) + PKT_DATA]
  const { u8 } = packets.memory
  put32(u8, at, type << 24)
  put32(u8, at + 4, flags)
  writeV6(u8, at + TARGET, about, 0)
  if (option !== 0) {
    u8[at + MESSAGE] = option
    u8[at + MESSAGE + 1] = 1
    u8.set(dev.address.subarray(0, 6), at + MESSAGE + 2)
  }
  flow.v6 = true
  flow.dev = dev
  flow.mtu = dev.mtu
  copyWords(flow.hop, 0, flow.words, DST)
  sendIcmp6(stack, flow, handle, HOP_LIMIT)
}

/** The hardware address in an option of the message; undefined if there is none, null where the options are malformed. */
function hardwareIn(u8: Uint8Array, at: number, length: number, wanted: number): Uint8Array | undefined | null {
  let found: Uint8Array | undefined
  for (let o = MESSAGE; o < length; ) {
    const size = o + 1 < length ? u8[at + o + 1] << 3 : 0
    if (size === 0 || o + size > length) return null
    if (u8[at + o] === wanted && size === OPTION) found = u8.slice(at + o + 2, at + o + 8)
    o += size
  }
  return found
}

/**
 * A message of neighbour discovery has come in; it stays the caller's. Router solicitations, advertisements and redirects are
 * left alone: devices get their addresses and routes by request.
 */
export function inputNdp(stack: IpStack, dev: Device, handle: number, type: number): void {
  if (type !== h.NDP_NEIGHBOUR_SOLICIT && type !== h.NDP_NEIGHBOUR_ADVERT) return
  const { packets } = stack
  const i = handle << PKT_SHIFT
  const { u8 } = packets.memory
  const at = packets.fields[i + PKT_TRANSPORT]
  const network = packets.fields[i + PKT_NETWORK]
  const length = transportLength(packets, handle)
  const linear = packets.fields[i + PKT_LENGTH] - (at - packets.fields[i + PKT_DATA])
  if (u8[network + 7] !== HOP_LIMIT || u8[at + 1] !== 0 || length < MESSAGE || linear < MESSAGE) return
  readV6(target, 0, u8, at + TARGET)
  if (isMulticast6(target, 0)) return
  if (type === h.NDP_NEIGHBOUR_SOLICIT) takeSolicitation(stack, dev, u8, at, length)
  else takeAdvertisement(stack, dev, handle, u8, at, length)
}

function takeSolicitation(stack: IpStack, dev: Device, u8: Uint8Array, at: number, length: number): void {
  const { words } = stack.flow
  const hardware = hardwareIn(u8, at, length, SOURCE_ADDRESS)
  if (hardware === null) return
  const probing = isAny6(words, SRC)
  // Who looks whether an address is free asks the group, and has no address to tell.
  if (probing && (hardware !== undefined || words[DST] >>> 16 !== 0xff02 || words[DST + 3] >>> 24 !== 0xff)) return
  if (stack.routing.typeOf(dev.ns, target, 0, dev) !== h.RTN_LOCAL) {
    // If we look for the same address ourselves, neither of us gets it.
    if (probing) stack.duplicate(dev, target)
    return
  }
  const router = dev.ns.settings.forwardAll6 !== 0 ? ROUTER : 0
  if (probing) {
    copyWords(flow.words, DST, ALL_NODES, 0)
    copyWords(flow.words, SRC, target, 0)
    send(stack, dev, h.NDP_NEIGHBOUR_ADVERT, router | OVERRIDE, target, TARGET_ADDRESS)
    return
  }
  if (hardware !== undefined) {
    const n = stack.neighbours6.get(dev, words, SRC)
    if (n !== undefined) {
      const flags = nud.UPDATE_WEAK_OVERRIDE | nud.UPDATE_OVERRIDE
      stack.neighbours6.update(n, hardware, nud.NUD_STALE, flags)
    }
  }
  copyWords(flow.words, DST, words, SRC)
  copyWords(flow.words, SRC, target, 0)
  send(stack, dev, h.NDP_NEIGHBOUR_ADVERT, router | SOLICITED | OVERRIDE, target, TARGET_ADDRESS)
}

function takeAdvertisement(
  stack: IpStack,
  dev: Device,
  handle: number,
  u8: Uint8Array,
  at: number,
  length: number,
): void {
  const flags = (u8[at + 4] << 24) >>> 0
  const solicited = (flags & SOLICITED) !== 0
  if (solicited && isMulticast6(stack.flow.words, DST)) return
  const hardware = hardwareIn(u8, at, length, TARGET_ADDRESS)
  if (hardware === null) return
  stack.duplicate(dev, target)
  const n = stack.neighbours6.map.find(dev, target)
  if (n === undefined || (n.state & nud.NUD_FAILED) !== 0) return
  if (hardware === undefined && !n.valid) return
  const toUs = (stack.packets.fields[(handle << PKT_SHIFT) + PKT_STATE] & TYPE_MASK) === TYPE_HOST
  const state = solicited && toUs ? nud.NUD_REACHABLE : nud.NUD_STALE
  let how = nud.UPDATE_WEAK_OVERRIDE | nud.UPDATE_OVERRIDE_ROUTER
  if ((flags & OVERRIDE) !== 0) how |= nud.UPDATE_OVERRIDE
  if ((flags & ROUTER) !== 0) how |= nud.UPDATE_ROUTER
  stack.neighbours6.update(n, hardware, state, how)
}
