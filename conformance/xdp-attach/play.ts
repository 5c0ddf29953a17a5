import { BPF_COMMANDS, LINK_INFO, makeStruct, PROG_INFO, readStruct } from '@netkit/bpf'
import { Kernel, openDoors } from '@netkit/kernel'
import { type BpfDoor, KernelError } from '@netkit/netlink'
import { loadTrivial } from '../bpf-attach/load.ts'
import {
  ask,
  attr,
  attrOf,
  attrsOf,
  join,
  text,
  u32,
  viewOf,
  type WireAnswer,
  type WireMessage,
  waiting,
} from './wire.ts'

/** An object as the recording calls it: a number of its kind, or no object at all. */
type Ref = readonly ['none' | 'zero' | 'closed' | 'file' | 'prog', number]

export type Step =
  | { op: 'set'; target: string; prog: Ref; flags: number; expected?: Ref }
  | { op: 'link'; target: string; prog: Ref; type: number; flags: number }
  | { op: 'update'; link: number; new: Ref; old: Ref; flags: number }
  | { op: 'undo' | 'close' | 'info'; link: number }
  | { op: 'mtu'; target: string; mtu: number }
  | { op: 'split'; target: string; split: number }
  | { op: 'switch'; target: string; feature: string; on: boolean }
  | { op: 'features'; target: string }

export interface Sequence {
  readonly name: string
  readonly steps: readonly (Step & { readonly answer: object })[]
}

const C = BPF_COMMANDS
const NEWLINK = 16
const GETLINK = 18
const IFLA = { ifname: 3, mtu: 4, linkinfo: 18, xdp: 43, maxMtu: 51 } as const
const XDP_ID_ATTRIBUTES: ReadonlySet<number> = new Set([4, 5, 6, 7])
/** Type, expected attach type, flags, device that it is bound to; as record.py has them. */
const PROGRAMS: readonly (readonly [number, number, number, string?])[] = [
  [6, 0, 0],
  [6, 37, 0],
  [6, 0, 0],
  [6, 37, 32],
  [6, 0, 32],
  [6, 33, 0],
  [6, 35, 0],
  [3, 0, 0],
  [6, 37, 64, 'va'],
  [6, 0, 64, 'eth'],
  [6, 37, 96, 'va'],
]

const header = (ifindex: number, flags = 0): Uint8Array => u32(0, ifindex, flags, flags)
const name = (string: string): Uint8Array => attr(IFLA.ifname, text(string))
const kind = (string: string, ...data: Uint8Array[]): Uint8Array =>
  attr(IFLA.linkinfo, attr(1, text(string)), attr(2, ...data))
const peer = (string: string, ...more: Uint8Array[]): Uint8Array => attr(1, header(0), name(string), ...more)

/** Plays the steps of a recording on an embedded kernel. */
export class Player {
  readonly #kernel = new Kernel()
  readonly #process = this.#kernel.createProcess()
  readonly #door: BpfDoor
  readonly #route = this.#open(0)
  readonly #generic = this.#open(16)
  readonly #toldRoute = this.#open(0)
  readonly #toldGeneric = this.#open(16)
  readonly #netdev = this.#family('netdev')
  readonly #ethtool = this.#family('ethtool')
  readonly #targets: Readonly<Record<string, number>>
  readonly #programs: { readonly fd: number; readonly id: number }[] = []
  readonly #links: number[] = []

