import type { Device } from '../net/device.ts'
import { HOOK, type RunnableProgram, VERDICT_DROP, VERDICT_REDIRECT } from '../net/device-programs.ts'
import type { PacketPath } from '../net/path.ts'
import type { ListEntry } from '../net/program-list.ts'
import { RECEIVE_AGAIN } from '../net/redirect.ts'
import type { PacketBatch } from '../packet/batch.ts'
import { DROP } from '../packet/drop-reason.ts'
import * as layout from '../packet/fields.ts'
import { isVlan, untag } from '../packet/vlan.ts'

// Engines fold constants of the own module, not imported ones.
const { FLAG_AT_INGRESS, PKT_DATA, PKT_IIF, PKT_LENGTH, PKT_LINEAR, PKT_MAC, PKT_PROTOCOL, PKT_SHIFT, PKT_STATE } =
  layout
const { tcxEgress: EGRESS, tcxIngress: INGRESS } = HOOK

type Entries = readonly ListEntry<RunnableProgram>[]

/** The way of packets as its hooks need it. */
export interface HookPath extends PacketPath {
  /** A packet is received once more, at another device. */
  receiveOne(dev: Device, handle: number): void
}

/**
 * Runs the programs at a device's egress. What they let through stays in the batch; what they redirect is on its way already; what
 * they drop is not counted at the device. Source: spec 02 §1.2 step 3, §2.10.
 */
export function runEgress(path: HookPath, dev: Device, entries: Entries, batch: PacketBatch): void {
  const { handles, count } = batch
  let kept = 0
  for (let n = 0; n < count; n++) {
    const handle = handles[n]
    const { fields } = path.packets.table
    const i = handle << PKT_SHIFT
    fields[i + PKT_MAC] = fields[i + PKT_DATA]
    path.redirects.begin(0)
    const verdict = path.programs.run(entries, dev, handle, EGRESS)
    if (verdict === VERDICT_REDIRECT) path.redirects.follow(dev, handle)
    else if (verdict === VERDICT_DROP) path.drop(dev, handle, DROP.TC_EGRESS)
    else handles[kept++] = handle
  }
  batch.count = kept
}

/** Runs the programs at a device's ingress. What they let through stays in the batch. Source: spec 02 §1.5, §2.10. */
export function runIngress(path: HookPath, dev: Device, entries: Entries, batch: PacketBatch): void {
  const { handles, count } = batch
  let kept = 0
  for (let n = 0; n < count; n++) {
    const handle = handles[n]
    const i = handle << PKT_SHIFT
    path.packets.table.fields[i + PKT_IIF] = dev.ifindex
    if (isVlan(path.packets.table.fields[i + PKT_PROTOCOL]) && !untag(path.packets, handle)) {
      path.drop(dev, handle, DROP.HDR_TRUNC)
      continue
    }
    const verdict = path.programs.run(entries, dev, handle, INGRESS)
    if (verdict === VERDICT_REDIRECT) redirectReceived(path, dev, handle)
    else if (verdict === VERDICT_DROP) path.drop(dev, handle, DROP.TC_INGRESS)
    else {
      path.packets.table.fields[i + PKT_STATE] &= ~FLAG_AT_INGRESS
      handles[kept++] = handle
    }
  }
  batch.count = kept
}

/** Packets leave with the link-layer header that was pulled off when they were received. */
function redirectReceived(path: HookPath, dev: Device, handle: number): void {
  const { fields } = path.packets.table
  const i = handle << PKT_SHIFT
  const header = fields[i + PKT_DATA] - fields[i + PKT_MAC]
  move(fields, i, -header)
  if (path.redirects.follow(dev, handle) !== RECEIVE_AGAIN) return
  move(fields, i, header)
  fields[i + PKT_STATE] &= ~FLAG_AT_INGRESS
  path.receiveOne(path.redirects.again as Device, handle)
}

function move(fields: Int32Array, i: number, bytes: number): void {
  fields[i + PKT_DATA] += bytes
  fields[i + PKT_LENGTH] -= bytes
  fields[i + PKT_LINEAR] -= bytes
}
