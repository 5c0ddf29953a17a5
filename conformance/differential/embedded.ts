import {
  ALL_CAPABILITIES,
  CAP_NET_ADMIN,
  Kernel,
  type NetlinkSocket,
  type NetNamespace,
  NO_CAPABILITIES,
  type Process,
  type SimulatedWorld,
  simulatedWorld,
  without,
} from '@netkit/kernel'
import { AF_INET, AF_INET6, NETLINK_GENERIC, NETLINK_ROUTE } from '@netkit/netlink'
import { FAMILY_NUMBERS, GENERIC_GROUPS, renameTypes } from './generic-ids.ts'
import type { Heard, Outcome, Recorded, Requester, Scenario, Send, Step } from './scenario.ts'

const RTNLGRP_LINK = 1
const RTNLGRP_NSID = 28
const REQUESTER_PID = 4242
const MONITOR_PID = 90_000
const OWNER_UID = 1000
const NOBODY = 65534

interface Place {
  readonly ns: NetNamespace
  readonly fd: number
  readonly owned: boolean
  readonly route: NetlinkSocket
  readonly generic: NetlinkSocket
}

/** What a sequence that is being written must know of a device. */
export interface PlacedDevice {
  readonly ifindex: number
  readonly name: string
  readonly kind: string | undefined
  readonly numRxQueues: number
}

export interface PlacedAddress {
  readonly family: number
  readonly local: readonly number[]
  readonly prefixLength: number
}

const bytesOf = (words: Iterable<number>): number[] =>
  [...words].flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff))

/** An embedded kernel that plays a scenario as the recorder does on a real one. */
export class Player {
  readonly #world: SimulatedWorld
  readonly #kernel: Kernel
  readonly #process: Process
  readonly #monitorProcess: Process
  readonly #childUserNs
  readonly #places = new Map<string, Place>()
  readonly #idOf = new Map<number, number>()
  readonly #numberOf = new Map<number, number>()

  readonly #groups: readonly number[]

  /** `release`: which Linux the kernel answers as. `groups`: what is listened to besides what always is. */
  constructor(release?: string, groups: readonly number[] = [], seed = 7) {
    this.#groups = groups
    this.#world = simulatedWorld(seed)
    this.#kernel = new Kernel({ world: this.#world, release })
    this.#process = this.#kernel.createProcess({ pid: REQUESTER_PID })
    this.#monitorProcess = this.#kernel.createProcess({ pid: MONITOR_PID })
    for (const standard of [0, 1, 2]) this.#process.closeFile(standard) // as the recorder has them
    this.#process.files.set(90, { type: 'other', what: 'file' })
    this.#process.files.set(91, { type: 'other', what: 'mnt' })
    for (const [family, number] of Object.entries(FAMILY_NUMBERS)) {
      const id = this.#kernel.genl.familyId(family)
      if (id === undefined) throw new Error(`there is no family ${family}`)
      this.#idOf.set(number, id)
      this.#numberOf.set(id, number)
    }
    this.#childUserNs = { parent: this.#kernel.initialUserNs, ownerUid: OWNER_UID }
  }

  play(step: Step): Outcome {
    const before: Heard[] = []
    const result = this.#act(step, before)
    this.#kernel.afterRequest()
    return { ...result, notify: [...before, ...this.#heard()] }
  }

  /** The devices that are in a namespace now, in the order in which they came. */
  devices(name: string): readonly PlacedDevice[] {
    return [...this.#place(name).ns.devices.values()].map(({ ifindex, name, driver, numRxQueues }) => ({
      ifindex,
      name,
      kind: driver.kind ?? driver.driverName,
      numRxQueues,
    }))
  }

  /** The addresses of a device, as they are sent. */
  addresses(name: string, ifindex: number): readonly PlacedAddress[] {
    const inet = this.#place(name).ns.devices.get(ifindex)?.inet
    const v4 = inet?.v4Addresses.map((a) => ({
      family: AF_INET,
      local: bytesOf([a.local]),
      prefixLength: a.prefixLength,
    }))
    const v6 = inet?.v6Addresses.map((a) => ({
      family: AF_INET6,
      local: bytesOf(a.local),
      prefixLength: a.prefixLength,
    }))
    return [...(v4 ?? []), ...(v6 ?? [])]
  }

  #act(step: Step, before: Heard[]): Partial<Outcome> {
    switch (step.op) {
      case 'ns-add':
        this.#add(step.ns, step.fd, step.owner === 1)
        return {}
      case 'ns-del':
        before.push(...this.#heard())
        this.#delete(step.ns)
        return {}
      case 'process':
        this.#kernel.createProcess({ pid: step.pid, ns: this.#place(step.ns).ns })
        return {}
      case 'nic-add':
        this.#kernel.nics.plug({ ns: this.#place(step.ns).ns, id: step.nic, queues: step.queues, model: 'netdevsim' })
        return {}
      case 'nic-del':
        this.#kernel.nics.unplug(step.nic)
        return {}
      case 'netlink':
        return this.#send(step)
      case 'pause':
        this.#world.advance(BigInt(step.seconds) * 1_000_000_000n)
        return {}
    }
  }

