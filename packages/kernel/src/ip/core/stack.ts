import type { Device } from '../../net/device.ts'
import type { Resolver } from '../../net/neigh/resolver.ts'
import type { PacketPath } from '../../net/path.ts'
import { DROP } from '../../packet/drop-reason.ts'
import type { Packets } from '../../packet/packets.ts'
import { isV4 } from './address.ts'
import type { StackClock } from './clock.ts'
import { Flow, type Routing } from './flow.ts'
import type { LateAnswers } from './late-answers.ts'
import { Outgoing } from './outgoing.ts'
import { PathMtus } from './path-mtu.ts'
import { RateLimits } from './rate-limit.ts'

/** Takes whole packets of one IP protocol that are for this host. */
export interface Transport {
  /**
   * The packet's data begins with its IP header; PKT_TRANSPORT says where the transport header is. `stack.flow` has its
   * addresses. It is the transport's from now on.
   */
  receive(stack: IpStack, dev: Device, handle: number): void
  /**
   * An ICMP error came about a packet of ours. `handle`: the ICMP packet, which stays the caller's; `inner`: offset in packet
   * memory of the IP header that it quotes, `transport` of the transport header behind it: at least 8 bytes are there.
   */
  error?(stack: IpStack, dev: Device, about: IcmpError): void
}

/** Packets in pieces. */
export interface Fragments {
  /** Takes a fragment that begins with its IP header. The whole packet if nothing is missing any more, else -1. */
  add(dev: Device, handle: number): number
  /** A device goes: what waits because of it is given up. */
  forget(dev: Device): void
  /** Packets that are incomplete. */
  readonly waiting: number
}

export interface Fragments6 extends Fragments {
  /**
   * What is wrong with a packet whose transport offset is that of its fragment header: 0 nothing, above 0 the offset of the field
   * at fault, below 0 a first fragment that is too short.
   */
  faultOf(handle: number): number
  /** Code of "parameter problem" for the last. */
  readonly incompleteCode: number
}

/** What an ICMP error says. Reused. */
export class IcmpError {
  handle = 0
  v6 = false
  type = 0
  code = 0
  /** MTU of "too big", pointer of "parameter problem". */
  info = 0
  /** Offsets in packet memory. */
  inner = 0
  transport = 0
  /** Errno for a socket, and whether it means the end of the conversation. */
  errno = 0
  hard = false
}

/** The IP stack of one kernel: what its parts share. Namespaces have their own addresses, routes, settings and sockets. */
export class IpStack {
  readonly path: PacketPath
  readonly clock: StackClock
  readonly routing: Routing
  readonly outgoing: Outgoing
  /** By IP protocol. What is not there is answered by an ICMP error. */
  readonly transports4: (Transport | undefined)[] = new Array(256).fill(undefined)
  readonly transports6: (Transport | undefined)[] = new Array(256).fill(undefined)
  /** Of the packet that is received, and of one that is sent. */
  readonly flow = new Flow()
  readonly sending = new Flow()
  readonly icmpError = new IcmpError()
  /** These are set right after the stack is made. The first is told that somebody on the link has an address that a device
   *  was about to take. */
  duplicate!: (dev: Device, address: Int32Array) => void
  neighbours4!: Resolver
  neighbours6!: Resolver
  /** Of ARP and of NDP. */
  lateArp!: LateAnswers
  lateNdp!: LateAnswers
  reassembly4!: Fragments
  reassembly6!: Fragments6
  readonly #epoch: number
  #limits: RateLimits | undefined
  #mtus: PathMtus | undefined
  /** Random: seeds what others shall not guess. */
  readonly secret: number
  #id: number
  #sockets = 0

  /** `epoch`: milliseconds since 1970 of the clock's 0. */
  constructor(path: PacketPath, clock: StackClock, routing: Routing, epoch: number) {
    this.path = path
    this.clock = clock
    this.routing = routing
    this.outgoing = new Outgoing(path)
    this.#epoch = epoch
    this.secret = clock.random()
    this.#id = clock.random() & 0xffff
  }

  /** Made when they are needed first: most kernels never send an error. */
  get limits(): RateLimits {
    this.#limits ??= new RateLimits(this.clock)
    return this.#limits
  }

  get mtus(): PathMtus {
    this.#mtus ??= new PathMtus(this.clock)
    return this.#mtus
  }

  get packets(): Packets {
    return this.path.packets
  }

  /** Milliseconds since 1970. */
  timeOfDay(): number {
    return this.#epoch + this.clock.look()
  }

  /** Identification of the next packet that may be fragmented. */
  nextId(): number {
    this.#id = (this.#id + 1) & 0xffff
    return this.#id
  }

  /** Number of the next socket: by it packets know who sent them. */
  nextSocket(): number {
    return ++this.#sockets
  }

  /** Sends what was queued. */
  flush(): void {
    this.outgoing.flush()
  }

  /**
   * Hands a packet, beginning with its network header, to a neighbour: the next hop `words[at ..]` on `dev`, which may be of
   * the other family. The packet is gone afterwards. What is sent leaves with {@link flush}.
   */
  neighbourOutput(dev: Device, words: Int32Array, at: number, v6: boolean, handle: number): void {
    const table = isV4(words, at) ? this.neighbours4 : this.neighbours6
    const n = table.get(dev, words, at)
    if (n === undefined) this.path.drop(dev, handle, DROP.NEIGH_QUEUEFULL)
    else if (n.connected) {
      n.used = this.clock.now
      this.outgoing.frame(dev, n.address, v6, handle)
    } else if (table.use(n, handle)) this.outgoing.frame(dev, n.address, v6, handle)
  }
}
