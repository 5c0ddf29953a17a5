import { classify, ETH_HLEN } from '../../datapath/ethernet.ts'
import type { Device } from '../../net/device.ts'
import type { PacketPath } from '../../net/path.ts'
import type { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { type NetkitState, netkitState, POLICY_PASS } from './state.ts'

const {
  FLAG_IGNORE_DF,
  FLAG_OFFLOAD_FORWARDED,
  FLAG_SKIP_EGRESS,
  PKT_DATA,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_MARK,
  PKT_NETWORK,
  PKT_PRIORITY,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  TSTAMP_MASK,
  TSTAMP_REALTIME,
  TYPE_MASK,
} = layout

const IFF_UP = 1
const HEADER = ETH_HLEN
const SCRUB_NONE = 0
/** What captures say of packets that end here; Linux has one reason for all of them. */
const BLACKHOLE = 'netkit policy: blackhole'
const NO_PEER = 'netkit: no peer'
const PEER_DOWN = 'netkit: peer is down'
/** What a packet is freed of whenever it changes ends. Source: spec 02 §1.3. */
const SCRUBBED = TYPE_MASK | FLAG_IGNORE_DF | FLAG_OFFLOAD_FORWARDED

/** A netkit device transmits: its peer receives, or the policy drops. Source: spec 02 §1.3 and §1.4. */
export function transmitNetkit(path: PacketPath, dev: Device, batch: PacketBatch): void {
  const state = netkitState(dev)
  const { peer } = state
  const { count } = batch
  if (peer === undefined || (peer.flags & IFF_UP) === 0) {
    dev.counters.txDropped += count
    const because = peer ? PEER_DOWN : NO_PEER
    for (let n = 0; n < count; n++) path.drop(dev, batch.handles[n], DROP.NOT_SPECIFIED, because)
    batch.clear()
    return
  }
  cross(path, dev, state, peer, batch)
  batch.clear()
}

function cross(path: PacketPath, dev: Device, state: NetkitState, peer: Device, batch: PacketBatch): void {
  const { handles, count } = batch
  const { packets } = path
  const elsewhere = dev.ns !== peer.ns
  const forgetful = elsewhere && state.scrub !== SCRUB_NONE
  const pass = state.policy === POLICY_PASS
  let sent = 0
  let bytes = 0
  for (let n = 0; n < count; n++) {
    const handle = handles[n]
    const fields = packets.table.fields
    const i = handle << PKT_SHIFT
    const length = fields[i + PKT_LENGTH]
    if (!pass || fields[i + PKT_LINEAR] < HEADER) {
      path.drop(dev, handle, DROP.NOT_SPECIFIED, pass ? undefined : BLACKHOLE)
      continue
    }
    const data = fields[i + PKT_DATA]
    const was = fields[i + PKT_STATE]
    fields[i + PKT_STATE] = (was & ~SCRUBBED) | FLAG_SKIP_EGRESS | classify(packets.memory.u8, data, peer)
    fields[i + PKT_MAC] = data
    if (elsewhere && (was & TSTAMP_MASK) === TSTAMP_REALTIME) {
      fields[i + PKT_TSTAMP_LO] = 0
      fields[i + PKT_TSTAMP_HI] = 0
    }
    if (forgetful) {
      fields[i + PKT_MARK] = 0
      fields[i + PKT_PRIORITY] = 0
    }
    fields[i + PKT_DATA] = data + HEADER
    fields[i + PKT_NETWORK] = data + HEADER
    fields[i + PKT_LENGTH] = length - HEADER
    fields[i + PKT_LINEAR] -= HEADER
    if (path.enqueue(peer, handle)) {
      sent++
      bytes += length
    }
  }
  dev.counters.txPackets += sent
  dev.counters.txBytes += bytes
  if (sent !== count) dev.counters.txDropped += count - sent
  peer.counters.rxPackets += sent
  peer.counters.rxBytes += bytes
}
