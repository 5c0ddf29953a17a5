import { AF_INET, AF_INET6, type ExtensionName, errno, NETLINK_ROUTE, type OpenTap } from '@netkit/netlink'
import { ALL_CAPABILITIES, CAP_NET_BROADCAST, CAP_SYS_ADMIN } from './access/capability.ts'
import { type Credentials, capableIn } from './access/credentials.ts'
import type { UserNamespace } from './access/user-namespace.ts'
import { BpfObjects } from './bpf/objects/objects.ts'
import { ProgramMemory } from './bpf/run/memory.ts'
import { Datapath } from './datapath/path.ts'
import { makeLoopback } from './drivers/loopback/loopback.ts'
import { NicBus } from './drivers/nic/bus.ts'
import { DriverRegistry } from './drivers/registry.ts'
import type { KernelFiles } from './files.ts'
import { tellFeatures } from './genl/ethtool/features.ts'
import { GenlRegistry } from './genl/registry.ts'
import { withPackets } from './ip/hooks.ts'
import { Ip } from './ip/ip.ts'
import { programSockets } from './ip/program-sockets.ts'
import type { Announcer } from './net/announcer.ts'
import type { Core } from './net/core.ts'
import { DevmemTable } from './net/devmem-table.ts'
import { makeIpHooks } from './net/ip/hooks.ts'
import { makeNamespaceIp } from './net/ip/tables.ts'
import { failDad } from './net/ip/v6-addresses.ts'
import type { IpHooks } from './net/ip-hooks.ts'
import { LinkWatch } from './net/linkwatch.ts'
import type { Listener } from './net/listener.ts'
import { groupKey } from './net/multicast.ts'
import { NamespaceNames } from './net/named.ts'
import { NetNamespace } from './net/namespace.ts'
import { takeDownNamespace } from './net/namespace-exit.ts'
import { NapiTable } from './net/napi.ts'
import type { NeighbourTable } from './net/neighbour-table.ts'
import { NetlinkFaults } from './net/netlink-faults.ts'
import { PagePoolTable } from './net/page-pool-table.ts'
import { Process } from './net/process.ts'
import type { Request } from './net/request.ts'
import { NetlinkSocket, type SocketOptions } from './netlink/socket.ts'
import { ApplicationMemory } from './packet/application-memory.ts'
import type { PacketsOptions } from './packet/packets.ts'
import { sameWords } from './prefix/words.ts'
import { readExtensions } from './release/extensions.ts'
import { Release } from './release/release.ts'
import { routeAnnouncer } from './rtnl/announce.ts'
import { handleRoute } from './rtnl/dispatch.ts'
import { systemWorld, type World } from './world.ts'
import { XskSockets } from './xsk/sockets.ts'

/** Highest multicast group of rtnetlink (RTNLGRP_MAX). */
const RTNLGRP_MAX = 39
const FIRST_INODE = 0xf000_0000
const FIRST_PID = 1000

export interface KernelOptions {
  readonly world?: World
  /**
   * Release of Linux that the kernel answers as: what came later is not there, and is refused as that release does. One of
   * `RELEASES`, else RangeError. Default: the newest, `7.3`.
   */
  readonly release?: string
  /** What it is to do beyond Linux, of `EXTENSIONS`, else RangeError. Default: nothing. */
  readonly extensions?: readonly string[]
  /** Files that wires can be connected to. Default: none. */
  readonly files?: KernelFiles
  /** Opens TAP interfaces that wires can lead to: `openTap` of the package `@netkit/linux`. Default: there are none. */
  readonly openTap?: OpenTap
  /** Nanoseconds since 1970 of the world's moment 0, for the times in captures. Default: 0 with a world that is
   *  given, else the time of day. */
  readonly epoch?: bigint
  /** Bounds of packet memory. */
  readonly packets?: PacketsOptions
}