  constructor() {
    const { bpf } = openDoors(this.#kernel, this.#process)
    if (!bpf) throw new Error('an embedded kernel has a bpf door')
    this.#door = bpf
    const { netns } = this.#process
    const queues = (tx: number, rx: number) => join(attr(31, u32(tx)), attr(32, u32(rx)))
    const make = (...parts: Uint8Array[]) => ask(this.#route, NEWLINK, join(header(0, 1), ...parts), 0x605)
    make(name('nk'), kind('netkit', attr(1, header(0, 1), name('nkp')), attr(5, u32(0))))
    make(name('va'), kind('veth', peer('vb')))
    make(name('vc'), queues(2, 1), kind('veth', peer('vd', queues(2, 2))))
    make(name('du'), attr(IFLA.linkinfo, attr(1, text('dummy'))))
    this.#kernel.nics.plug({ ns: netns, queues: 2, name: 'eth', model: 'netdevsim' })
    const index = (device: string) => netns.names.get(device)?.ifindex ?? 0
    this.#targets = Object.fromEntries(
      ['nk', 'nkp', 'va', 'vb', 'vc', 'vd', 'du', 'lo', 'eth'].map((device) => [device, index(device)]),
    )
    for (const device of ['vb', 'vd', 'lo']) ask(this.#route, NEWLINK, header(index(device), 1))
    this.#process.openNamespace(netns, 900)
    this.#toldRoute.join(1)
    this.#toldGeneric.join(this.#netdev.groups.get('mgmt') ?? 0)
    this.#toldGeneric.join(this.#ethtool.groups.get('monitor') ?? 0)
  }

  #open(protocol: number) {
    return this.#kernel.openSocket({ protocol, ns: this.#process.netns, process: this.#process, extAck: true })
  }

  #family(family: string): { readonly id: number; readonly groups: ReadonlyMap<string, number> } {
    const { reply = new Uint8Array() } = ask(this.#generic, 16, join(Uint8Array.of(3, 1, 0, 0), attr(2, text(family))))
    const attrs = reply.subarray(4)
    const groups = attrsOf(attrOf(attrs, 7) ?? reply).map(([, group]): [string, number] => [
      new TextDecoder().decode(attrOf(group, 1)?.subarray(0, -1)),
      viewOf(attrOf(group, 2) ?? reply).getUint32(0, true),
    ])
    return { id: viewOf(attrOf(attrs, 1) ?? reply).getUint16(0, true), groups: new Map(groups) }
  }

  async open(): Promise<void> {
    for (const [type, expected, progFlags, device] of PROGRAMS) {
      const progIfindex = device === undefined ? 0 : this.#targets[device]
      const fd = await loadTrivial(this.#door, type, expected, { progFlags, progIfindex })
      this.#programs.push({ fd, id: readStruct(PROG_INFO, await this.#info(fd)).id })
    }
  }

  async play(step: Step): Promise<object> {
    const answer = await this.#do(step)
    const told = [
      ...waiting(this.#toldRoute).map((m) => this.#link(m)),
      ...waiting(this.#toldGeneric).map((m) => this.#notice(m)),
    ]
    const shows = 'target' in step && this.#targets[step.target] !== undefined ? this.#shown(step.target) : undefined
    return { ...answer, ...(told.length > 0 && { told }), ...(shows && { shows }) }
  }

  async #do(step: Step): Promise<object> {
    if (step.op === 'set') return this.#set(step)
    if (step.op === 'mtu') return this.#change(step.target, attr(IFLA.mtu, u32(step.mtu)))
    if (step.op === 'split') return this.#ethtoolSet(16, step.target, attr(11, Uint8Array.of(step.split)))
    if (step.op === 'switch') {
      const bit = attr(0x8001, attr(2, text(step.feature)), step.on ? attr(3) : new Uint8Array())
      return this.#ethtoolSet(12, step.target, attr(0x8003, attr(0x8003, bit)))
    }
    if (step.op === 'features') return this.#features(step.target)
    if (step.op === 'link') return this.#createLink(step)
    return this.#useLink(step)
  }

  #number([kind, n]: Ref): number {
    return { none: -1, zero: 0, closed: 4000, file: 900, prog: this.#programs[n]?.fd }[kind]
  }

  #set({ target, prog, flags, expected }: Step & { op: 'set' }): WireAnswer {
    const wanted = expected ? attr(8, u32(this.#number(expected))) : new Uint8Array()
    return this.#change(target, attr(IFLA.xdp | 0x8000, attr(1, u32(this.#number(prog))), attr(3, u32(flags)), wanted))
  }

  #change(target: string, attribute: Uint8Array): WireAnswer {
    const { reply: _, ...answer } = ask(this.#route, NEWLINK, join(header(this.#targets[target]), attribute))
    return answer
  }

  #ethtoolSet(command: number, target: string, attributes: Uint8Array): WireAnswer {
    const device = attr(0x8001, attr(1, u32(this.#targets[target])))
    const { reply: _, ...answer } = ask(
      this.#generic,
      this.#ethtool.id,
      join(Uint8Array.of(command, 1, 0, 0), device, attributes),
    )
    return answer
  }

  #features(target: string): object {
    const device = attr(1, u32(this.#targets[target]))
    const { reply = new Uint8Array() } = ask(this.#generic, this.#netdev.id, join(Uint8Array.of(1, 1, 0, 0), device))
    return { result: 0, features: xdpFeatures(reply) }
  }

  async #call(command: number, values: Uint8Array): Promise<number> {
    try {
      return await this.#door.call(command, values)
    } catch (e) {
      if (e instanceof KernelError) return -e.errno
      throw e
    }
  }

  async #createLink({ target, prog, type, flags }: Step & { op: 'link' }): Promise<object> {
    const targetIfindex = this.#targets[target] ?? 99_999
    const values = { progFd: this.#number(prog), targetIfindex, attachType: type, flags }
    const fd = await this.#call(C.linkCreate.id, makeStruct(C.linkCreate.attr, values))
    if (fd < 0) return { result: fd }
    this.#links.push(fd)
    return { result: 0, made: this.#links.length - 1 }
  }

  async #useLink(step: Step & { link: number }): Promise<object> {
    const linkFd = this.#links[step.link]
    if (step.op === 'update') {
      const values = { linkFd, newProgFd: this.#number(step.new), flags: step.flags, oldProgFd: this.#number(step.old) }
      return { result: await this.#call(C.linkUpdate.id, makeStruct(C.linkUpdate.attr, values)) }
    }
    if (step.op === 'undo') {
      return { result: await this.#call(C.linkDetach.id, makeStruct(C.linkDetach.attr, { linkFd })) }
    }
    if (step.op === 'close') {
      await this.#door.closeFile(linkFd)
      return { result: 0 }
    }
    const { type, progId, ifindex } = readStruct(LINK_INFO, await this.#info(linkFd))
    return { result: 0, type, prog: this.#programNumber(progId), device: this.#device(ifindex) }
  }

  async #info(fd: number): Promise<Uint8Array> {
    const memory = this.#door.memory(64)
    const values = makeStruct(C.objGetInfoByFd.attr, { bpfFd: fd, infoLen: 64, info: memory.address })
    await this.#door.call(C.objGetInfoByFd.id, values, { memory: [memory] })
    return memory.bytes
  }

  #programNumber(id: number): number {
    return this.#programs.findIndex((program) => program.id === id)
  }

  #device(ifindex: number): string | number {
    return Object.entries(this.#targets).find(([, n]) => n === ifindex)?.[0] ?? ifindex
  }

  #facts(body: Uint8Array): object {
    const xdp = attrsOf(attrOf(body.subarray(16), IFLA.xdp) ?? new Uint8Array()).map(([id, value]) => [
      id,
      XDP_ID_ATTRIBUTES.has(id) ? this.#programNumber(viewOf(value).getUint32(0, true)) : value[0],
    ])
    return { xdp, maxMtu: viewOf(attrOf(body.subarray(16), IFLA.maxMtu) ?? u32(0)).getUint32(0, true) }
  }

  #shown(target: string): object {
    const { reply = new Uint8Array() } = ask(this.#route, GETLINK, header(this.#targets[target]))
    return this.#facts(reply)
  }

  #link({ type, body }: WireMessage): readonly unknown[] {
    const device = this.#device(viewOf(body).getInt32(4, true))
    return [type === NEWLINK ? 'newlink' : 'dellink', device, this.#facts(body)]
  }

  #notice({ type, body }: WireMessage): readonly unknown[] {
    const attrs = body.subarray(4)
    const index = (bytes: Uint8Array) => this.#device(viewOf(attrOf(bytes, 1) ?? u32(0)).getUint32(0, true))
    return type === this.#netdev.id
      ? [`netdev ${body[0]}`, index(attrs), xdpFeatures(body)]
      : [`ethtool ${body[0]}`, index(attrOf(attrs, 1) ?? attrs)]
  }
}

const xdpFeatures = (reply: Uint8Array): number =>
  Number(viewOf(attrOf(reply.subarray(4), 3) ?? new Uint8Array(8)).getBigUint64(0, true))
