import type { Device } from '../../net/device.ts'
import { HOOK, VERDICT_NEXT, VERDICT_PASS, VERDICT_REDIRECT } from '../../net/device-programs.ts'
import { classify, ETH_HLEN } from '../../net/ethernet.ts'
import type { PacketPath } from '../../net/path.ts'
import type { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { injectPackets, NO_PEER } from './inject.ts'
import { netkitState } from './state.ts'

// Engines fold constants of the own module, not imported ones.
const {
  FLAG_AT_INGRESS,
  FLAG_IGNORE_DF,
  FLAG_OFFLOAD_FORWARDED,
  FLAG_SKIP_EGRESS,
  PKT_DATA,
  PKT_DST,
  PKT_IIF,
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
const { netkit: NETKIT } = HOOK

const IFF_UP = 1
const HEADER = ETH_HLEN
const SCRUB_NONE = 0
/** What captures say of packets that end here; Linux has one reason for all of them. */
const BLACKHOLE = 'netkit policy: blackhole'
const REFUSED = 'netkit program: drop'
const PEER_DOWN = 'netkit: peer is down'
/** What a packet is freed of whenever it changes ends. Source: spec 02 §1.3. */
const SCRUBBED = TYPE_MASK | FLAG_IGNORE_DF | FLAG_OFFLOAD_FORWARDED | FLAG_AT_INGRESS

/** A netkit device transmits: its programs decide, or the policy if it has none. Source: spec 02 §1.3 and §1.4. */
export function transmitNetkit(path: PacketPath, dev: Device, batch: PacketBatch): void {
  const { peer } = netkitState(dev)
  const { count } = batch
  const inject = dev.programs?.xdpInject?.entries[0]
  if (inject !== undefined) {
    injectPackets(path, dev, inject.program, batch)
    return
  }
  if (peer === undefined || (peer.flags & IFF_UP) === 0) {
    dev.counters.txDropped += count
    const because = peer ? PEER_DOWN : NO_PEER
    for (let n = 0; n < count; n++) path.drop(dev, batch.handles[n], DROP.NOT_SPECIFIED, because)
    batch.clear()
    return
  }
  cross(path, dev, peer, batch)
  batch.clear()
}

function cross(path: PacketPath, dev: Device, peer: Device, batch: PacketBatch): void {
  const { handles, count } = batch
  const { policy, scrub } = netkitState(dev)
  const { packets } = path
  const elsewhere = dev.ns !== peer.ns
  const forgetful = elsewhere && scrub !== SCRUB_NONE
  const attached = dev.programs?.netkit?.entries
  const programs = attached !== undefined && attached.length > 0 ? attached : undefined
  let sent = 0
  let bytes = 0
  let redirected = 0
  for (let n = 0; n < count; n++) {
    const handle = handles[n]
    const i = handle << PKT_SHIFT
    let { fields } = packets.table
    const length = fields[i + PKT_LENGTH]
    if (fields[i + PKT_LINEAR] < HEADER && !makeLinear(packets, handle, HEADER)) {
      path.drop(dev, handle, DROP.NOT_SPECIFIED)
      continue
    }
    const data = fields[i + PKT_DATA]
    const was = fields[i + PKT_STATE]
    fields[i + PKT_STATE] = (was & ~SCRUBBED) | FLAG_SKIP_EGRESS | classify(packets.memory.u8, data, peer)
    fields[i + PKT_IIF] = 0
    fields[i + PKT_DST] = 0
    fields[i + PKT_MAC] = data
    if (elsewhere && (was & TSTAMP_MASK) === TSTAMP_REALTIME) {
      fields[i + PKT_TSTAMP_LO] = 0
      fields[i + PKT_TSTAMP_HI] = 0
    }
    if (forgetful) {
      fields[i + PKT_MARK] = 0
      fields[i + PKT_PRIORITY] = 0
    }
    let verdict = policy
    if (programs !== undefined) {
      path.redirects.begin(1)
      verdict = path.programs.run(programs, peer, handle, NETKIT)
      fields = packets.table.fields
    }
    if (verdict !== VERDICT_PASS && verdict !== VERDICT_NEXT) {
      if (verdict !== VERDICT_REDIRECT) {
        path.drop(dev, handle, DROP.NOT_SPECIFIED, programs === undefined ? BLACKHOLE : REFUSED)
        continue
      }
      // Counted before, and whatever becomes of it.
      redirected++
      dev.counters.txPackets++
      dev.counters.txBytes += length
      path.redirects.follow(peer, handle)
      continue
    }
    fields[i + PKT_DATA] += HEADER
    fields[i + PKT_NETWORK] = fields[i + PKT_DATA]
    fields[i + PKT_LENGTH] -= HEADER
    fields[i + PKT_LINEAR] -= HEADER
    if (path.enqueue(peer, handle)) {
      sent++
      bytes += length
    }
  }
  const { counters } = dev
  counters.txPackets += sent
  counters.txBytes += bytes
  const dropped = count - sent - redirected
  if (dropped !== 0) counters.txDropped += dropped
  peer.counters.rxPackets += sent
  peer.counters.rxBytes += bytes
}