/** An embedded kernel. Nothing in it is global: several live side by side. */
export class Kernel implements Core {
  readonly world: World
  readonly release: Release
  readonly extensions: ReadonlySet<ExtensionName>
  readonly files: KernelFiles | undefined
  readonly openTap: OpenTap | undefined
  readonly epoch: bigint
  readonly initialUserNs: UserNamespace = { ownerUid: 0 }
  readonly namespaces = new Set<NetNamespace>()
  readonly processes = new Map<number, Process>()
  readonly drivers = new DriverRegistry()
  readonly names = new NamespaceNames()
  readonly genl: GenlRegistry
  readonly linkWatch: LinkWatch
  readonly path: Datapath
  readonly announce: Announcer
  readonly ip: IpHooks
  /** What becomes of packets of IP. */
  readonly stack: Ip
  readonly napis = new NapiTable()
  readonly pagePools = new PagePoolTable(this)
  readonly devmem = new DevmemTable(this)
  readonly nics = new NicBus(this)
  readonly faults = new NetlinkFaults()
  readonly bpf: BpfObjects
  /** What applications have mapped of packet memory. */
  readonly applicationMemory = new ApplicationMemory(() => this.path.packets.memory)
  readonly xsk = new XskSockets(this)
  /** Where devices go whose namespace is deleted, and where clients live that ask for nothing else. */
  readonly initialNs: NetNamespace
  /** Grows whenever anything that a client could see later is changed. */
  changes = 0
  readonly #everywhere = new Map<number, Set<Listener>>()
  readonly #gone: NetNamespace[] = []
  #inodes = FIRST_INODE
  #pids = FIRST_PID
  /** Calls made after each request, when its effects are complete. */
  readonly onSettled = new Set<() => void>()

  constructor(options: KernelOptions = {}) {
    this.world = options.world ?? systemWorld()
    this.release = new Release(options.release)
    this.extensions = readExtensions(options.extensions ?? [])
    this.files = options.files
    this.openTap = options.openTap
    this.epoch = options.epoch ?? (options.world ? 0n : BigInt(Date.now()) * 1_000_000n)
    this.linkWatch = new LinkWatch(this)
    this.ip = withPackets(makeIpHooks(this), () => this.stack)
    this.path = new Datapath(this.world, this.release, options.packets)
    this.bpf = new BpfObjects(
      new ProgramMemory(() => this.path.packets.memory),
      this.path.contexts,
      this.path.redirects,
      this.path.xdp,
      this.world,
      this.epoch,
    )
    this.genl = new GenlRegistry(this)
    this.announce = {
      ...routeAnnouncer(this),
      netdev: (dev, event) => this.genl.netdevEvent(dev, event),
      features: (dev) => tellFeatures(this.genl.ethtool, dev, this.release),
      pagePool: (pool, event) => this.genl.pagePoolEvent(pool, event),
    }
    this.stack = new Ip({
      path: this.path,
      world: this.world,
      epoch: this.epoch,
      tell: (n, event, req) => this.announce.neighbour(n, event, req),
      duplicate: (dev, address) => {
        const tentative = dev.inet?.v6Addresses.find((a) => sameWords(a.local, address))
        if (tentative) failDad(this, dev, tentative)
      },
    })
    this.path.protocols = this.stack
    this.path.neighbours = this.stack
    this.bpf.runtime.sockets = programSockets(this.stack.sockets, this.stack.tcp)
    this.initialNs = this.createNamespace()
    this.initialNs.hold()
  }

  /** Root of the initial user namespace, who may do everything. */
  get root(): Credentials {
    return { uid: 0, userNs: this.initialUserNs, capabilities: ALL_CAPABILITIES }
  }

  neighbours(v6: boolean): NeighbourTable {
    return v6 ? this.stack.stack.neighbours6 : this.stack.stack.neighbours4
  }

