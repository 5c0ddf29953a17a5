import { errno } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import { classify, ETH_HLEN, receiveFrame } from '../net/ethernet.ts'
import type { XdpProgram } from '../net/xdp.ts'
import * as actions from '../net/xdp-run.ts'
import { whyDropped } from '../net/xdp-why.ts'
import type { PacketBatch } from '../packet/batch.ts'
import { DROP } from '../packet/drop-reason.ts'
import { makeLinear, makeWritable } from '../packet/edit.ts'
import * as layout from '../packet/fields.ts'
import type { CpuQueue } from './cpu-queue.ts'
import type { XdpHostPath } from './host-path.ts'
import { type RedirectNote, TO_ALL, TO_ENTRY, TO_IFINDEX } from './redirect-note.ts'
import { canForward } from './target.ts'

const {
  FLAG_REDIRECTED,
  FLAG_UNREADABLE,
  PKT_DATA,
  PKT_FRAGMENTS,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_NETWORK,
  PKT_QUEUE,
  PKT_SHIFT,
  PKT_STATE,
} = layout
const { REDIRECT_EXCLUDE_INGRESS, XDP_PASS, XDP_REDIRECT, XDP_TX } = actions

const HEADROOM = 256
const GROUP = 1

/** Runs programs in skb mode: over packets that a driver has handed up. Source: spec 02 §7.2. */
export class GenericXdp {
  readonly #path: XdpHostPath
  readonly #note: RedirectNote
  readonly #cpu: CpuQueue

  constructor(path: XdpHostPath, { note, cpu }: { readonly note: RedirectNote; readonly cpu: CpuQueue }) {
    this.#path = path
    this.#note = note
    this.#cpu = cpu
  }

  /** What the program lets through stays in the batch. Packets that a program has sent here are not shown to it. */
  receive(dev: Device, program: XdpProgram, batch: PacketBatch): void {
    const { handles, count } = batch
    const { table } = this.#path.packets
    let kept = 0
    for (let n = 0; n < count; n++) {
      const handle = handles[n]
      const redirected = (table.fields[(handle << PKT_SHIFT) + PKT_STATE] & FLAG_REDIRECTED) !== 0
      if (redirected || this.#passes(dev, program, handle)) handles[kept++] = handle
    }
    batch.count = kept
  }

  #passes(dev: Device, program: XdpProgram, handle: number): boolean {
    const path = this.#path
    if (!this.#makeRoom(program, handle)) {
      path.drop(dev, handle, DROP.XDP, 'XDP: no room before the packet')
      return false
    }
    pushLink(path.packets.table.fields, handle << PKT_SHIFT)
    const { fields } = path.packets.table
    const queue = fields[(handle << PKT_SHIFT) + PKT_QUEUE]
    const action = this.#run(dev, dev, program, handle, queue === 0 ? 0 : queue - 1, 0)
    if (action === XDP_PASS) {
      pullLink(path.packets.table.fields, handle << PKT_SHIFT)
      return true
    }
    if (action === XDP_TX) path.transmitDirect(dev, handle)
    else if (action !== XDP_REDIRECT) path.drop(dev, handle, DROP.XDP, whyDropped(action))
    else if (this.#follow(dev, handle, queue === 0 ? 0 : queue - 1) < 0)
      path.drop(dev, handle, DROP.XDP, 'XDP: cannot be redirected')
    return false
  }

  /** Gives a packet the room that programs count on, and brings it together if the program wants that. */
  #makeRoom({ takesFragments }: XdpProgram, handle: number): boolean {
    const { packets } = this.#path
    const i = handle << PKT_SHIFT
    const { fields } = packets.table
    if ((fields[i + PKT_STATE] & FLAG_UNREADABLE) !== 0) return false
    if (fields[i + PKT_FRAGMENTS] !== 0 && !takesFragments && !makeLinear(packets, handle, fields[i + PKT_LENGTH])) {
      return false
    }
    return makeWritable(packets, handle, HEADROOM)
  }

