import {
  type Fault,
  type HardwareDoor,
  type ImpairmentInfo,
  type ImpairmentOptions,
  type NamespaceHandle,
  type NicInfo,
  type NicOptions,
  refused,
  type WireDirection,
  type WireOptions,
  type WireProgress,
} from '@netkit/netlink'
import { impairmentText } from '../impairment/text.ts'
import type { Spot } from './plan.ts'
import type { DryRun } from './socket.ts'

const NOTHING: WireProgress = { frames: 0, bytes: 0, sentFrames: 0, sentBytes: 0, finished: false }
const ETHER = 1

/** The machine room of a dry run: it can be looked at, and nothing in it is touched. */
export class DryRunHardware implements HardwareDoor {
  readonly #run: DryRun
  readonly #inner: HardwareDoor
  readonly #spotOf: (namespace: NamespaceHandle | undefined) => Spot
  readonly #planned: NicInfo[] = []

  constructor(run: DryRun, inner: HardwareDoor, spotOf: (namespace: NamespaceHandle | undefined) => Spot) {
    this.#run = run
    this.#inner = inner
    this.#spotOf = spotOf
  }

  async addNic({ namespace, wire, ...args }: NicOptions): Promise<NicInfo> {
    const { plan } = this.#run
    const spot = this.#spotOf(namespace)
    const taken = (await this.listNics()).some(({ id }) => id === args.id)
    if (taken) throw refused(`nic add ${args.id}`, 'EEXIST')
    this.#report('addNic', { ...args, wire: wireText(wire) }, spot.name)
    const name = args.name ?? 'eth%d'
    const ifindex = plan.unknown(`ifindex of ${name}`)
    plan.put(spot, { ifindex, type: ETHER, flags: 0, attrs: { ifname: name } })
    const info = { id: args.id ?? plan.unknown(`number of NIC ${name}`), ifindex, name }
    this.#planned.push(info)
    return info
  }

  async listNics(): Promise<readonly NicInfo[]> {
    return [...(await this.#inner.listNics()), ...this.#planned]
  }

  async progress(id: number): Promise<WireProgress> {
    return this.#planned.some((nic) => nic.id === id) ? NOTHING : await this.#inner.progress(id)
  }

  async removeNic(id: number): Promise<void> {
    this.#report('removeNic', { id })
  }

  async connectWire(id: number, wire: WireOptions | undefined): Promise<void> {
    this.#report('connectWire', { id, wire: wireText(wire) })
  }

  async play(id: number, options: { readonly frames?: number; readonly loop?: number } = {}): Promise<WireProgress> {
    this.#report('play', { id, ...options })
    return NOTHING
  }

  async setLink(id: number, up: boolean): Promise<void> {
    this.#report('setLink', { id, link: up ? 'up' : 'down' })
  }

  async restartQueue(id: number, queue: number): Promise<void> {
    this.#report('restartQueue', { id, queue })
  }

  async impair(id: number, direction: WireDirection, options: ImpairmentOptions | undefined): Promise<void> {
    this.#report('impair', { id, direction, impairment: options ? impairmentText(options) : 'none' })
  }

  async impairments(id: number): Promise<{ readonly [D in WireDirection]?: ImpairmentInfo }> {
    return this.#planned.some((nic) => nic.id === id) ? {} : await this.#inner.impairments(id)
  }

  async fault(fault: Fault): Promise<void> {
    this.#report('fault', { ...fault })
  }

  faults(): Promise<readonly Fault[]> {
    return this.#inner.faults()
  }

  async clearFaults(): Promise<void> {
    this.#report('clearFaults', {})
  }

  async inject(id: number, frames: readonly Uint8Array[]): Promise<number> {
    this.#report('inject', { id, frames: frames.length })
    return frames.length
  }

  #report(call: string, args: Readonly<Record<string, string | number | undefined>>, namespace?: string): void {
    const { plan } = this.#run
    const said = Object.entries(args).map(([key, value]) => [key, plan.meaning(value) ?? value])
    this.#run.report({ door: 'hardware', call, args: Object.fromEntries(said), namespace })
  }
}

function wireText(wire: WireOptions | undefined): string | undefined {
  if (!wire) return undefined
  if (wire.kind === 'nic') return `nic ${wire.id}`
  if (wire.kind === 'tap') return `tap ${wire.name}${wire.namespace === undefined ? '' : ` in ${wire.namespace}`}`
  if (wire.kind === 'function') return wire.kind
  const end = (what: string, file: unknown) => {
    if (file === undefined) return []
    const { path } = file as { readonly path?: string }
    return [`${what} ${path ?? 'bytes'}`]
  }
  return [...end('from', wire.from), ...end('to', wire.to), wire.pace && `pace ${wire.pace}`].filter(Boolean).join(' ')
}
