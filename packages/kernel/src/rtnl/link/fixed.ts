import { LINK, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'

const L = LINK.ids

/**
 * Attributes of fixed size that stand in a row: laid out once, filled in anew for each device, and copied at once, which is
 * several times as fast as writing one after the other. Positions count words of 4 bytes.
 */
class Row {
  readonly bytes: Uint8Array
  readonly words: Uint32Array

  constructor(attributes: readonly (readonly [id: number, payload: number])[]) {
    this.words = new Uint32Array(attributes.reduce((sum, [, payload]) => sum + 1 + ((payload + 3) >> 2), 0))
    this.bytes = new Uint8Array(this.words.buffer)
    let at = 0
    for (const [id, payload] of attributes) {
      this.words[at] = (4 + payload) | (id << 16)
      at += 1 + ((payload + 3) >> 2)
    }
  }
}

// biome-ignore format: one attribute after the other, in the kernel's order
const SETTINGS: readonly (readonly [number, number])[] = [
  [L.txqlen, 4], [L.operstate, 1], [L.linkmode, 1], [L.netnsImmutable, 1], [L.mtu, 4], [L.minMtu, 4], [L.maxMtu, 4],
  [L.group, 4], [L.promiscuity, 4], [L.allmulti, 4], [L.numTxQueues, 4], [L.gsoMaxSegs, 4], [L.gsoMaxSize, 4],
  [L.groMaxSize, 4], [L.gsoIpv4MaxSize, 4], [L.groIpv4MaxSize, 4], [L.tsoMaxSize, 4], [L.tsoMaxSegs, 4],
  [L.maxPacingOffloadHorizon, 4], [L.numRxQueues, 4],
]
const settings = new Row(SETTINGS)

/** Writes IFLA_TXQLEN to IFLA_NUM_RX_QUEUES. */
export function writeSettings(w: Writer, dev: Device): void {
  const { words } = settings
  words[1] = dev.txqlen
  words[3] = dev.reportedOperstate
  words[5] = dev.linkMode
  words[7] = dev.netnsImmutable ? 1 : 0
  words[9] = dev.mtu
  words[11] = dev.minMtu
  words[13] = dev.maxMtu
  words[15] = dev.group
  words[17] = dev.promiscuity
  words[19] = dev.allmulti
  words[21] = dev.numTxQueues
  words[23] = dev.gsoMaxSegs
  words[25] = dev.gsoMaxSize
  words[27] = dev.groMaxSize
  words[29] = dev.gsoIpv4MaxSize
  words[31] = dev.groIpv4MaxSize
  words[33] = dev.tsoMaxSize
  words[35] = dev.tsoMaxSegs
  words[39] = dev.numRxQueues
  w.raw(settings.bytes)
}

const state = new Row([
  [L.carrierChanges, 4],
  [L.carrierUpCount, 4],
  [L.carrierDownCount, 4],
  [L.headroom, 2],
  [L.tailroom, 2],
  [L.protoDown, 1],
])

/** Writes IFLA_CARRIER_CHANGES to IFLA_PROTO_DOWN. */
export function writeState(w: Writer, dev: Device): void {
  const { words } = state
  words[1] = dev.carrierUpCount + dev.carrierDownCount
  words[3] = dev.carrierUpCount
  words[5] = dev.carrierDownCount
  words[7] = dev.neededHeadroom & 0xffff
  words[9] = dev.neededTailroom & 0xffff
  w.raw(state.bytes)
}

const addresses = new Row([
  [L.address, 6],
  [L.broadcast, 6],
])
const ADDRESS_AT = 4
const BROADCAST_AT = 16

/** Writes IFLA_ADDRESS and IFLA_BROADCAST. */
export function writeAddresses(w: Writer, dev: Device): void {
  const { address, broadcast } = dev
  if (address.length !== 6 || broadcast.length !== 6) {
    w.attrBytes(L.address, address).attrBytes(L.broadcast, broadcast)
    return
  }
  const { bytes } = addresses
  for (let i = 0; i < 6; i++) {
    bytes[ADDRESS_AT + i] = address[i]
    bytes[BROADCAST_AT + i] = broadcast[i]
  }
  w.raw(bytes)
}

const end = new Row([
  [L.map, 32],
  [L.devlinkPort | 0x8000, 0],
  [L.dpllPin | 0x8000, 0],
])

/** Writes what ends the message of a device that is no hardware: IFLA_MAP to IFLA_DPLL_PIN. */
export function writeVirtualEnd(w: Writer): void {
  w.raw(end.bytes)
}
