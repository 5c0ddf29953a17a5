import { errno } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import type { XdpProgram } from '../net/xdp.ts'
import * as actions from '../net/xdp-run.ts'
import { whyDropped } from '../net/xdp-why.ts'
import type { RedirectSocket } from '../net/xsk.ts'
import { copyFrame } from '../packet/copy-frame.ts'
import { COPY } from '../packet/copy-reason.ts'
import { DROP } from '../packet/drop-reason.ts'
import { makeOwn } from '../packet/edit.ts'
import * as layout from '../packet/fields.ts'
import { becomeFrame } from '../packet/frame.ts'
import { BulkQueues } from './bulk.ts'
import { CpuQueue } from './cpu-queue.ts'
import type { XdpHostPath } from './host-path.ts'
import { RedirectNote, TO_ALL, TO_ENTRY, TO_IFINDEX } from './redirect-note.ts'
import { takesFrame } from './target.ts'

const { PKT_SHIFT } = layout
const HEADROOM = 256
const { REDIRECT_EXCLUDE_INGRESS, XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_REDIRECT, XDP_TX } = actions

/** Runs XDP programs of drivers, and carries out what they answer. Source: spec 02 §7. */
export class XdpEngine implements actions.XdpPath {
  readonly maps = new Map<number, actions.XdpTargets>()
  readonly note = new RedirectNote()
  readonly cpu: CpuQueue
  readonly #path: XdpHostPath
  readonly #bulks: BulkQueues
  /** Sockets that have been given frames and were not told yet. */
  readonly #readers: RedirectSocket[] = []

  constructor(path: XdpHostPath) {
    this.#path = path
    this.#bulks = new BulkQueues(path)
    this.cpu = new CpuQueue(path, this)
  }

  run(dev: Device, program: XdpProgram, handle: number, queue: number): number {
    const path = this.#path
    const action = path.programs.runXdp(program, dev, handle, queue, 0)
    if (action === XDP_PASS) return action
    if (action === XDP_TX) {
      becomeFrame(path.packets.table.fields, handle << PKT_SHIFT)
      return action
    }
    if (action === XDP_REDIRECT) return this.follow(dev, handle, queue) === 0 ? XDP_REDIRECT : XDP_ABORTED
    path.drop(dev, handle, DROP.XDP, whyDropped(action))
    return XDP_DROP
  }

  forget(dev: Device): void {
    for (const targets of this.maps.values()) if (targets.kind === 'device') targets.forget(dev)
    this.cpu.forget(dev)
  }

  flush(): void {
    this.#bulks.flush()
    if (this.#readers.length === 0) return
    for (const socket of this.#readers) socket.flush()
    this.#readers.length = 0
  }

  redirect(ifindex: number, flags: number): number {
    return this.note.toIfindex(ifindex, flags)
  }

  redirectMap(map: number, key: number, flags: number): number {
    return this.note.toMap(this.maps.get(map >>> 0), key >>> 0, flags)
  }

  follow(dev: Device, handle: number, queue = 0): number {
    const error = this.#enqueue(dev, handle, queue)
    if (error < 0) this.#path.drop(dev, handle, DROP.XDP, 'XDP: cannot be redirected')
    return error
  }

  get leadsToSocket(): boolean {
    return this.note.kind === TO_ENTRY && this.note.entry?.socket !== undefined
  }

  inject(dev: Device, handle: number): number {
    this.note.take()
    const error = this.note.entry?.socket?.inject(this.#path, dev, handle) ?? -errno.ENXIO
    if (error < 0) this.#path.drop(dev, handle, DROP.XDP, 'XDP: cannot be redirected')
    return error
  }

  #enqueue(dev: Device, handle: number, queue: number): number {
    const { note } = this
    const kind = note.take()
    if (kind === TO_ENTRY && note.entry?.socket !== undefined)
      return this.#toSocket(note.entry.socket, dev, queue, handle)
    // Whoever else gets it may keep it as long as he wants.
    if (!makeOwn(this.#path.packets, handle, HEADROOM, COPY.umem)) return -errno.ENOMEM
    if (kind === TO_IFINDEX) {
      const to = dev.ns.devices.get(note.ifindex)
      note.ifindex = 0
      return to === undefined ? -errno.EINVAL : this.#toDevice(to, dev, undefined, handle)
    }
    if (kind === TO_ALL) return this.#toAll(dev, handle)
    const { entry } = note
    if (kind !== TO_ENTRY || entry === undefined) return -errno.EBADRQC
    if (entry.dev !== undefined) return this.#toDevice(entry.dev, dev, entry.program, handle)
    return this.cpu.push(dev, entry, handle)
  }

  #toSocket(socket: RedirectSocket, dev: Device, queue: number, handle: number): number {
    const error = socket.receive(this.#path.packets, dev, queue, handle)
    if (error === 0) this.#note(socket)
    return error
  }

  /** Mostly it is the one before. */
  #note(socket: RedirectSocket): void {
    const readers = this.#readers
    if (readers.length > 0 && readers[readers.length - 1] === socket) return
    if (!readers.includes(socket)) readers.push(socket)
  }

  #toDevice(to: Device, from: Device, program: XdpProgram | undefined, handle: number): number {
    const { packets } = this.#path
    const error = takesFrame(packets, to, handle)
    if (error !== 0) return error
    becomeFrame(packets.table.fields, handle << PKT_SHIFT)
    this.#bulks.push(to, from, program, handle)
    return 0
  }

  /** A copy for each device of the map that takes it, the frame itself for the last. */
  #toAll(from: Device, handle: number): number {
    const path = this.#path
    const { flags, targets } = this.note
    let last: actions.XdpTarget | undefined
    for (const target of targets?.values() ?? []) {
      const { dev } = target
      if (dev === undefined || takesFrame(path.packets, dev, handle) !== 0) continue
      if (dev === from && (flags & REDIRECT_EXCLUDE_INGRESS) !== 0) continue
      if (last?.dev !== undefined) {
        const copy = copyFrame(path.packets, handle)
        if (copy < 0) return -errno.ENOMEM
        this.#toDevice(last.dev, from, last.program, copy)
      }
      last = target
    }
    if (last?.dev !== undefined) return this.#toDevice(last.dev, from, last.program, handle)
    path.drop(from, handle, DROP.XDP, 'XDP: no device to broadcast to')
    return 0
  }
}
