import { XDP_ACT } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { receiveFrame } from '../../net/ethernet.ts'
import type { PacketPath } from '../../net/path.ts'
import type { Poller } from '../../net/poller.ts'
import type { XdpProgram } from '../../net/xdp.ts'
import * as actions from '../../net/xdp-run.ts'
import { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear, makeWritable } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { peerOf } from '../pair.ts'

const { MAC_UNSET, PKT_FRAGMENTS, PKT_LENGTH, PKT_MAC, PKT_SHIFT } = layout
const { XDP_PASS, XDP_REDIRECT, XDP_TX } = actions

const RING = 256
const MASK = RING - 1
const BULK = 16
const HEADROOM = 256
const ETH_HLEN = 14
const VLAN_HLEN = 4

/** What an end counts of XDP: in Linux per receive queue; here the first one does all the work. Source: ethtool -S of Linux 7.3. */
class VethStats {
  xdpPackets = 0
  xdpBytes = 0
  /** Packets that could not be shown to a program, handed up or redirected. */
  drops = 0
  xdpRedirect = 0
  /** By the program's word. */
  xdpDrops = 0
  xdpTx = 0
  xdpTxErrors = 0
  /** Frames that the peer sent here because programs redirected them, and such that it could not. */
  peerXmit = 0
  peerXmitErrors = 0
}

type Path = PacketPath & { schedule(poller: Poller): void }

/**
 * The receiving side of an end that polls: because it runs an XDP program, or for frames that programs redirect to its peer.
 * Packets wait in it with their Ethernet header. Source: spec 02 §7.2, and what veth counts on Linux 7.3.
 */
export class VethRing implements Poller {
  scheduled = false
  readonly stats = new VethStats()
  readonly #path: Path
  readonly #dev: Device
  readonly #handles = new Int32Array(RING)
  readonly #arrived = new PacketBatch(64)
  readonly #back = new PacketBatch(BULK)
  #head = 0
  #tail = 0

  constructor(path: Path, dev: Device) {
    this.#path = path
    this.#dev = dev
  }

  /** False if it is full. */
  push(handle: number): boolean {
    if (this.#tail - this.#head >= RING) return false
    this.#handles[this.#tail++ & MASK] = handle
    if (!this.scheduled) this.#path.schedule(this)
    return true
  }

  poll(budget: number): boolean {
    const dev = this.#dev
    const program = dev.xdp?.driver?.program
    const arrived = this.#arrived
    const { table } = this.#path.packets
    let packets = 0
    let bytes = 0
    for (; packets < budget && this.#head !== this.#tail; packets++) {
      const handle = this.#handles[this.#head++ & MASK]
      const i = handle << PKT_SHIFT
      // As Linux counts: packets of the stack without their Ethernet header, frames with it.
      bytes += table.fields[i + PKT_LENGTH] - (table.fields[i + PKT_MAC] === MAC_UNSET ? 0 : ETH_HLEN)
      if (program !== undefined && !this.#passes(dev, program, handle)) continue
      receiveFrame(this.#path.packets, handle, dev)
      arrived.push(handle)
      if (arrived.room === 0) this.#path.receive(dev, arrived)
    }
    this.#count(packets, bytes)
    this.#flushBack()
    this.#path.xdp.flush()
    if (arrived.count > 0) this.#path.receive(dev, arrived)
    return this.#head !== this.#tail
  }

  #count(packets: number, bytes: number): void {
    this.stats.xdpPackets += packets
    this.stats.xdpBytes += bytes
    const { counters } = this.#dev
    counters.rxPackets += packets
    counters.rxBytes += bytes
    const sender = peerOf(this.#dev)
    if (!sender) return
    sender.counters.txPackets += packets
    sender.counters.txBytes += bytes
  }

  /** Whether a packet goes on to be received. */
  #passes(dev: Device, program: XdpProgram, handle: number): boolean {
    const path = this.#path
    if (!this.#makeRoom(program, handle)) {
      this.#lose(handle)
      return false
    }
    const action = path.xdp.run(dev, program, handle, 0)
    if (action === XDP_PASS) return true
    if (action === XDP_TX) {
      this.#back.push(handle)
      if (this.#back.room === 0) this.#flushBack()
    } else if (action === XDP_REDIRECT) this.stats.xdpRedirect++
    else if (action === actions.XDP_DROP) this.stats.xdpDrops++
    else this.#countDrop()
    return false
  }

  /** Programs count on some room before a packet, and on its being in one piece or their own if it is not. */
  #makeRoom({ takesFragments }: XdpProgram, handle: number): boolean {
    const { packets } = this.#path
    const { fields } = packets.table
    const i = handle << PKT_SHIFT
    if (fields[i + PKT_FRAGMENTS] !== 0 && !takesFragments && !makeLinear(packets, handle, fields[i + PKT_LENGTH])) {
      return false
    }
    return makeWritable(packets, handle, HEADROOM)
  }

  #lose(handle: number): void {
    this.#path.drop(this.#dev, handle, DROP.XDP, 'XDP: no room before the packet')
    this.#countDrop()
  }

  #countDrop(): void {
    this.stats.drops++
    this.#dev.counters.rxDropped++
  }

