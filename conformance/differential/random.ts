import { LINK, NETKIT, NSID } from '@netkit/netlink'
import { Chance } from './chance.ts'
import { Player } from './embedded.ts'
import { addProps, altnames, delProps } from './neighbours/names.ts'
import type { Requester, Scenario, Step } from './scenario.ts'
import {
  addNs,
  addProcess,
  deleteNs,
  delLink,
  dumpLinks,
  dumpNsids,
  fdOf,
  getLink,
  getNsid,
  kind,
  modify,
  name,
  newLink,
  newNsid,
  peerOf,
  pidOf,
  type SendOptions,
  send,
  setLink,
} from './steps.ts'
import { oddities, payloads, usual } from './values.ts'
import { attr, type Bytes, bytes, type LinkHead, mac, nest, REQ, str, u8, u16, u32 } from './wire.ts'

const L = LINK.ids
const N = NETKIT.ids
const NAMES = ['a', 'b', 'c', 'd', 'e', 'nk0', 'nk1', 'veth0', 'dummy0', 'x%d', 'nk%d', 'lo', 'alt0', 'alt1', 'all']
const ALTNAMES = ['alt0', 'alt1', 'alt2', 'a', 'b', 'nk0', 'an-alternative-name-of-some-length']
const KINDS = ['netkit', 'netkit', 'netkit', 'veth', 'dummy']
const IDS = [0, 1, 5, 9, -1]

type Maker = (c: Chance) => Bytes

/** Attributes of any link, mostly sensible. */
const ATTRS: readonly (readonly [number, Maker])[] = [
  [6, (c) => attr(L.mtu, u32(c.pick([50, 68, 100, 1000, 1279, 1280, 1400, 1500, 9000, 65535, 65536])))],
  [
    4,
    (c) => attr(L.address, c.pick([mac(c.below(9)), mac(1), [1, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0]])),
  ],
  [2, (c) => attr(L.broadcast, c.pick([mac(c.below(9)), [255, 255, 255, 255, 255, 255]]))],
  [3, (c) => attr(L.txqlen, u32(c.pick([0, 1, 500, 1000, 32767, 32768])))],
  [5, (c) => attr(L.group, u32(c.below(4)))],
  [3, (c) => attr(L.ifalias, str(c.pick(['', 'text', 'another text'])))],
  [5, (c) => attr(L.linkmode, u8(c.below(4)))],
  [5, (c) => attr(L.operstate, u8(c.below(8)))],
  [2, (c) => attr(L.carrier, u8(c.below(2)))],
  [2, (c) => attr(L.gsoMaxSize, u32(c.pick([400, 30000, 65536, 65537, 524280])))],
  [2, (c) => attr(L.groMaxSize, u32(c.pick([0, 400, 65536, 65537, 524280, 524281])))],
  [1, (c) => attr(L.gsoMaxSegs, u32(c.pick([0, 1, 64, 65535, 65536])))],
  [1, (c) => attr(L.gsoIpv4MaxSize, u32(c.pick([400, 65536, 100000])))],
  [1, (c) => attr(L.groIpv4MaxSize, u32(c.pick([400, 65536, 100000])))],
  [2, (c) => attr(L.numRxQueues, u32(c.pick([0, 1, 2, 8, 1024, 1025, 4096])))],
  [2, (c) => attr(L.numTxQueues, u32(c.pick([0, 1, 2, 8])))],
  [3, (c) => nest(L.afSpec, nest(2, nest(1, attr(1 + c.below(33), u32(c.below(2))))))],
  [2, (c) => nest(L.afSpec, nest(10, attr(8, u8(c.below(5)))))],
  [2, () => nest(L.afSpec, nest(10, attr(7, bytes('0000000000000000123456789abcdef0'))))],
  [1, (c) => attr(L.master, u32(c.below(3)))],
  [1, (c) => attr(L.protoDown, u8(c.below(2)))],
  [1, () => nest(L.xdp, attr(1, u32(-1)))],
  [3, (c) => name(c.pick(NAMES))],
  [1, (c) => attr(L.altIfname, str(c.pick(ALTNAMES)))],
  [2, (c) => attr(L.newIfindex, u32(1 + c.below(60)))],
  [1, (c) => attr(L.linkNetnsid, u32(c.pick(IDS)))],
  [1, (c) => strange(c)],
]

/** Any attribute with anything in it. */
function strange(c: Chance): Bytes {
  const id = c.below(LINK.policy.maxId + 1)
  if (id === L.netNsPid) return []
  const [good, other] = usual(id)
  return c.oneIn(2) ? attr(id, c.pick(payloads(LINK.policy, id))) : c.pick(oddities(id, good, other))
}

