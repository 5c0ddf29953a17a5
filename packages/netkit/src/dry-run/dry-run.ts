import {
  type EthtoolIoctlDoor,
  type KernelDoors,
  type KernelProvider,
  type NamespaceHandle,
  type NetlinkDoor,
  type NetlinkSocketOptions,
  type PacketDoor,
  refused,
  type SysctlDoor,
} from '@netkit/netlink'
import { FamilyIds } from '../places/families.ts'
import { Scope } from '../places/scope.ts'
import {
  ETHTOOL_GRXCLSRLALL,
  ETHTOOL_GRXCLSRLCNT,
  ETHTOOL_GRXCLSRULE,
  ETHTOOL_SRXCLSRLDEL,
  ETHTOOL_SRXCLSRLINS,
  RXNFC,
} from '../steering/layout.ts'
import { DryRunBpf } from './bpf.ts'
import { DryRunHardware } from './hardware.ts'
import type { Held } from './held.ts'
import { DryRunNamespaces } from './namespaces.ts'
import { Plan, type Spot } from './plan.ts'
import { type DryRun, openSocket } from './socket.ts'

/**
 * The same kernel, but nothing is changed through it: requests that only ask are sent, and all others are reported and then
 * answered as if they had been carried out. `connect(dryRun(linux(), show))`.
 *
 * Later steps see what earlier ones would have made: a device, a namespace. What the kernel would choose (an ifindex, the
 * number of a queue) is a number that `HeldRequest.unknowns` explains. What earlier steps would have removed is still
 * there, and whether the kernel would refuse a request is not known.
 */
export const dryRun =
  (provider: KernelProvider, report: (held: Held) => void): KernelProvider =>
  async () =>
    await DryRunDoors.before(await provider(), report)

/** Doors that are not named here are left out: nothing can be changed through what nobody has looked at. */
class DryRunDoors implements KernelDoors {
  readonly namespaces: KernelDoors['namespaces']
  readonly hardware: KernelDoors['hardware']
  readonly packets: KernelDoors['packets']
  readonly bpf: KernelDoors['bpf']
  readonly ethtoolIoctl: KernelDoors['ethtoolIoctl']
  readonly sysctl: KernelDoors['sysctl']
  readonly #run: DryRun
  readonly #ownSpot: Spot

  private constructor(run: DryRun, ownSpot: Spot) {
    this.#run = run
    this.#ownSpot = ownSpot
    const { doors } = run
    const spotOf = (namespace: NamespaceHandle | undefined) => this.#spotOf(namespace)
    this.namespaces = new DryRunNamespaces(run)
    this.hardware = doors.hardware && new DryRunHardware(run, doors.hardware, spotOf)
    this.bpf = doors.bpf && new DryRunBpf(run, doors.bpf, spotOf)
    this.packets = doors.packets && dryRunPackets(run, doors.packets, spotOf)
    this.ethtoolIoctl = doors.ethtoolIoctl && dryRunEthtool(run, doors.ethtoolIoctl, spotOf)
    this.sysctl = doors.sysctl && dryRunSysctl(run, doors.sysctl, spotOf)
  }

  static async before(doors: KernelDoors, report: (held: Held) => void): Promise<KernelDoors> {
    await using own = await doors.namespaces.open('current')
    const families = new FamilyIds()
    const run = { doors, own: new Scope({ doors, families }), families, plan: new Plan(), report }
    return new DryRunDoors(run, { inode: own.inode, name: undefined, planned: false })
  }

  get kind(): string {
    return this.#run.doors.kind
  }

  get release(): string {
    return this.#run.doors.release
  }

  netlink(options: NetlinkSocketOptions): Promise<NetlinkDoor> {
    return openSocket(this.#run, options, this.#spotOf(options.namespace))
  }

  async close(): Promise<void> {
    await this.#run.own.close()
    await this.#run.doors.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #spotOf(namespace: NamespaceHandle | undefined): Spot {
    if (!namespace) return this.#ownSpot
    const { inode, fd } = namespace
    return this.#run.plan.spotOfFd(fd) ?? { inode, name: undefined, planned: false }
  }
}

type SpotOf = (namespace: NamespaceHandle | undefined) => Spot

const dryRunPackets = (run: DryRun, inner: PacketDoor, spotOf: SpotOf): PacketDoor => ({
  capture: (options) => inner.capture(options),
  async transmit(device, frames, namespace) {
    const args = { device, frames: frames.length }
    run.report({ door: 'packets', call: 'transmit', args, namespace: spotOf(namespace).name })
    return frames.length
  },
})

const dryRunSysctl = (run: DryRun, inner: SysctlDoor, spotOf: SpotOf): SysctlDoor => ({
  async read(name, namespace) {
    if (spotOf(namespace).planned) throw refused(`read ${name}`, 'ENOENT', 'the namespace is not made in a dry run')
    return await inner.read(name, namespace)
  },
  async write(name, value, namespace) {
    run.report({ door: 'sysctl', call: 'write', args: { name, value }, namespace: spotOf(namespace).name })
  },
})

const CHANGES: ReadonlyMap<number, string> = new Map([
  [ETHTOOL_SRXCLSRLINS, 'ETHTOOL_SRXCLSRLINS'],
  [ETHTOOL_SRXCLSRLDEL, 'ETHTOOL_SRXCLSRLDEL'],
])
const QUESTIONS: ReadonlySet<number> = new Set([ETHTOOL_GRXCLSRLCNT, ETHTOOL_GRXCLSRULE, ETHTOOL_GRXCLSRLALL])

const dryRunEthtool = (run: DryRun, inner: EthtoolIoctlDoor, spotOf: SpotOf): EthtoolIoctlDoor => ({
  async ethtool(device, command, namespace) {
    const number = new DataView(command.buffer, command.byteOffset).getUint32(RXNFC.cmd, true)
    const spot = spotOf(namespace)
    if (QUESTIONS.has(number)) {
      if (spot.planned) throw refused(`ethtool ${device}`, 'ENODEV')
      return await inner.ethtool(device, command, namespace)
    }
    const call = CHANGES.get(number) ?? `command ${number}`
    run.report({ door: 'ethtool', call, args: { device }, namespace: spot.name, bytes: command })
    return command
  },
})