  #place(name: string): Place {
    const place = this.#places.get(name)
    if (!place) throw new Error(`there is no namespace ${name}`)
    return place
  }

  #add(name: string, fd: number, owned: boolean): void {
    const kernel = this.#kernel
    const ns = kernel.createNamespace(owned ? this.#childUserNs : kernel.initialUserNs)
    this.#process.openNamespace(ns, fd)
    const listen = (protocol: number) =>
      kernel.openSocket({ protocol, ns, process: this.#monitorProcess, receiveBuffer: 1 << 30 })
    const route = listen(NETLINK_ROUTE)
    for (const group of [RTNLGRP_LINK, RTNLGRP_NSID, ...this.#groups]) route.join(group)
    const generic = listen(NETLINK_GENERIC)
    for (const [family, group] of GENERIC_GROUPS) generic.join(kernel.genl.groupId(family, group) ?? 0)
    this.#places.set(name, { ns, fd, owned, route, generic })
  }

  #delete(name: string): void {
    const { ns, fd, route, generic } = this.#place(name)
    this.#places.delete(name)
    route.close()
    generic.close()
    this.#process.closeFile(fd)
    for (const p of [...this.#kernel.processes.values()]) if (p.netns === ns) this.#kernel.endProcess(p)
    this.#kernel.settle()
  }

  #credentials(as: Requester | undefined, owned: boolean) {
    const { root, initialUserNs } = this.#kernel
    if (owned) return { uid: 0, userNs: this.#childUserNs, capabilities: ALL_CAPABILITIES }
    if (as === undefined) return root
    if (as.endsWith('user')) return { uid: NOBODY, userNs: initialUserNs, capabilities: NO_CAPABILITIES }
    return { uid: 0, userNs: initialUserNs, capabilities: without(ALL_CAPABILITIES, CAP_NET_ADMIN) }
  }

  #send({ ns: name, proto, sock, req }: Send): Partial<Outcome> {
    const { ns, owned } = this.#place(name)
    const sender = this.#credentials(sock.as, owned)
    const socket = this.#kernel.openSocket({
      protocol: proto === 'route' ? NETLINK_ROUTE : NETLINK_GENERIC,
      ns,
      process: this.#process,
      opener: sock.as?.startsWith('send-') ? this.#kernel.root : sender,
      portId: sock.portid,
      extAck: sock.ext_ack === 1,
      capAck: sock.cap_ack === 1,
      strict: sock.strict === 1,
    })
    const datagram = new Uint8Array(Buffer.from(req, 'hex'))
    socket.send(proto === 'generic' ? renameTypes(datagram, this.#idOf) : datagram, sender)
    const replies = this.#received(socket)
    socket.close()
    return { replies }
  }

  #heard(): Heard[] {
    const names = [...this.#places.keys()].sort()
    return names.flatMap((name) => {
      const place = this.#place(name)
      return (['generic', 'route'] as const).flatMap((proto) =>
        this.#received(place[proto]).map((hex): Heard => [name, proto, hex]),
      )
    })
  }

  #received(socket: NetlinkSocket): string[] {
    return received(socket, socket.protocol === NETLINK_GENERIC ? this.#numberOf : undefined)
  }
}

/** All messages that wait in a socket. */
function received(socket: NetlinkSocket, names: ReadonlyMap<number, number> | undefined): string[] {
  const found: string[] = []
  for (let item = socket.receive(); item; item = socket.receive()) {
    const bytes = names ? renameTypes(item.bytes, names) : item.bytes
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at + 16 <= bytes.length; ) {
      const length = view.getUint32(at, true)
      found.push(Buffer.from(bytes.subarray(at, at + length)).toString('hex'))
      at += (length + 3) & ~3
    }
  }
  return found
}

/** The release in the version of a real kernel: `6.12` in `6.12.107+deb13-amd64`. */
export const releaseOf = (version: string): string => version.split('.', 2).join('.')

/** Plays a scenario on a fresh embedded kernel that answers as a release. Default: the newest. */
export function playEmbedded(scenario: Scenario, release?: string): Recorded {
  const player = new Player(release, scenario.groups)
  const steps: Outcome[] = []
  for (const step of scenario.steps) {
    try {
      steps.push(player.play(step))
    } catch (e) {
      steps.push({ notify: [], error: e instanceof Error ? (e.stack ?? e.message) : String(e) })
    }
  }
  return { name: scenario.name, kernel: 'embedded', steps }
}