  /** Runs a program over a packet that begins with its Ethernet header. What is noted of that is corrected if it has changed. */
  #run(dev: Device, at: Device, program: XdpProgram, handle: number, queue: number, egress: number): number {
    const path = this.#path
    const { packets } = path
    const i = handle << PKT_SHIFT
    const { u8 } = packets.memory
    const before = packets.table.fields[i + PKT_DATA]
    const type = etherType(u8, before)
    const group = u8[before] & GROUP
    const host = isFor(u8, before, at)
    const action = path.programs.runXdp(program, dev, handle, queue, egress)
    const { fields } = packets.table
    const data = fields[i + PKT_DATA]
    if (data !== before) {
      fields[i + PKT_MAC] = data
      fields[i + PKT_NETWORK] = data + ETH_HLEN
    }
    const now = packets.memory.u8
    if (etherType(now, data) !== type || (now[data] & GROUP) !== group || isFor(now, data, at) !== host) {
      receiveFrame(packets, handle, at)
      pushLink(fields, i)
    }
    return action
  }

  /** Sends a packet where the last helper said. Below 0: it cannot be, and stays. */
  #follow(dev: Device, handle: number, queue: number): number {
    const note = this.#note
    const kind = note.take()
    if (kind === TO_IFINDEX) {
      const to = dev.ns.devices.get(note.ifindex)
      note.ifindex = 0
      return to === undefined ? -errno.EINVAL : this.#toDevice(dev, to, undefined, handle)
    }
    if (kind === TO_ALL) return this.#toAll(dev, handle)
    const { entry } = note
    if (kind !== TO_ENTRY || entry === undefined) return -errno.EBADRQC
    if (entry.dev !== undefined) return this.#toDevice(dev, entry.dev, entry.program, handle)
    if (entry.socket !== undefined) {
      const error = entry.socket.receive(this.#path.packets, dev, queue, handle)
      if (error === 0) entry.socket.flush()
      return error
    }
    this.#path.packets.table.fields[(handle << PKT_SHIFT) + PKT_STATE] |= FLAG_REDIRECTED
    return this.#cpu.push(dev, entry, handle)
  }

  #toDevice(dev: Device, to: Device, program: XdpProgram | undefined, handle: number): number {
    const path = this.#path
    const error = canForward(to, path.packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH])
    if (error !== 0) return error
    if (program !== undefined && this.#run(dev, dev, program, handle, 0, to.ifindex) !== XDP_PASS) {
      path.drop(to, handle, DROP.XDP)
    } else path.transmitDirect(to, handle)
    return 0
  }

  /** A copy for each device of the map that takes it, the packet itself for the last. */
  #toAll(dev: Device, handle: number): number {
    const path = this.#path
    const { flags, targets } = this.#note
    let last: actions.XdpTarget | undefined
    for (const target of targets?.values() ?? []) {
      const length = path.packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
      if (target.dev === undefined || canForward(target.dev, length) !== 0) continue
      if (target.dev === dev && (flags & REDIRECT_EXCLUDE_INGRESS) !== 0) continue
      if (last?.dev !== undefined && !this.#copyTo(dev, last.dev, last.program, handle)) return -errno.ENOMEM
      last = target
    }
    if (last?.dev !== undefined) return this.#toDevice(dev, last.dev, last.program, handle)
    path.drop(dev, handle, DROP.XDP, 'XDP: no device to broadcast to')
    return 0
  }

  #copyTo(dev: Device, to: Device, program: XdpProgram | undefined, handle: number): boolean {
    const { packets } = this.#path
    const copy = packets.clone(handle)
    if (copy < 0) return false
    // Programs and devices behind the redirection may write to it.
    if (!makeWritable(packets, copy, HEADROOM)) {
      packets.free(copy)
      return false
    }
    if (this.#toDevice(dev, to, program, copy) < 0) this.#path.drop(to, copy, DROP.XDP)
    return true
  }
}

const etherType = (u8: Uint8Array, at: number): number => (u8[at + 12] << 8) | u8[at + 13]
const isFor = (u8: Uint8Array, at: number, dev: Device): boolean => classify(u8, at, dev) === layout.TYPE_HOST

/** Shows a received packet with its link-layer header, which was pulled off. */
function pushLink(fields: Int32Array, i: number): void {
  const bytes = fields[i + PKT_DATA] - fields[i + PKT_MAC]
  fields[i + PKT_DATA] -= bytes
  fields[i + PKT_LENGTH] += bytes
  fields[i + PKT_LINEAR] += bytes
}

function pullLink(fields: Int32Array, i: number): void {
  const bytes = fields[i + PKT_NETWORK] - fields[i + PKT_DATA]
  fields[i + PKT_DATA] += bytes
  fields[i + PKT_LENGTH] -= bytes
  fields[i + PKT_LINEAR] -= bytes
}
