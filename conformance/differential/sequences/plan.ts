import { LINK } from '@netkit/netlink'
import type { Chance } from '../chance.ts'
import { type PlacedAddress, type PlacedDevice, Player } from '../embedded.ts'
import type { Step } from '../scenario.ts'
import { addNs, addProcess, deleteNs, fdOf, name } from '../steps.ts'
import { attr, type Bytes, type LinkHead, REQ, str, u32 } from '../wire.ts'
import { ALTNAMES, IDS, NAMES, type Weighted } from './attributes.ts'

const L = LINK.ids
const MOST_NAMESPACES = 5
const NLM_F_ECHO = 8
/** Numbers that a sequence has to itself, of NICs and of processes. */
export const OWN_NUMBERS = 16

/** A sequence that is being written. The embedded kernel plays along, so that most steps are about what there is. */
export class Plan {
  readonly c: Chance
  readonly steps: Step[] = []
  /** Namespaces that live. */
  alive: string[] = []
  /** NICs that are plugged in. */
  nics: number[] = []
  readonly #player: Player
  readonly #pids: number[] = []
  readonly #numbers: number
  #namespaces = 0
  #plugged = 0

  /** `numbers`: the first of OWN_NUMBERS that no other sequence of the run may use. */
  constructor(c: Chance, numbers: number, groups: readonly number[] = []) {
    this.c = c
    this.#player = new Player(undefined, groups)
    this.#numbers = numbers
  }

  do(step: Step): void {
    this.steps.push(step)
    this.#player.play(step)
  }

  addNamespace(): void {
    const ns = String.fromCharCode(65 + this.#namespaces++)
    this.alive.push(ns)
    this.do(addNs(ns, this.#namespaces > 1 && this.c.oneIn(8) ? 1 : undefined))
  }

  /** A namespace goes, with all that is in it; another may come. */
  turnOver(): void {
    const gone = this.c.pick(this.alive)
    this.alive = this.alive.filter((ns) => ns !== gone)
    this.do(deleteNs(gone))
    if (this.alive.length < 2) this.addNamespace()
  }

  get roomy(): boolean {
    return this.alive.length < MOST_NAMESPACES
  }

  addProcess(): void {
    const pid = this.#numbers + this.#pids.length
    this.#pids.push(pid)
    this.do(addProcess(this.c.pick(this.alive), pid))
  }

  plug(): void {
    const nic = this.#numbers + this.#plugged++
    this.nics.push(nic)
    this.do({ op: 'nic-add', ns: this.c.pick(this.alive), nic, queues: 1 + this.c.below(4) })
  }

  unplug(): void {
    const nic = this.c.pick(this.nics)
    this.nics = this.nics.filter((n) => n !== nic)
    this.do({ op: 'nic-del', nic })
  }

  get canPlug(): boolean {
    return this.#plugged < OWN_NUMBERS && this.nics.length < 3
  }

  get canLive(): boolean {
    return this.#pids.length < 4
  }

  devices(ns: string): readonly PlacedDevice[] {
    return this.#player.devices(ns)
  }

  /** A device that there is, lo seldom. `wanted`: of which sort, if there are any. */
  device(ns: string, wanted: (d: PlacedDevice) => boolean = () => true): PlacedDevice {
    const all = this.devices(ns)
    const some = all.slice(1).filter(wanted)
    return this.c.pick(some.length > 0 ? some : all)
  }

  /** An address of a device; undefined: it has none. */
  addressOf(ns: string, ifindex: number): PlacedAddress | undefined {
    const all = this.#player.addresses(ns, ifindex)
    return all.length > 0 ? this.c.pick(all) : undefined
  }

  some(list: Weighted, most: number): Bytes {
    return Array.from({ length: this.c.below(most + 1) }, () => this.c.weighted(list)(this.c)).flat()
  }

  flags(common: number): number {
    return REQ | common | (this.c.oneIn(10) ? NLM_F_ECHO : 0)
  }

  /** Names a namespace in one of the ways. */
  place(): Bytes {
    const { c } = this
    return c.weighted<() => Bytes>([
      [6, () => attr(L.netNsFd, u32(fdOf(c.pick([...this.alive, 'Z']))))],
      [this.#pids.length > 0 ? 3 : 0, () => attr(L.netNsPid, u32(c.pick(this.#pids)))],
      [3, () => attr(L.targetNetnsid, u32(c.pick(IDS)))],
    ])()
  }

  /** Which device: by index or by name, mostly one that there is. */
  which(ns: string): [Bytes, LinkHead] {
    const { c } = this
    const dev = this.device(ns)
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
}
