import { type HardwareDoor, KernelError, NETLINK_GENERIC, NETLINK_ROUTE, toHex } from '@netkit/netlink'
import { openDoors } from '../../doors/open.ts'
import type { Kernel } from '../../kernel.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Process } from '../../net/process.ts'
import { randomFrom, type World } from '../../world.ts'
import { JournaledHardware } from '../hardware.ts'
import type { Journal } from '../journal.ts'
import { type Revived, type ReviveOptions, reviveKernel } from '../revive.ts'
import { snapshotLines } from '../snapshot.ts'

/** A world with its own dice whose clock ticks at each look. */
export function tickingWorld(seed: number): World & { readonly chance: ReturnType<typeof randomFrom> } {
  const chance = randomFrom(seed)
  let time = 0n
  return {
    chance,
    now: () => {
      time += 1000n
      return time
    },
    random: () => chance.next(),
    schedule: () => ({ cancel: () => undefined }),
  }
}

/** A kernel with a journal, and root as its only client. */
export class Machine {
  readonly kernel: Kernel
  readonly journal: Journal
  /** Everything written down since it was revived. */
  readonly events: Uint8Array[] = []
  readonly world: ReturnType<typeof tickingWorld>
  readonly #process: Process
  readonly hardware: JournaledHardware

  constructor(seed: number, from: Pick<ReviveOptions, 'snapshot' | 'events'> = {}) {
    this.world = tickingWorld(seed)
    const revived: Revived = reviveKernel({ ...from, world: this.world, append: (event) => this.events.push(event) })
    this.kernel = revived.kernel
    this.journal = revived.journal
    this.#process = this.kernel.createProcess({ pid: 77 })
    this.hardware = new JournaledHardware(this.journal, openDoors(this.kernel, this.#process).hardware as HardwareDoor)
  }

  snapshot(): string[] {
    return [...snapshotLines(this.kernel, this.journal.wires)]
  }

  namespace(name: string | undefined): NetNamespace | undefined {
    return name === undefined ? this.kernel.initialNs : this.kernel.names.get(name)
  }

  /** Sends a datagram in a namespace and returns all that comes back, as text. Descriptor 9: the namespace called `other`. */
  ask(ns: NetNamespace, protocol: number, bytes: Uint8Array, other?: NetNamespace): string {
    if (other) this.#process.openNamespace(other, 9)
    const socket = this.kernel.openSocket({ protocol, ns, process: this.#process, portId: 4711, extAck: true })
    const result = this.journal.send(socket, bytes, this.kernel.root)
    const came: string[] = [String(result)]
    for (let item = this.journal.receive(socket); item; item = this.journal.receive(socket))
      came.push(toHex(item.bytes))
    this.journal.release([ns, ...(other ? [other] : [])], () => {
      socket.close()
      this.#process.closeFile(9)
    })
    return came.join(' ')
  }

  route(ns: NetNamespace, bytes: Uint8Array, other?: NetNamespace): string {
    return this.ask(ns, NETLINK_ROUTE, bytes, other)
  }

  generic(ns: NetNamespace, bytes: Uint8Array): string {
    return this.ask(ns, NETLINK_GENERIC, bytes)
  }

  async addNamespace(name: string): Promise<string> {
    const { namespaces } = openDoors(this.kernel, this.#process)
    return said(this.journal.change('namespace-add', name, () => namespaces.create(name)))
  }

  async removeNamespace(name: string): Promise<string> {
    const { namespaces } = openDoors(this.kernel, this.#process)
    const ns = this.kernel.names.get(name)
    let done: Promise<string> = Promise.resolve('')
    this.journal.release(ns ? [ns] : [], () => {
      done = said(this.journal.change('namespace-remove', name, () => namespaces.remove(name)))
    })
    return done
  }

  async sysctl(ns: NetNamespace, name: string, value: string): Promise<string> {
    const { sysctl } = openDoors(this.kernel, this.#process)
    if (!sysctl || ns !== this.kernel.initialNs) return ''
    return said(this.journal.change('sysctl', [ns.inode, name, value], () => sysctl.write(name, value)))
  }

  async ethtool(ns: NetNamespace, device: string, command: Uint8Array): Promise<string> {
    const { ethtoolIoctl } = openDoors(this.kernel, this.#process)
    if (!ethtoolIoctl || ns !== this.kernel.initialNs) return ''
    return said(
      this.journal.change('ethtool', [ns.inode, device, [...command]], () => ethtoolIoctl.ethtool(device, command)),
    )
  }
}

/** What a call says: its value, or how it was refused. */
export async function said(call: Promise<unknown>): Promise<string> {
  try {
    const value = await call
    return value instanceof Uint8Array ? toHex(value) : JSON.stringify(value ?? null)
  } catch (error) {
    if (error instanceof KernelError) return error.code
    throw error
  }
}
