import type { Device } from '../../net/device.ts'
import * as layout from '../../packet/fields.ts'
import { copyWords, isAny6, put32, writeV6 } from '../core/address.ts'
import { DST, Flow, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { sendIcmp6 } from '../v6/icmp-send.ts'

const { PKT_DATA, PKT_SHIFT } = layout

/** Header, reserved word, target. Source: RFC 4861 §4.3, §4.4. */
export const MESSAGE = 24
export const TARGET = 8
export const OPTION = 8
export const SOURCE_ADDRESS = 1
export const TARGET_ADDRESS = 2
export const ROUTER = 0x80000000
export const SOLICITED = 0x40000000
export const OVERRIDE = 0x20000000
/** Messages come from the same link: nobody may have sent them on. */
export const HOP_LIMIT = 255

const flow = new Flow()
const NOBODY = new Int32Array(4)
export const ALL_NODES = Int32Array.of(0xff02 << 16, 0, 0, 1)

/** The group that a node with the address listens to. */
const solicitedNode = (into: Int32Array, at: number, key: Int32Array, from: number): void => {
  into[at] = 0xff02 << 16
  into[at + 1] = 0
  into[at + 2] = 1
  into[at + 3] = 0xff000000 | (key[from + 3] & 0xffffff)
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
  sendNdp(stack, dev, h.NDP_NEIGHBOUR_SOLICIT, 0, key, isAny6(from, 0) ? 0 : SOURCE_ADDRESS)
}

/** Sends a message about `about` to the flow's destination. `option`: number of the option with our hardware address, 0 none. */
function sendNdp(stack: IpStack, dev: Device, type: number, flags: number, about: Int32Array, option: number): void {
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

/** Tells `to` about an address; `from` is who says so. `withHardware`: our hardware address is told, too. */
export function sendAdvertisement(
  stack: IpStack,
  dev: Device,
  flags: number,
  about: Int32Array,
  from: Int32Array,
  to: Int32Array,
  withHardware = true,
): void {
  copyWords(flow.words, DST, to, 0)
  copyWords(flow.words, SRC, from, 0)
  sendNdp(stack, dev, h.NDP_NEIGHBOUR_ADVERT, flags, about, withHardware ? TARGET_ADDRESS : 0)
}