const DATA: readonly (readonly [number, Maker])[] = [
  [5, (c) => attr(N.mode, u32(c.below(2)))],
  [3, () => attr(N.pairing, u32(1))],
  [3, (c) => attr(N.policy, u32(c.pick([0, 2, 2, 1])))],
  [3, (c) => attr(N.peerPolicy, u32(c.pick([0, 2, 2, 7])))],
  [2, (c) => attr(N.scrub, u32(c.below(2)))],
  [2, (c) => attr(N.peerScrub, u32(c.below(2)))],
  [1, (c) => attr(N.headroom, u16(c.below(300)))],
  [1, (c) => attr(N.tailroom, u16(c.below(300)))],
]

const MANY = 9
const FIRST_NIC = 10_000

/** Makes the steps of one scenario. The embedded kernel plays along, so that most steps are about devices that there are. */
class Writer {
  readonly #c: Chance
  readonly #player = new Player()
  readonly #steps: Step[] = []
  /** Namespaces that live. */
  #alive = ['A', 'B', 'C']
  #next = 3

  /** The number of the NIC, if there is one: no other scenario of the run may have it. */
  readonly #nic: number

  constructor(seed: number, nic: number) {
    this.#c = new Chance(seed)
    this.#nic = nic
  }

  scenario(title: string): Scenario {
    const c = this.#c
    for (const ns of this.#alive) this.#do(addNs(ns))
    for (const ns of this.#alive.slice(0, 2)) this.#do(addProcess(ns))
    if (c.oneIn(3)) this.#do({ op: 'nic-add', ns: c.pick(this.#alive), nic: this.#nic, queues: 1 + c.below(3) })
    const length = 25 + c.below(21)
    while (this.#steps.length < length) this.#step(c.pick(this.#alive))
    for (const ns of this.#alive) this.#do(send(dumpLinks(), { ns }))
    for (const ns of this.#alive) this.#do(send(dumpNsids(), { ns }))
    return { name: title, steps: this.#steps }
  }

  #do(step: Step): void {
    this.#steps.push(step)
    this.#player.play(step)
  }

  #step(ns: string): void {
    const few = this.#player.devices(ns).length < 4
    const many = this.#player.devices(ns).length > MANY
    const write = this.#c.weighted<(ns: string) => Bytes>([
      [many ? 0 : few ? 50 : 15, () => this.#create()],
      [30, (at) => this.#change(at)],
      [22, (at) => this.#updown(at)],
      [12, (at) => this.#move(at)],
      [many ? 30 : 5, (at) => this.#delete(at)],
      [4, (at) => this.#get(at)],
      [5, (at) => this.#props(at)],
      [5, () => this.#nsid()],
      [3, (at) => [...this.#nsid(), ...this.#change(at), ...this.#get(at)]],
    ])
    if (this.#c.oneIn(50)) this.#turnover()
    else if (this.#c.oneIn(100) && this.#steps.some((s) => s.op === 'nic-add')) this.#unplug()
    else this.#do(this.#send(ns, write(ns)))
  }

  #send(ns: string, datagram: Bytes): Step {
    const c = this.#c
    const options: { -readonly [K in keyof SendOptions]: SendOptions[K] } = { ns }
    if (c.oneIn(12)) options.strict = 1
    if (c.oneIn(20)) options.cap_ack = 1
    if (c.oneIn(30)) options.ext_ack = undefined
    if (c.oneIn(60)) options.as = c.pick<Requester>(['user', 'nocap', 'send-user', 'send-nocap'])
    // Who is told nothing at once may still hear of a carrier later.
    return send(datagram, { ...options, wait: 1 })
  }

  #unplug(): void {
    if (!this.#steps.some((s) => s.op === 'nic-del')) this.#do({ op: 'nic-del', nic: this.#nic })
  }

  /** A namespace goes, and another comes. */
  #turnover(): void {
    const gone = this.#c.pick(this.#alive)
    const fresh = String.fromCharCode(65 + this.#next++)
    this.#alive = [...this.#alive.filter((ns) => ns !== gone), fresh]
    this.#do(deleteNs(gone))
    this.#do(addNs(fresh))
  }

  #some(list: readonly (readonly [number, Maker])[], most: number): Bytes {
    const c = this.#c
    return Array.from({ length: c.below(most + 1) }, () => c.weighted(list)(c)).flat()
  }

  #flags(common: number): number {
    return REQ | common | (this.#c.oneIn(10) ? 8 : 0)
  }

  /** Names a namespace in one of the ways. */
  #place(): Bytes {
    const c = this.#c
    const ns = c.pick([...this.#alive, 'Z'])
    return c.weighted<() => Bytes>([
      [6, () => attr(L.netNsFd, u32(fdOf(ns)))],
      [2, () => attr(L.netNsPid, u32(pidOf(ns)))],
      [3, () => attr(L.targetNetnsid, u32(c.pick(IDS)))],
    ])()
  }

  /** Which device: by index or by name, mostly one that there is. */
  #which(ns: string): [Bytes, LinkHead] {
    const c = this.#c
    const devices = this.#player.devices(ns)
    const dev = c.pick(devices.length > 1 ? devices.slice(1) : devices)
    return c.weighted<() => [Bytes, LinkHead]>([
      [12, () => [[], { index: dev.ifindex }]],
      [8, () => [name(dev.name), {}]],
      [1, () => [[], { index: 2 + c.below(8) }]],
      [1, () => [name(c.pick(NAMES)), {}]],
      [1, () => [attr(L.altIfname, str(c.pick(ALTNAMES))), {}]],
      [1, () => [[], { index: 1 }]],
      [1, () => [[], {}]],
    ])()
  }

  #create(): Bytes {
    const c = this.#c
    const of = c.pick(KINDS)
    const data = of === 'netkit' ? [this.#some(DATA, 3)] : []
    const info =
      of !== 'dummy' && c.oneIn(3)
        ? peerOf(
            of,
            { index: c.oneIn(4) ? 20 + c.below(5) : 0, flags: c.oneIn(5) ? 1 : 0 },
            [...(c.oneIn(2) ? name(c.pick(NAMES)) : []), ...(c.oneIn(2) ? this.#place() : []), ...this.#some(ATTRS, 2)],
            ...data,
          )
        : kind(of, ...data)
    const attrs = [
      ...(c.oneIn(3) ? [] : name(c.pick(NAMES))),
      ...(c.oneIn(4) ? this.#place() : []),
      ...this.#some(ATTRS, 2),
      ...info,
    ]
    const head = {
      index: c.oneIn(8) ? 10 + c.below(8) : 0,
      flags: c.oneIn(5) ? c.pick([1, 0x1001, 0x81]) : 0,
      change: c.oneIn(8) ? c.pick([1, 0x81]) : 0,
    }
    return newLink(attrs, head, this.#flags(c.pick([0x600, 0x600, 0x400, 0x200])))
  }

  #change(ns: string): Bytes {
    const c = this.#c
    const [which, head] = this.#which(ns)
    const attrs = [...which, ...this.#some(ATTRS, 3), ...(c.oneIn(8) ? kind(c.pick(KINDS), this.#some(DATA, 2)) : [])]
    const flags = c.oneIn(6)
      ? { flags: c.pick([0, 1, 0x100, 0x201, 0x80, 0x1000]), change: c.pick([1, 0x100, 0x301, 0x80, 0x1080]) }
      : {}
    return (c.oneIn(2) ? modify : setLink)(attrs, { ...head, ...flags }, this.#flags(0))
  }

  #updown(ns: string): Bytes {
    const [which, head] = this.#which(ns)
    return modify(which, { ...head, flags: this.#c.below(3) === 0 ? 0 : 1, change: 1 }, this.#flags(0))
  }

  #move(ns: string): Bytes {
    const c = this.#c
    const [which, head] = this.#which(ns)
    return (c.oneIn(2) ? modify : setLink)(
      [...which, ...this.#place(), ...(c.oneIn(3) ? this.#some(ATTRS, 2) : [])],
      { ...head, ...(c.oneIn(5) ? { flags: 1, change: 1 } : {}) },
      this.#flags(0),
    )
  }

  #delete(ns: string): Bytes {
    const c = this.#c
    const [which, head] = this.#which(ns)
    if (c.oneIn(5)) return delLink(attr(L.group, u32(c.below(4))), {}, this.#flags(0))
    return delLink([...which, ...(c.oneIn(6) ? this.#place() : [])], head, this.#flags(0))
  }

  #get(ns: string): Bytes {
    const c = this.#c
    const [which, head] = this.#which(ns)
    const more = c.oneIn(3) ? this.#place() : c.oneIn(3) ? attr(L.extMask, u32(c.pick([1, 8, 9, 0x100]))) : []
    if (c.oneIn(2))
      return dumpLinks(c.oneIn(2) ? more : c.pick([kind('netkit'), kind('dummy'), attr(L.master, u32(-1)), []]))
    return getLink([...which, ...more], head)
  }

  #props(ns: string): Bytes {
    const c = this.#c
    const [which, head] = this.#which(ns)
    const list = altnames(...Array.from({ length: 1 + c.below(2) }, () => c.pick(ALTNAMES)))
    return (c.oneIn(3) ? delProps : addProps)([...which, ...list], head)
  }

  #nsid(): Bytes {
    const c = this.#c
    const fd = attr(NSID.ids.fd, u32(fdOf(c.pick([...this.#alive, 'Z']))))
    if (c.oneIn(3)) return getNsid([...fd, ...(c.oneIn(3) ? attr(NSID.ids.targetNsid, u32(c.pick(IDS))) : [])])
    return newNsid([...attr(NSID.ids.nsid, u32(c.pick(IDS))), ...fd])
  }
}

/** Sequences of 20 to 40 operations of all sorts. */
export function* randomSequences({ seed, count }: { seed: number; count: number }): Generator<Scenario> {
  for (let i = 0; i < count; i++) yield new Writer(seed * 100_003 + i, FIRST_NIC + i).scenario(`random ${seed} ${i}`)
}
