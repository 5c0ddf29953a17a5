import { resolve } from 'node:path'
import {
  type CaptureSink,
  type CaptureSource,
  type Fault,
  type HardwareDoor,
  type ImpairmentInfo,
  type NicInfo,
  type NicOptions,
  refused,
  type WireDirection,
  type WireOptions,
  type WireProgress,
} from '@netkit/netlink'
import { packList } from '../wire/attachments.ts'
import type { ClientConnection } from './connection.ts'
import { namespaceArg } from './remote-namespaces.ts'

/** What can be said of a wire in JSON; bytes go beside it. */
interface Wired {
  readonly wire: Record<string, unknown> | null
  readonly attachments: readonly Uint8Array[]
}

const NO_FUNCTION = 'a function cannot be called from the kernel process: name a file'

function sink(to: CaptureSink | undefined): unknown {
  if (typeof to === 'function') throw refused('connect wire', 'EOPNOTSUPP', NO_FUNCTION)
  return to && { path: resolve(to.path) }
}

const source = (from: CaptureSource | undefined): unknown =>
  from instanceof Uint8Array ? { attachment: 0 } : from && { path: resolve(from.path) }

function wired(wire: WireOptions | undefined): Wired {
  if (wire === undefined) return { wire: null, attachments: [] }
  if (wire.kind === 'function') throw refused('connect wire', 'EOPNOTSUPP', NO_FUNCTION)
  if (wire.kind === 'nic') return { wire: { kind: 'nic', id: wire.id }, attachments: [] }
  if (wire.kind === 'tap') return { wire: { kind: 'tap', name: wire.name, namespace: wire.namespace }, attachments: [] }
  return {
    wire: { kind: 'capture', from: source(wire.from), to: sink(wire.to), pace: wire.pace },
    attachments: wire.from instanceof Uint8Array ? [wire.from] : [],
  }
}

const progressOf = (value: Record<string, unknown>): WireProgress => value as unknown as WireProgress

/** The machine room of the kernel process. Files are opened by it: paths are made absolute here. */
export const remoteHardware = (connection: ClientConnection): HardwareDoor => ({
  async addNic({ wire, namespace, ...options }: NicOptions): Promise<NicInfo> {
    const { wire: wireArg, attachments } = wired(wire)
    const args = { ...options, namespace: namespaceArg(namespace), wire: wireArg ?? undefined }
    const { value } = await connection.call('hardware.addNic', args, attachments)
    return value as unknown as NicInfo
  },
  async removeNic(id) {
    await connection.call('hardware.removeNic', { id })
  },
  async listNics() {
    const { value } = await connection.call('hardware.listNics')
    return value.nics as readonly NicInfo[]
  },
  async connectWire(id, wire) {
    const { wire: wireArg, attachments } = wired(wire)
    await connection.call('hardware.connectWire', { id, wire: wireArg }, attachments)
  },
  async play(id, options = {}) {
    return progressOf((await connection.call('hardware.play', { id, ...options })).value)
  },
  async progress(id) {
    return progressOf((await connection.call('hardware.progress', { id })).value)
  },
  async setLink(id, up) {
    await connection.call('hardware.setLink', { id, up })
  },
  async restartQueue(id, queue) {
    await connection.call('hardware.restartQueue', { id, queue })
  },
  async impair(id, direction, options) {
    await connection.call('hardware.impair', { id, direction, options: options ? { ...options } : null })
  },
  async impairments(id) {
    const { value } = await connection.call('hardware.impairments', { id })
    return value as { readonly [D in WireDirection]?: ImpairmentInfo }
  },
  async fault(fault) {
    await connection.call('hardware.fault', { fault: { ...fault } })
  },
  async faults() {
    return (await connection.call('hardware.faults')).value.faults as readonly Fault[]
  },
  async clearFaults() {
    await connection.call('hardware.clearFaults')
  },
  async inject(id, frames) {
    return Number((await connection.call('hardware.inject', { id }, [packList(frames)])).value.taken)
  },
})
