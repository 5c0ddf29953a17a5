import type { Device } from '../../net/device.ts'
import type { RunnableProgram } from '../../net/device-programs.ts'
import { ETH_HLEN, receiveFrame } from '../../net/ethernet.ts'
import type { PacketPath } from '../../net/path.ts'
import { XDP_PASS, XDP_REDIRECT, XDP_TX } from '../../net/xdp-run.ts'
import { whyDropped } from '../../net/xdp-why.ts'
import type { XskPool } from '../../net/xsk.ts'
import type { PacketBatch } from '../../packet/batch.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeOwn } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { becomeFrame } from '../../packet/frame.ts'
import { isVlan } from '../../packet/vlan.ts'
import { netkitState } from './state.ts'
import { type HookCounts, XdpCounts } from './xdp-counts.ts'

const { PKT_DATA, PKT_LENGTH, PKT_SHIFT } = layout
const HEADROOM = 256
const VLAN_HLEN = 4

/**
 * The program that sees what AF_XDP applications send by the leased queues of a single device, before the NIC does: TX sends it on,
 * PASS hands it to the device's own stack. What does not leave comes back by the completion ring in its turn. Source: spec 03 §8.4.
 */
export function filterEgress(path: PacketPath, pool: XskPool, batch: PacketBatch): void {
  const dev = pool.device
  const program = dev.programs?.xdpEgress?.entries[0]?.program
  if (program === undefined) return
  const state = netkitState(dev)
  state.xdpCounts ??= new XdpCounts()
  const counts = state.xdpCounts.egress
  const { handles, count } = batch
  let kept = 0
  for (let n = 0; n < count; n++) {
    const handle = handles[n]
    if (mayLeave(path, pool, program, handle, counts)) handles[kept++] = handle
  }
  batch.count = kept
  path.xdp.flush()
}

/** Whether a packet goes to the wire; if not, it is gone. */
function mayLeave(path: PacketPath, pool: XskPool, program: RunnableProgram, handle: number, counts: HookCounts) {
  const dev = pool.device
  pool.widen(path.packets, handle)
  const action = path.programs.runXdp(program, dev, handle, pool.queue, 0)
  counts.count(action)
  if (action === XDP_TX) {
    pool.narrow(path.packets, handle)
    becomeFrame(path.packets.table.fields, handle << PKT_SHIFT)
    return true
  }
  if (action === XDP_PASS) passUp(path, dev, handle, counts)
  else if (action !== XDP_REDIRECT) path.drop(dev, handle, DROP.XDP, whyDropped(action))
  else if (path.xdp.follow(dev, handle, pool.queue) < 0) counts.redirectErrors++
  return false
}

/** The device receives a packet: its own stack gets a copy, and the application its chunk back. */
function passUp(path: PacketPath, dev: Device, handle: number, counts: HookCounts): void {
  const { packets } = path
  const length = packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
  if (length > dev.mtu + headerLength(packets.memory.u8, packets.table.fields[(handle << PKT_SHIFT) + PKT_DATA])) {
    dev.counters.rxDropped++
    path.drop(dev, handle, DROP.PKT_TOO_BIG)
    return
  }
  if (!makeOwn(packets, handle, HEADROOM, COPY.umem)) {
    counts.passErrors++
    path.drop(dev, handle, DROP.NOMEM)
    return
  }
  receiveFrame(packets, handle, dev)
  if (!path.enqueue(dev, handle)) return
  dev.counters.rxPackets++
  dev.counters.rxBytes += length
}

/** Bytes of the Ethernet header and the tags behind it, two at most. */
function headerLength(u8: Uint8Array, data: number): number {
  let length = ETH_HLEN
  for (let tags = 0; tags < 2 && isVlan((u8[data + length - 2] << 8) | u8[data + length - 1]); tags++)
    length += VLAN_HLEN
  return length
}
