import type { Device } from '../../net/device.ts'
import { ETH_HLEN, receiveFrame } from '../../net/ethernet.ts'
import type { PacketPath } from '../../net/path.ts'
import type { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { isGso } from '../../packet/offload.ts'
import { peerOf } from '../pair.ts'
import { ringOf } from './ring.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_LENGTH, PKT_LINEAR, PKT_MARK, PKT_PRIORITY, PKT_SHIFT, PKT_TSTAMP_HI, PKT_TSTAMP_LO } = layout

/** A cable: what one end transmits the other receives. */
export function transmitVeth(path: PacketPath, dev: Device, batch: PacketBatch): void {
  const peer = peerOf(dev)
  const { handles, count } = batch
  const { packets } = path
  // An end that runs a program counts for both when it polls.
  const ring = peer?.xdp?.driver === undefined ? undefined : ringOf(peer)
  let waiting = 0
  let sent = 0
  let bytes = 0
  for (let n = 0; n < count; n++) {
    const handle = handles[n]
    const { fields } = packets.table
    const i = handle << PKT_SHIFT
    const length = fields[i + PKT_LENGTH]
    if (peer === undefined || !(fits(peer, length) || isGso(packets, handle)) || fields[i + PKT_LINEAR] < ETH_HLEN) {
      path.drop(dev, handle, peer === undefined ? DROP.NOT_SPECIFIED : DROP.PKT_TOO_BIG)
      continue
    }
    if (peer.ns !== dev.ns) {
      fields[i + PKT_MARK] = 0
      fields[i + PKT_PRIORITY] = 0
      fields[i + PKT_TSTAMP_LO] = 0
      fields[i + PKT_TSTAMP_HI] = 0
    }
    if (ring !== undefined) {
      if (ring.push(handle)) waiting++
      else path.drop(dev, handle, DROP.FULL_RING)
      continue
    }
    receiveFrame(packets, handle, peer)
    if (path.enqueue(peer, handle)) {
      sent++
      bytes += length
    }
  }
  dev.counters.txPackets += sent
  dev.counters.txBytes += bytes
  dev.counters.txDropped += count - sent - waiting
  if (peer) {
    peer.counters.rxPackets += sent
    peer.counters.rxBytes += bytes
  }
  batch.clear()
}

const VLAN_HLEN = 4

/** A receiving end takes frames up to its MTU, an Ethernet header and a VLAN tag more. */
const fits = (peer: Device, length: number): boolean => length <= peer.mtu + ETH_HLEN + VLAN_HLEN
