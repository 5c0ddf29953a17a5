import type { HardwareDoor, ImpairmentOptions, NicInfo, NicOptions, WireDirection, WireOptions } from '@netkit/netlink'
import { nicState } from '../drivers/nic/state.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Journal } from './journal.ts'
import { asRoot } from './redo.ts'
import type { KeptWire } from './wires.ts'

/** What of a wire can be plugged in again after the kernel process. */
function keptWire(wire: WireOptions | undefined): KeptWire | undefined {
  if (wire === undefined || wire.kind === 'nic' || wire.kind === 'tap') return wire
  if (wire.kind === 'function') return { kind: 'capture' }
  const from = wire.from && 'path' in wire.from ? { path: wire.from.path } : undefined
  const to = wire.to && 'path' in wire.to ? { path: wire.to.path } : undefined
  return { kind: 'capture', from, to, pace: wire.pace }
}

/** A change of hardware for one client: through its door, and written down. */
export class JournaledHardware {
  readonly #journal: Journal
  readonly #door: HardwareDoor

  constructor(journal: Journal, door: HardwareDoor) {
    this.#journal = journal
    this.#door = door
  }

  /** `ns`: what `options.namespace` means, or the client's own. */
  async addNic({ wire, ...options }: NicOptions, ns: NetNamespace): Promise<NicInfo> {
    const { model, queues, name, address, id } = options
    const kept = { model, queues, name, address, id, ns: ns.inode }
    const nic = await this.#journal.change('nic-add', kept, () => this.#door.addNic(options))
    if (!wire) return nic
    try {
      await this.connectWire(nic.id, wire)
      return nic
    } catch (error) {
      await this.removeNic(nic.id)
      throw error
    }
  }

  async removeNic(id: number): Promise<void> {
    const { nics } = this.#journal.kernel.nics
    await this.#journal.change('nic-remove', id, () => this.#door.removeNic(id))
    if (!nics.has(id)) this.#journal.wires.set(id, undefined)
  }

  async impair(id: number, direction: WireDirection, options: ImpairmentOptions | undefined): Promise<void> {
    const impair = () => this.#door.impair(id, direction, options)
    await this.#journal.change('nic-impair', [id, direction, options ?? null], impair)
  }

  /** `kept`: what is plugged in again after the kernel process, if it is not this. */
  async connectWire(id: number, wire: WireOptions | undefined, kept = keptWire(wire)): Promise<void> {
    const { kernel, wires } = this.#journal
    const port = () => {
      const nic = kernel.nics.nics.get(id)
      return nic && nicState(nic).port
    }
    const before = port()
    const connect = () => this.#door.connectWire(id, wire)
    await this.#journal.change('nic-wire', [id, kept ?? null], connect, () => port() !== before)
    wires.set(id, kept)
  }
}

export interface ReconnectOptions {
  /** The file to write to where one was written to before: that one is not touched. */
  readonly continued: (path: string) => string
  /** A file cannot be opened any more: the NIC keeps its link, but nothing comes and nothing is recorded. */
  readonly onError: (nic: number, error: unknown) => void
}

/** Opens the files and TAP interfaces of a revived kernel's wires. The links of their NICs go down and come up again. */
export async function reconnectWires(journal: Journal, { continued, onError }: ReconnectOptions): Promise<void> {
  const { kernel, wires } = journal
  let hardware: JournaledHardware | undefined
  asRoot(kernel, kernel.initialNs, (doors) => {
    if (doors.hardware) hardware = new JournaledHardware(journal, doors.hardware)
  })
  for (const [id, wire] of [...wires.entries()]) {
    if (wire.kind === 'nic' || (wire.kind === 'capture' && !wire.from && !wire.to)) continue
    const again = wire.kind === 'tap' ? wire : { ...wire, to: wire.to && { path: continued(wire.to.path) } }
    try {
      await hardware?.connectWire(id, again, wire)
    } catch (error) {
      onError(id, error)
    }
  }
}
