import {
  AF_INET,
  AF_INET6,
  IFA_F_NODAD,
  IFA_F_PERMANENT,
  IFA_F_TENTATIVE,
  IFF_UP,
  ipBytes,
  type LinkAttrs,
  NLM_F_ACK,
  NLM_F_CREATE,
  RT_LINK,
  RT_TABLE_MAIN,
  RTN_UNICAST,
  RTPROT_STATIC,
} from '@netkit/netlink'
import { setV4 } from '../ip/core/address.ts'
import type { Device } from '../net/device.ts'
import { setFrameHeaders } from '../net/ethernet.ts'
import { insertV4 } from '../net/ip/v4-addresses.ts'
import { addV4Route } from '../net/ip/v4-routes.ts'
import { insertV6 } from '../net/ip/v6-addresses.ts'
import { addV6Route } from '../net/ip/v6-routes.ts'
import { FOREVER } from '../net/ip-address.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import { readWords, type Words } from '../prefix/words.ts'
import { Bench, linkRequest, must } from './bench.ts'

/** An address in text as words of the routing tables: one or four. */
export const wordsOf = (text: string): Words => {
  const bytes = ipBytes(text)
  if (!bytes) throw new Error(`'${text}' is no address`)
  return readWords(bytes, 0, bytes.length / 4)
}

/** An address in text as the packet side has it: always four words. */
export const mapped = (text: string): Int32Array => {
  const words = wordsOf(text)
  if (words.length === 4) return words
  const four = new Int32Array(4)
  setV4(four, 0, words[0])
  return four
}

/** Namespaces joined by pairs, for tests of packets. Nothing happens by chance. */
export class Network extends Bench {
  /** A pair of devices named `nameA` and `nameB`, up. `kind`: veth, or netkit in its mode. */
  pair(
    a: NetNamespace,
    b: NetNamespace,
    {
      nameA = 'eth0',
      nameB = 'eth0',
      kind = 'netkit-l3',
      mtu,
    }: { nameA?: string; nameB?: string; kind?: string; mtu?: number } = {},
  ): [Device, Device] {
    const to = this.root.openNamespace(b)
    const peer: LinkAttrs & { header: object } = {
      header: {},
      ifname: nameB,
      netNsFd: to,
      ...(mtu && { mtu }),
    } as never
    const linkinfo =
      kind === 'veth'
        ? { kind: 'veth', data: { peer } }
        : { kind: 'netkit', data: { mode: kind === 'netkit-l2' ? 'l2' : 'l3', peerInfo: peer } }
    const attrs = { ifname: nameA, linkinfo, ...(mtu && { mtu }) } as unknown as LinkAttrs
    must(this.route(a), linkRequest(RT_LINK.newlink, attrs, {}, NLM_F_ACK | NLM_F_CREATE))
    this.root.closeFile(to)
    const ends = [a.names.get(nameA) as Device, b.names.get(nameB) as Device] as [Device, Device]
    for (const dev of ends) this.up(dev)
    return ends
  }

  up(dev: Device): void {
    must(this.route(dev.ns), linkRequest(RT_LINK.newlink, {}, { ifindex: dev.ifindex, flags: IFF_UP, change: IFF_UP }))
  }

  /** Gives a device an address: `10.0.0.1/24`, at once, or when nobody else was found to have it. */
  address(dev: Device, text: string, { probe = false } = {}): void {
    const [address, length] = text.split('/')
    const words = wordsOf(address)
    const common = {
      prefixLength: Number(length),
      flags: IFA_F_PERMANENT | (words.length === 1 ? 0 : probe ? IFA_F_TENTATIVE : IFA_F_NODAD),
      scope: 0,
      metric: 0,
      proto: 0,
      valid: FOREVER,
      preferred: FOREVER,
      created: 0,
      updated: 0,
    }
    if (words.length === 4)
      insertV6(this.kernel, dev, { ...common, local: words, peer: undefined, dadAt: 0, dadProbes: 0 })
    else {
      insertV4(this.kernel, dev, { ...common, local: words[0], address: words[0], broadcast: 0, label: dev.name })
    }
    this.kernel.afterRequest()
  }

  /** A route through a gateway, or out of a device. */
  way(
    ns: NetNamespace,
    to: string,
    { via, dev, type = RTN_UNICAST, mtu }: { via?: string; dev?: Device; type?: number; mtu?: number },
  ): void {
    const [address, length] = to.split('/')
    const dst = wordsOf(address)
    const metrics = mtu === undefined ? undefined : new Int32Array(18)
    if (metrics) metrics[2] = mtu as number
    const wish = {
      family: dst.length === 4 ? AF_INET6 : AF_INET,
      table: RT_TABLE_MAIN,
      dst,
      dstLength: Number(length),
      tos: 0,
      type,
      scope: via || dst.length === 4 ? 0 : 253,
      protocol: RTPROT_STATIC,
      priority: dst.length === 4 ? 1024 : 0,
      flags: 0,
      details: () => ({ metrics, congestion: undefined, several: undefined }),
      only: { oif: dev?.ifindex ?? 0, gateway: via === undefined ? undefined : wordsOf(via), weight: 1, flags: 0 },
      nlFlags: NLM_F_CREATE,
    }
    const result = dst.length === 4 ? addV6Route(this.kernel, ns, wish) : addV4Route(this.kernel, ns, wish)
    if (result !== 0) throw new Error(`route ${to}: ${result}`)
  }

  /** Packets and buffers that exist now. */
  get inUse(): number {
    const { packets } = this.kernel.path
    return packets.table.inUse + packets.buffers.inUse
  }

  /** Delivers frames to a device as if they had come by its link. */
  receive(dev: Device, ...frames: readonly Uint8Array[]): void {
    const { path } = this.kernel
    for (const frame of frames) {
      const batch = new PacketBatch(1)
      const handle = path.packets.allocFromArray(frame, COPY.userIn)
      setFrameHeaders(path.packets, handle)
      batch.push(handle)
      const peer = [...this.kernel.namespaces]
        .flatMap((ns) => ns.sorted())
        .find((one) => one !== dev && one.linkNs === dev.ns && one.iflink === dev.ifindex)
      if (!peer) throw new Error(`${dev.name} has no peer`)
      path.transmit(peer, batch)
    }
  }
}