  /** Frames that go back to where they came from. */
  #flushBack(): void {
    const back = this.#back
    if (back.count === 0) return
    const { count } = back
    const sent = sendFrames(this.#path, this.#dev, back)
    this.stats.xdpTx += sent
    this.stats.xdpTxErrors += count - sent
    countLost(this.#dev, count - sent)
  }

  /** Drops what waits, when the device is closed. */
  purge(): void {
    while (this.#head !== this.#tail) this.#path.drop(this.#dev, this.#handles[this.#head++ & MASK], DROP.QUEUE_PURGE)
  }
}

const RINGS = new WeakMap<Device, VethRing>()

/** The ring of an end that ever had one. */
export const ringOf = (dev: Device): VethRing | undefined => RINGS.get(dev)

/** Gives an end a ring. */
export function openRing(kernel: Core, dev: Device): void {
  if (!RINGS.has(dev)) RINGS.set(dev, new VethRing(kernel.path, dev))
}

/**
 * Sends frames to the other end, if that polls; the number that it has room for, the others are dropped. Empties the batch.
 */
function sendFrames(path: PacketPath, dev: Device, batch: PacketBatch): number {
  const peer = peerOf(dev)
  const ring = peer && RINGS.get(peer)
  const { handles, count } = batch
  const { fields } = path.packets.table
  const polls = peer?.up === true && (dev.xdpFeatures & XDP_ACT['ndo-xmit']) !== 0
  const most = polls ? peer.mtu + ETH_HLEN + VLAN_HLEN : 0
  let sent = 0
  while (sent < count) {
    const handle = handles[sent]
    if (ring === undefined || fields[(handle << PKT_SHIFT) + PKT_LENGTH] > most || !ring.push(handle)) break
    sent++
  }
  for (let n = sent; n < count; n++) path.drop(dev, handles[n], DROP.XDP, 'XDP: the other end takes no frames')
  batch.clear()
  return sent
}

/** Sends frames that programs redirected to an end. */
export function transmitFrames(path: PacketPath, dev: Device, batch: PacketBatch): void {
  const { count } = batch
  const sent = sendFrames(path, dev, batch)
  const peer = peerOf(dev)
  const stats = peer && RINGS.get(peer)?.stats
  if (!stats) return
  stats.peerXmit += sent
  stats.peerXmitErrors += count - sent
  countLost(dev, count - sent)
}

/** Frames that the other end did not take. */
function countLost(dev: Device, lost: number): void {
  dev.counters.txDropped += lost
  const peer = peerOf(dev)
  if (peer) peer.counters.rxDropped += lost
}
