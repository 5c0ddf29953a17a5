import { ATTACH_TYPE, BPF_COMMANDS, PROG_TYPE } from '@netkit/bpf'
import { type LinkAttrs, type NetkitData, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, RT_LINK } from '@netkit/netlink'
import { CaptureSession, type CaptureSessionOptions } from '../capture/session.ts'
import { connectWire } from '../drivers/nic/port.ts'
import type { Device } from '../net/device.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { PacketBatch } from '../packet/batch.ts'
import { FunctionSink, InjectSource } from '../wire/function-wire.ts'
import { parseCapture } from '../wire/pcap/read.ts'
import { SplitWire } from '../wire/split-wire.ts'
import { linkRequest, must } from './bench.ts'
import { BpfClient } from './bpf-client.ts'

const CREATE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
const IFF_UP = 1

/** What was seen of packets at devices: `device in|out: comments`, in order. */
export interface Sight {
  readonly device: string
  readonly direction: string
  readonly data: Uint8Array
  readonly comments: readonly string[]
}

/** Devices in namespaces, programs on them, and packets through them. */
export class TrafficLab extends BpfClient {
  readonly #client = this.kernel.createProcess()
  readonly namespaces = new Map<string, NetNamespace>([['', this.kernel.initialNs]])
  readonly devices = new Map<string, Device>()
  #seen: CaptureSession | undefined

  ns(name: string): NetNamespace {
    const known = this.namespaces.get(name)
    if (known) return known
    const made = this.kernel.createNamespace()
    this.namespaces.set(name, made)
    return made
  }

