import type { Device } from '../../net/device.ts'
import type { PacketPath } from '../../net/path.ts'
import type { XdpProgram } from '../../net/xdp.ts'
import { XDP_PASS, XDP_TX } from '../../net/xdp-run.ts'
import { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear, makeWritable } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { nicState } from './state.ts'

const { PKT_LENGTH, PKT_SHIFT } = layout
const HEADROOM = 256

/** Frames that go back onto the wire, and the NIC's number of queues decides nothing about them: they leave by the queue that brought
 *  them. Frames are received one batch after the other, never one inside another. */
const back = new PacketBatch(64)

/** Whether a frame that has arrived is handed up: what the NIC's program says. */
export function passesXdp(path: PacketPath, dev: Device, program: XdpProgram, handle: number, queue: number): boolean {
  // What comes from another NIC without copies may be shared with it.
  const { packets } = path
  const length = packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
  const whole = program.takesFragments || makeLinear(packets, handle, length)
  if (!whole || !makeWritable(packets, handle, HEADROOM)) {
    path.drop(dev, handle, DROP.XDP, 'XDP: no room before the packet')
    return false
  }
  return runsXdp(path, dev, program, handle, queue)
}

/** The same for a frame in one piece that the NIC has just written, with room before it: nobody else has it. */
export function runsXdp(path: PacketPath, dev: Device, program: XdpProgram, handle: number, queue: number): boolean {
  const action = path.xdp.run(dev, program, handle, queue)
  if (action === XDP_PASS) return true
  if (action === XDP_TX) {
    countSent(path, dev, handle, queue)
    back.push(handle)
    if (back.room === 0) sendBack(path, dev)
  }
  return false
}

/** The end of a turn of polling: what goes back, and what was redirected, leaves. */
export function flushXdp(path: PacketPath, dev: Device): void {
  if (back.count > 0) sendBack(path, dev)
  path.xdp.flush()
}

function sendBack(path: PacketPath, dev: Device): void {
  const { port } = nicState(dev)
  if (port) port.wire.transmit(back)
  else for (let n = 0; n < back.count; n++) path.drop(dev, back.handles[n], DROP.NO_WIRE)
  back.clear()
}

/** Sends frames that programs redirected to the NIC. */
export function transmitFrames(path: PacketPath, dev: Device, batch: PacketBatch): void {
  const { port } = nicState(dev)
  const { handles, count } = batch
  if (port) {
    for (let n = 0; n < count; n++) countSent(path, dev, handles[n], 0)
    port.wire.transmit(batch)
  } else {
    dev.counters.txDropped += count
    for (let n = 0; n < count; n++) path.drop(dev, handles[n], DROP.NO_WIRE)
  }
  batch.clear()
}

export function countSent(path: PacketPath, dev: Device, handle: number, queue: number): void {
  const length = path.packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
  const traffic = nicState(dev).txTraffic[queue]
  traffic.packets++
  traffic.bytes += length
  dev.counters.txPackets++
  dev.counters.txBytes += length
}
