import { AF_INET, AF_INET6, RT_SCOPE_LINK } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { NeighbourProtocol } from '../net/neigh/resolver.ts'
import type { Neighbours } from '../net/neighbours.ts'
import type { PacketPath } from '../net/path.ts'
import type { ProtocolHandlers } from '../net/protocol-handlers.ts'
import type { World } from '../world.ts'
import { isV4, setV4 } from './core/address.ts'
import { StackClock } from './core/clock.ts'
import * as h from './core/headers.ts'
import { IpStack } from './core/stack.ts'
import { Reassembly4 } from './fragments/v4.ts'
import { Reassembly6 } from './fragments/v6.ts'
import { inputArp } from './neigh/arp.ts'
import { inputNdp } from './neigh/ndp.ts'
import { sendSolicitation } from './neigh/ndp-message.ts'
import { makeResolvers } from './neigh/protocols.ts'
import { redirectToNeighbour } from './neigh/redirect.ts'
import { Groups } from './routing/groups.ts'
import { StackRouting } from './routing/routing.ts'
import { sourceFor4 } from './routing/source4.ts'
import { sourceFor6 } from './routing/source6.ts'
import { Tcp } from './tcp/tcp.ts'
import { ping } from './transport/ping.ts'
import { Sockets } from './transport/sockets.ts'
import { udp } from './transport/udp.ts'
import { icmp4 } from './v4/icmp-input.ts'
import { sendError4 } from './v4/icmp-send.ts'
import { input4 } from './v4/input.ts'
import { icmp6 } from './v6/icmp-input.ts'
import { sendError6 } from './v6/icmp-send.ts'
import { input6 } from './v6/input.ts'

export interface IpOptions {
  readonly path: PacketPath
  readonly world: World
  /** Nanoseconds since 1970 of the world's moment 0. */
  readonly epoch: bigint
  /** Who hears that somebody on the link has an address that a device was about to take. */
  duplicate(dev: Device, address: Int32Array): void
  /** Who hears of neighbours that change. */
  tell: NeighbourProtocol['tell']
}

/** IPv4, IPv6, ARP, NDP, ICMP, UDP, TCP and their sockets, for all namespaces of a kernel. */
export class Ip implements ProtocolHandlers, Neighbours {
  readonly stack: IpStack
  readonly sockets: Sockets
  readonly tcp: Tcp
  readonly groups = new Groups()

  constructor({ path, world, epoch, tell, duplicate }: IpOptions) {
    const clock = new StackClock(world)
    const stack = new IpStack(path, clock, new StackRouting(this.groups, clock), Number(epoch / 1_000_000n))
    this.stack = stack
    this.sockets = new Sockets(stack)
    this.tcp = new Tcp(stack)
    stack.duplicate = duplicate
    makeResolvers(stack, tell)
    this.groups.proxies = stack.neighbours6.proxies
    stack.reassembly4 = new Reassembly4(path, stack.clock, (dev, first) => {
      sendError4(stack, dev.ns, first, h.ICMP_TIME_EXCEEDED, h.ICMP_EXC_FRAGTIME, 0, true)
      stack.flush()
    })
    stack.reassembly6 = new Reassembly6(path, stack.clock, (dev, first) => {
      sendError6(stack, dev, first, h.ICMP6_TIME_EXCEED, h.ICMP_EXC_FRAGTIME, 0, true)
      stack.flush()
    })
    const datagrams = udp(this.sockets.udp)
    stack.transports4[h.PROTO_UDP] = datagrams
    stack.transports6[h.PROTO_UDP] = datagrams
    stack.transports4[h.PROTO_TCP] = this.tcp
    stack.transports6[h.PROTO_TCP] = this.tcp
    const echoes4 = ping(this.sockets.ping4)
    const echoes6 = ping(this.sockets.ping6)
    stack.transports4[h.PROTO_ICMP] = { ...icmp4(echoes4), error: echoes4.error }
    stack.transports6[h.PROTO_ICMP6] = { ...icmp6(echoes6, inputNdp), error: echoes6.error }
  }

  begin(): void {
    this.stack.clock.expire()
  }

  ip(dev: Device, handle: number): void {
    input4(this.stack, dev, handle)
  }

  ipv6(dev: Device, handle: number): void {
    input6(this.stack, dev, handle)
  }

  arp(dev: Device, handle: number): void {
    inputArp(this.stack, dev, handle)
  }

  done(): void {
    this.tcp.flush()
  }

  /**
   * redirect_neigh: sends a packet that begins with its network header to a next hop on `dev`, or on the way that routes say
   * leads out of it. 0 or a negative errno; the packet is gone either way. Source: spec 02 §1.8.
   */
  output(dev: Device, handle: number, family: number, nextHop: Uint8Array | undefined): number {
    return redirectToNeighbour(this.stack, dev, handle, nextHop, family)
  }

  hardwareAddress(dev: Device, address: Int32Array): Uint8Array | undefined {
    const { map } = isV4(address, 0) ? this.stack.neighbours4 : this.stack.neighbours6
    const neighbour = map.find(dev, address)
    return neighbour?.valid ? neighbour.address : undefined
  }

  source(dev: Device, address: Int32Array, to: Int32Array): boolean {
    if (!isV4(address, 0)) {
      const best = sourceFor6(dev.ns, dev, address, 0)
      if (best) to.set(best.local)
      else to.fill(0)
      return best !== undefined
    }
    setV4(to, 0, sourceFor4(dev, address[3], RT_SCOPE_LINK))
    return to[3] !== 0
  }

  /** Asks the link whether anybody has an address. */
  probe(dev: Device, address: Int32Array): void {
    sendSolicitation(this.stack, dev, address)
    this.stack.flush()
  }

  /** A device goes down or away: the rest of what it began to receive will not come. `family`: only that one is not there any more. */
  forget(dev: Device, family?: number): void {
    if (family !== AF_INET6) this.stack.reassembly4.forget(dev)
    if (family !== AF_INET) this.stack.reassembly6.forget(dev)
  }

  /** A device has another address: nothing that was known of its links counts any more. */
  readdressed(dev: Device): void {
    this.stack.neighbours4.flush(dev, true)
    this.stack.neighbours6.flush(dev, true)
    this.forget(dev)
  }

  /** A namespace is gone. */
  leave(ns: NetNamespace): void {
    this.stack.neighbours4.proxies.leave(ns)
    this.stack.neighbours6.proxies.leave(ns)
  }

  /** The carrier is gone: only what an administrator said still counts. */
  carrierLost(dev: Device): void {
    for (const table of [this.stack.neighbours4, this.stack.neighbours6]) {
      table.flush(dev, false)
      table.proxies.forget(dev, false)
    }
  }
}