  #ask(request: Uint8Array, ns: NetNamespace): void {
    must(this.kernel.openSocket({ process: this.#client, extAck: true, protocol: 0, ns }), request)
  }

  /** Makes devices by one request in the initial namespace, remembers those that came of it and sets them up. */
  add(attrs: LinkAttrs): void {
    const before = new Set([...this.namespaces.values()].flatMap((ns) => [...ns.devices.values()]))
    this.#ask(linkRequest(RT_LINK.newlink, attrs, {}, CREATE), this.kernel.initialNs)
    for (const ns of this.namespaces.values()) {
      for (const dev of ns.devices.values()) {
        if (before.has(dev)) continue
        this.devices.set(dev.name, dev)
        this.#ask(linkRequest(RT_LINK.setlink, {}, { ifindex: dev.ifindex, flags: IFF_UP, change: IFF_UP }), ns)
      }
    }
  }

  /** A pair, its peer in the namespace `there`. */
  pair(ifname: string, peer: string, there = '', data: Omit<NetkitData, 'peerInfo'> = {}): void {
    const peerInfo = { ifname: peer, ...(there !== '' && { netNsFd: this.#client.openNamespace(this.ns(there)) }) }
    this.add({ ifname, linkinfo: { kind: 'netkit', data: { mode: 'l2', ...data, peerInfo } } })
  }

  /** A cable, its other end in the namespace `there`. */
  cable(ifname: string, peer: string, there = ''): void {
    const place = there !== '' && { netNsFd: this.#client.openNamespace(this.ns(there)) }
    this.add({ ifname, linkinfo: { kind: 'veth', data: { peer: { ifname: peer, ...place } } } })
  }

  /** A NIC that is up. What it sends is in `sent`; frames for it go into `inject`. */
  nic(name: string, queues = 1): { readonly sent: Uint8Array[]; inject(...frames: Uint8Array[]): void } {
    const dev = this.kernel.nics.plug({ ns: this.kernel.initialNs, name, queues })
    this.devices.set(name, dev)
    const sent: Uint8Array[] = []
    const source = new InjectSource()
    connectWire(this.kernel, dev, new SplitWire(source, new FunctionSink((bytes) => sent.push(bytes))))
    this.#ask(
      linkRequest(RT_LINK.setlink, {}, { ifindex: dev.ifindex, flags: IFF_UP, change: IFF_UP }),
      this.kernel.initialNs,
    )
    return { sent, inject: (...frames) => void source.inject(frames) }
  }

  /** Attaches an XDP program by a link, which is held as long as the lab. `flags`: modes of XDP. */
  async attachXdp(device: string, source: string, flags = 0, progFlags = 0): Promise<number> {
    const progFd = await this.loadXdp(source, { progFlags })
    const dev = this.dev(device)
    const values = { progFd, targetIfindex: dev.ifindex, attachType: ATTACH_TYPE.xdp, flags }
    const { result } = await this.call(BPF_COMMANDS.linkCreate, values)
    if (result < 0) throw new Error(`LINK_CREATE: ${result}`)
    return result
  }

  async loadXdp(
    source: string,
    more: { readonly progFlags?: number; readonly expectedAttachType?: number } = {},
  ): Promise<number> {
    const { result, said } = await this.load(source, { progType: PROG_TYPE.xdp, ...more }, 65536)
    if (result < 0) throw new Error(`PROG_LOAD: ${result}\n${said}`)
    return result
  }

  dev(name: string): Device {
    const dev = this.devices.get(name)
    if (!dev) throw new Error(`no device ${name}`)
    return dev
  }

  /** Attaches programs: of netkit to the pair of `device`, whose primary is `primary`. */
  async attach(device: string, type: keyof typeof ATTACH_TYPE, ...sources: string[]): Promise<void> {
    for (const source of sources) {
      const { result, said } = await this.load(source, {}, 65536)
      if (result < 0) throw new Error(`PROG_LOAD: ${result}\n${said}`)
      const dev = this.dev(device)
      const values = { attachBpfFd: result, targetIfindex: dev.ifindex, attachType: ATTACH_TYPE[type] }
      const attached = await this.call(BPF_COMMANDS.progAttach, values)
      if (attached.result < 0) throw new Error(`PROG_ATTACH: ${attached.result}`)
    }
  }

  /** Sends packets, all in one batch. */
  send(device: string, ...frames: Uint8Array[]): void {
    const batch = new PacketBatch(Math.max(1, frames.length))
    for (const frame of frames) batch.push(this.packet(frame))
    this.kernel.path.transmit(this.dev(device), batch)
  }

  /** Watches all devices from now on. */
  watch(options: Pick<CaptureSessionOptions, 'programs' | 'filter'> = {}): void {
    const { kernel } = this
    const { path, world } = kernel
    this.#seen = new CaptureSession({
      ...options,
      packets: path.packets,
      world,
      notes: path.notes,
      describe: (number) => ({ name: path.numbers.get(number)?.name ?? '?' }),
    })
    path.startCapture(this.#seen)
  }

  unwatch(): void {
    if (this.#seen) this.kernel.path.endCapture(this.#seen)
  }

  /** What was seen since the last time. */
  seen(): Sight[] {
    const chunks: number[] = []
    for (let chunk = this.#seen?.take(); chunk; chunk = this.#seen?.take()) chunks.push(...chunk)
    return [...parseCapture(Uint8Array.from(chunks))].map((record) => ({
      device: record.interface.name ?? '?',
      direction: record.direction === 'outbound' ? 'out' : 'in',
      data: record.data,
      comments: record.comments,
    }))
  }

  /** The same in short. */
  way(): string[] {
    return this.seen().map(
      ({ device, direction, comments }) => `${device} ${direction}${comments.map((c) => ` (${c})`).join('')}`,
    )
  }

  counters(device: string): string {
    const c = this.dev(device).counters
    return `tx ${c.txPackets}/${c.txBytes} drop ${c.txDropped} rx ${c.rxPackets}/${c.rxBytes} drop ${c.rxDropped}`
  }
}

/** An IPv4 frame between two Ethernet addresses. */
export function frame(to: Uint8Array, length = 60, type = 0x0800): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => i & 0xff)
  bytes.set(to)
  bytes.set([2, 0, 0, 0, 0, 9, type >> 8, type & 0xff], 6)
  return bytes
}
