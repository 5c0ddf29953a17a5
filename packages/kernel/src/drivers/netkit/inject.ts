import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { RunnableProgram } from '../../net/device-programs.ts'
import type { PacketPath } from '../../net/path.ts'
import { prepareTransmit } from '../../net/prepare-transmit.ts'
import { TX_FRAGMENTS } from '../../net/tx-offloads.ts'
import { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_REDIRECT, XDP_TX } from '../../net/xdp-run.ts'
import { whyDropped } from '../../net/xdp-why.ts'
import { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear, makeWritable } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { becomeFrame } from '../../packet/frame.ts'
import { netkitState } from './state.ts'
import { type HookCounts, XdpCounts } from './xdp-counts.ts'

const { FLAG_UNREADABLE, PKT_LENGTH, PKT_QUEUE, PKT_SHIFT, PKT_STATE } = layout
const HEADROOM = 256
/** What captures say of packets that end here, as nobody wants them. */
export const NO_PEER = 'netkit: no peer'

/** What goes to the wire, which drivers take in batches. */
const toWire = new PacketBatch(1)

/**
 * The program that sees what the own stack of a single device sends, which has nowhere to go otherwise: REDIRECT into a map of AF_XDP
 * sockets puts it into the application's RX ring, TX onto the wire of the first lease. Empties the batch. Source: spec 03 §8.5.
 */
export function injectPackets(path: PacketPath, dev: Device, program: RunnableProgram, batch: PacketBatch): void {
  const state = netkitState(dev)
  state.xdpCounts ??= new XdpCounts()
  prepareTransmit(path, dev, batch, TX_FRAGMENTS)
  for (let n = 0; n < batch.count; n++) injectOne(path, dev, program, batch.handles[n], state.xdpCounts.inject)
  batch.clear()
  path.xdp.flush()
}

function injectOne(path: PacketPath, dev: Device, program: RunnableProgram, handle: number, counts: HookCounts): void {
  const { packets } = path
  const i = handle << PKT_SHIFT
  const length = packets.table.fields[i + PKT_LENGTH]
  if (!isFit(path, program, handle)) {
    lose(path, dev, handle, 'XDP: no room before the packet')
    return
  }
  const queue = packets.table.fields[i + PKT_QUEUE]
  const action = path.programs.runXdp(program, dev, handle, queue === 0 ? 0 : queue - 1, 0)
  if (action === XDP_TX) {
    counts.count(sendByLease(path, dev, handle) ? XDP_TX : XDP_ABORTED)
    return
  }
  counts.count(action)
  if (action === XDP_PASS) lose(path, dev, handle, NO_PEER)
  else if (action === XDP_REDIRECT) redirect(path, dev, handle, length, counts)
  else if (action === XDP_DROP) path.drop(dev, handle, DROP.XDP)
  else lose(path, dev, handle, whyDropped(action))
}

/** Whether a program can run over a packet: it can be read, lies as the program wants it, and is nobody else's. */
function isFit({ packets }: PacketPath, { takesFragments }: RunnableProgram, handle: number): boolean {
  const i = handle << PKT_SHIFT
  const { fields } = packets.table
  if ((fields[i + PKT_STATE] & FLAG_UNREADABLE) !== 0) return false
  return (
    (takesFragments || makeLinear(packets, handle, fields[i + PKT_LENGTH])) && makeWritable(packets, handle, HEADROOM)
  )
}

/** `length`: as the stack sent it. */
function redirect(path: PacketPath, dev: Device, handle: number, length: number, counts: HookCounts): void {
  const isInjection = path.xdp.leadsToSocket
  const error = isInjection ? path.xdp.inject(dev, handle) : path.xdp.follow(dev, handle)
  if (error === 0) {
    if (!isInjection) return
    dev.counters.txPackets++
    dev.counters.txBytes += length
    return
  }
  dev.counters.txDropped++
  counts.redirectErrors++
  if (error === -errno.ENOBUFS) counts.overflows++
}

/** Sends a packet through the physical queue of the first lease; false, and it is dropped, without one that takes it. */
function sendByLease(path: PacketPath, dev: Device, handle: number): boolean {
  const nic = lessorOf(dev)
  const transmit = nic?.driver.xdp?.transmit
  if (nic === undefined || transmit === undefined || !nic.up) {
    lose(path, dev, handle, 'XDP: no lease to send by')
    return false
  }
  becomeFrame(path.packets.table.fields, handle << PKT_SHIFT)
  toWire.push(handle)
  transmit(path, nic, toWire)
  return true
}

function lessorOf(dev: Device): Device | undefined {
  for (let index = 1; index < dev.realRxQueues; index++) {
    const lease = dev.boundRxQueue(index)?.lease
    if (lease !== undefined) return lease.device
  }
  return undefined
}

/** The stack is told that it was not sent. */
function lose(path: PacketPath, dev: Device, handle: number, because: string | undefined): void {
  dev.counters.txDropped++
  path.drop(dev, handle, DROP.NOT_SPECIFIED, because)
}