  /** A new network namespace with a `lo`. It lives as long as someone holds it. */
  createNamespace(userNs: UserNamespace = this.initialUserNs): NetNamespace {
    const ns = this.addNamespace(this.#inodes++, userNs)
    makeLoopback(this, ns)
    this.changes++
    return ns
  }

  /** A namespace with nothing in it, not even a `lo`, under a number that was given out before. */
  addNamespace(inode: number, userNs: UserNamespace): NetNamespace {
    if (inode >= this.#inodes) this.#inodes = inode + 1
    const ns = new NetNamespace(inode, userNs, makeNamespaceIp(AF_INET, AF_INET6), (last) => this.#gone.push(last))
    this.namespaces.add(ns)
    return ns
  }

  /** The number that the next namespace gets; no number is given out twice. */
  get nextInode(): number {
    return this.#inodes
  }

  set nextInode(inode: number) {
    this.#inodes = inode
  }

  /** A new client. `pid`: default the next free one. */
  createProcess(options: { pid?: number; credentials?: Credentials; ns?: NetNamespace } = {}): Process {
    let pid = options.pid ?? this.#pids++
    while (options.pid === undefined && this.processes.has(pid)) pid = this.#pids++
    const process = new Process(pid, options.credentials ?? this.root, options.ns ?? this.initialNs)
    this.processes.set(pid, process)
    this.world.keepsRunning?.(true)
    return process
  }

  /** A client goes. Without any, what the kernel has yet to do holds up nobody. */
  endProcess(process: Process): void {
    this.processes.delete(process.pid)
    process.exit()
    this.settle()
    if (this.processes.size === 0) this.world.keepsRunning?.(false)
  }

  /** Whether someone may make and remove namespaces. */
  mayAdminister(who: Credentials): boolean {
    return capableIn(who, who.userNs, CAP_SYS_ADMIN)
  }

  /** Whether someone may hear the notifications of all namespaces that `ns` has an id for. */
  mayListenToAll(who: Credentials, ns: NetNamespace): boolean {
    return capableIn(who, ns.userNs, CAP_NET_BROADCAST)
  }

  openSocket(options: SocketOptions): NetlinkSocket {
    return new NetlinkSocket(this, options)
  }

  /** After each request: what was put off until now happens, in order. */
  afterRequest(): void {
    this.linkWatch.run()
    if (this.#gone.length > 0) this.settle()
    this.ip.run()
    for (const call of this.onSettled) call()
  }

  /** Takes down namespaces that nobody holds any more. */
  settle(): void {
    for (let ns = this.#gone.shift(); ns; ns = this.#gone.shift()) {
      if (ns.holds > 0 || !ns.alive) continue
      this.stack.sockets.closeAll(ns)
      this.stack.tcp.closeAll(ns, errno.ENETDOWN)
      takeDownNamespace(this, ns, () => this.nics.leave(ns))
      this.stack.leave(ns)
      this.namespaces.delete(ns)
      this.changes++
    }
    this.linkWatch.run()
  }

  afterSocketClosed(socket: Listener): void {
    this.genl.socketClosed(socket)
    this.settle()
  }

  hasGroup(protocol: number, group: number): boolean {
    return protocol === NETLINK_ROUTE ? group >= 1 && group <= RTNLGRP_MAX : this.genl.hasGroup(group)
  }

  addListener(socket: Listener & { readonly listenAllNsid: boolean }, key: number): void {
    if (!socket.listenAllNsid) return
    const set = this.#everywhere.get(key)
    if (set) set.add(socket)
    else this.#everywhere.set(key, new Set([socket]))
  }

  dropListener(socket: Listener, key: number): void {
    this.#everywhere.get(key)?.delete(socket)
  }

  /** Makes a socket hear all namespaces that have an id in its own, or stops that. */
  setListenAllNsid(socket: NetlinkSocket, on: boolean): void {
    socket.listenAllNsid = on
    for (const group of socket.groups) {
      const key = groupKey(socket.protocol, group)
      if (on) this.addListener(socket, key)
      else this.dropListener(socket, key)
    }
  }

  hearsAll(key: number): boolean {
    return (this.#everywhere.get(key)?.size ?? 0) > 0
  }

  listenersEverywhere(key: number): Iterable<Listener> {
    return this.#everywhere.get(key) ?? NOBODY
  }

  handle(req: Request, protocol: number): number {
    this.ip.run()
    return protocol === NETLINK_ROUTE ? handleRoute(req) : this.genl.handle(req)
  }
}

const NOBODY: readonly Listener[] = []
