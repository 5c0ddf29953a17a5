import type { Capture, KernelDoors } from '@netkit/netlink'
import { Bpf } from './bpf/bpf.ts'
import { Devices } from './devices/devices.ts'
import { Ethtool } from './ethtool/ethtool.ts'
import { type EventOptions, listen } from './events/listen.ts'
import type { EventStream } from './events/stream.ts'
import { Faults } from './faults.ts'
import { Features } from './features/features.ts'
import { Addresses } from './ip/addresses.ts'
import { Neighbours } from './ip/neighbours.ts'
import { Ping, type PingOptions } from './ip/ping.ts'
import { Routes } from './ip/routes.ts'
import { Rules } from './ip/rules.ts'
import { Sysctl } from './ip/sysctl.ts'
import { Tcp } from './ip/tcp.ts'
import { openUdp, type UdpOptions, type UdpSocket } from './ip/udp.ts'
import { Leases } from './leases/leases.ts'
import { Namespaces } from './namespaces/namespaces.ts'
import { Napis } from './netdev/napis.ts'
import { PagePools } from './netdev/page-pools.ts'
import { Queues } from './netdev/queues.ts'
import { Stats } from './netdev/stats.ts'
import { Xdp } from './netdev/xdp.ts'
import { Nics } from './nics.ts'
import { capture, type PacketCaptureOptions, transmit } from './packets.ts'
import type { NamespaceTarget } from './places/namespace.ts'
import { Places } from './places/places.ts'
import type { Scope, ScopeContext } from './places/scope.ts'
import { Removal } from './removal/removal.ts'
import { State } from './state/state.ts'
import { Xsk } from './xsk/xsk.ts'
import { Zcrx } from './zcrx/zcrx.ts'

/**
 * A connection to a kernel, embedded or the machine's own; all calls are the same. Close it when done, or let
 * `await using` do that.
 */
export class Kernel implements AsyncDisposable {
  /** Pairs, single devices and all others: add, look, change, move, remove. */
  readonly devices: Devices
  readonly namespaces: Namespaces
  /** IP addresses of devices. */
  readonly addresses: Addresses
  /** Neighbours on links: ARP and NDP. */
  readonly neighbours: Neighbours
  /** IP routes. */
  readonly routes: Routes
  /** Policy rules, which say which table of routes is asked. */
  readonly rules: Rules
  /** eBPF programs, maps and links. */
  readonly bpf: Bpf
  /** Receive and transmit queues, with their leases and memory. */
  readonly queues: Queues
  /** Receive queues of physical devices that are bound to virtual ones. */
  readonly leases: Leases
  /** What polls queues. */
  readonly napis: Napis
  readonly pagePools: PagePools
  /** Counters by device and by queue. */
  readonly stats: Stats
  readonly xdp: Xdp
  /** AF_XDP sockets. */
  readonly xsk: Xsk
  /** Channels, rings, RSS, offloads, steering rules. */
  readonly ethtool: Ethtool
  /** What goes along when something is removed. */
  readonly removal: Removal
  /** Hardware that can be plugged in, where there is such. */
  readonly nics: Nics
  /** What is to go wrong, for tests. */
  readonly faults: Faults
  /** What the kernel can do. */
  readonly features: Features
  /** Devices, namespaces and leases as a document declares them. */
  readonly state: State
  /** Connections of TCP. */
  readonly tcp: Tcp
  /** Settings of namespaces: whether they forward, and the like. */
  readonly sysctl: Sysctl
  /** Zero-copy receive by io_uring. */
  readonly zcrx: Zcrx
  readonly #places: Places

  /** @internal */
  constructor(context: ScopeContext) {
    const places = new Places(context)
    this.#places = places
    this.devices = new Devices(places)
    this.namespaces = new Namespaces(places)
    this.addresses = new Addresses(places)
    this.neighbours = new Neighbours(places)
    this.routes = new Routes(places)
    this.rules = new Rules(places)
    this.bpf = new Bpf(places, this.devices)
    this.queues = new Queues(places)
    this.leases = new Leases(places, this.devices, this.namespaces)
    this.napis = new Napis(places)
    this.pagePools = new PagePools(places)
    this.stats = new Stats(places)
    this.xdp = new Xdp(places)
    this.xsk = new Xsk(places, this.devices)
    this.sysctl = new Sysctl(places)
    this.tcp = new Tcp(places)
    this.ethtool = new Ethtool(places)
    this.removal = new Removal(places, this.devices)
    this.nics = new Nics(places, this.devices)
    this.faults = new Faults(places)
    this.zcrx = new Zcrx(places, this.devices)
    const { devices, namespaces, ethtool, xdp } = this
    this.features = new Features({ places, devices, namespaces, ethtool, xdp })
    this.state = new State(this)
  }

  /** `embedded` or `linux`. */
  get kind(): string {
    return this.doors.kind
  }

  /** The release that the kernel answers as, e.g. `7.3`. */
  get release(): string {
    return this.doors.release
  }

  /** The doors themselves, for what the SDK does not know. */
  get doors(): KernelDoors {
    return this.#places.context.doors
  }

  /**
   * Listens to what happens: links, namespace ids, netdev, page pools, ethtool. When it resolves, nothing that happens
   * from then on is missed; what is lost because it is not read quickly enough shows as a `lost` event.
   */
  events(options: EventOptions = {}): Promise<EventStream> {
    return listen(this.#places, this.devices, options)
  }

  /** Captures packets on devices: chunks of a pcapng file. KernelError EOPNOTSUPP where the kernel has no door for it. */
  capture(options: PacketCaptureOptions = {}): Promise<Capture> {
    return capture(this.#places, options)
  }

  /**
   * Transmits frames, beginning with their Ethernet headers, on a device; resolves with how many it took. Rejects with
   * KernelError: ENODEV, ENETDOWN, EOPNOTSUPP where the kernel has no door for it.
   */
  transmit(
    device: string,
    frames: readonly Uint8Array[],
    options: { readonly in?: NamespaceTarget } = {},
  ): Promise<number> {
    return transmit(this.#places, device, frames, options.in)
  }

  /** Opens a socket of UDP. KernelError: EOPNOTSUPP where the kernel has no door for it; those of bind and connect. */
  udp(options: UdpOptions = {}): Promise<UdpSocket> {
    return openUdp(this.#places, options)
  }

  /** Sends ICMP echoes to an address, IPv4 or IPv6, while it is iterated: replies, errors, and what nobody answers. */
  ping(address: string, options: PingOptions = {}): Ping {
    return new Ping(this.#places, address, options)
  }

  /**
   * Runs `act` with the netlink sockets of a namespace: requests of any family, in bytes or by their tables. The way to
   * what the other calls do not know.
   */
  withScope<T>(target: NamespaceTarget | undefined, act: (scope: Scope) => Promise<T>): Promise<T> {
    return this.#places.with(target, act)
  }

  /** Closes the connection. Requests that wait for an answer are rejected. */
  async close(): Promise<void> {
    this.xsk.close()
    await this.#places.close()
    await this.doors.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
