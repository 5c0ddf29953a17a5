import { ARPHRD_ETHER, IFF_LOOPBACK, IFF_NOARP } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { Neighbour } from '../../net/neighbour.ts'
import * as nud from '../../net/neighbour-states.ts'
import * as layout from '../../packet/fields.ts'
import { isAny6, isMulticast6, readV6 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { transportLength } from '../core/transport-checksum.ts'
import {
  ALL_NODES,
  HOP_LIMIT,
  MESSAGE,
  OPTION,
  OVERRIDE,
  ROUTER,
  SOLICITED,
  SOURCE_ADDRESS,
  sendAdvertisement,
  sendSolicitation,
  TARGET,
  TARGET_ADDRESS,
} from './ndp-message.ts'
import { answerForOthers6, learnAsker } from './ndp-proxy.ts'
import { sourceOfWaiting } from './waiting.ts'

const { PKT_DATA, PKT_LENGTH, PKT_NETWORK, PKT_SHIFT, PKT_STATE, PKT_TRANSPORT, TYPE_HOST, TYPE_MASK } = layout

const target = new Int32Array(4)
const source = new Int32Array(4)

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

/** Asks who has an address: the neighbour itself if `unicast`, else the group of those who may. */
export function solicitNdp(stack: IpStack, n: Neighbour, unicast: boolean): void {
  const { dev, key } = n
  if (!sourceOfWaiting(stack, n, source) && !stack.routing.addressOf(dev, true, key, 0, source)) return
  sendSolicitation(stack, dev, key, source, unicast)
  stack.flush()
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
  if (type === h.NDP_NEIGHBOUR_SOLICIT) takeSolicitation(stack, dev, handle, u8, at, length)
  else takeAdvertisement(stack, dev, handle, u8, at, length)
}

function takeSolicitation(
  stack: IpStack,
  dev: Device,
  handle: number,
  u8: Uint8Array,
  at: number,
  length: number,
): void {
  const { words } = stack.flow
  const hardware = hardwareIn(u8, at, length, SOURCE_ADDRESS)
  if (hardware === null) return
  const probing = isAny6(words, SRC)
  // Who looks whether an address is free asks the group, and has no address to tell.
  if (probing && (hardware !== undefined || words[DST] >>> 16 !== 0xff02 || words[DST + 3] >>> 24 !== 0xff)) return
  if (stack.routing.typeOf(dev.ns, target, 0, dev) !== h.RTN_LOCAL) {
    const toUs = (stack.packets.fields[(handle << PKT_SHIFT) + PKT_STATE] & TYPE_MASK) === TYPE_HOST
    const toGroup = isMulticast6(words, DST)
    answerForOthers6(stack, dev, { asker: words.slice(SRC, SRC + 4), about: target.slice(), hardware, toGroup, toUs })
    // If we look for the same address ourselves, neither of us gets it.
    if (probing) stack.duplicate(dev, target)
    return
  }
  const router = dev.ns.settings.forwardAll6 !== 0 ? ROUTER : 0
  if (probing) {
    sendAdvertisement(stack, dev, router | OVERRIDE, target, target, ALL_NODES)
    return
  }
  const asker = words.subarray(SRC, SRC + 4)
  if (hardware !== undefined) learnAsker(stack, dev, asker, hardware)
  sendAdvertisement(stack, dev, router | SOLICITED | OVERRIDE, target, target, asker)
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
