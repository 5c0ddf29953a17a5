import type { Credentials, NetlinkSocket } from '@netkit/kernel'
import {
  type Ack,
  align4,
  decodeAck,
  errno,
  NETDEV,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  RT_LINK,
  RTM_DELLINKPROP,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_SETLINK,
  splitMessages,
  toHex,
} from '@netkit/netlink'
import {
  type Chance,
  FAMILY_IDS,
  genericMessage,
  type RecordedMessage,
  roundTrip,
  routeMessage,
} from '@netkit/netlink/testing'
import { ask, drain } from '../random/ask.ts'
import { demand } from '../random/broken.ts'
import { checkInside } from '../random/check-inside.ts'
import { type Caller, Machine } from '../random/machine.ts'
import { checkAll } from '../random/run.ts'
import { type Hostile, RequestSource } from './requests.ts'

const CALLERS: readonly Caller[] = ['root', 'root', 'root', 'root', 'child', 'nobody']
const MOST_DEVICES = 50
const DEAF_BUFFER = 20_000
/** A part of a dump that is begun when nothing else waits. */
const MOST_DUMP = 40_000
const ANYONE: readonly Caller[] = ['root', 'child', 'nobody']

export interface HostileTally {
  datagrams: number
  refused: number
  carriedOut: number
  /** Datagrams whose effects were compared with all that could be seen before. */
  compared: number
  machines: number
}

/** A kernel with something to lose, and hostile datagrams for it. Throws where it does anything but answer properly. */
export class HostileRun {
  readonly tally: HostileTally = { datagrams: 0, refused: 0, carriedOut: 0, compared: 0, machines: 0 }
  readonly #chance: Chance
  readonly #source: RequestSource
  #machine!: Machine
  #sockets!: NetlinkSocket[]
  /** They ask and listen, but never read. */
  #deaf!: NetlinkSocket[]

  constructor(chance: Chance, recorded: readonly RecordedMessage[]) {
    this.#chance = chance
    this.#source = new RequestSource(chance, recorded)
    this.#begin()
  }

  #begin(): void {
    // Descriptors with low numbers, as they occur in random attributes.
    const machine = new Machine(this.#chance.u32(), 5)
    this.#machine = machine
    this.tally.machines++
    furnish(machine)
    machine.altNamesUntold = true
    this.#sockets = []
    for (const place of machine.places) {
      for (const caller of CALLERS)
        for (const protocol of [0, 16]) this.#sockets.push(this.#open(place.ns, caller, protocol))
    }
    this.#deaf = [0, 16].map((protocol) => this.#open(machine.first.ns, 'root', protocol, DEAF_BUFFER))
    for (const [i, socket] of this.#deaf.entries())
      for (const group of i === 0 ? [1, 28] : [6, 7, 8]) socket.join(group)
  }

  #open(ns: Machine['kernel']['initialNs'], caller: Caller, protocol: number, receiveBuffer?: number): NetlinkSocket {
    const chance = this.#chance
    return this.#machine.kernel.openSocket({
      protocol,
      ns,
      process: this.#machine.process(caller),
      extAck: chance.odds(3, 4),
      capAck: chance.odds(1, 4),
      strict: chance.odds(1, 2),
      receiveBuffer,
    })
  }

  step(): void {
    const hostile = this.#source.next()
    try {
      this.#send(hostile)
      this.#look()
    } catch (e) {
      const { protocol, bytes } = hostile
      throw new Error(
        `${(e as Error).message}\nafter datagram ${this.tally.datagrams}, protocol ${protocol}: ${toHex(bytes)}`,
        { cause: e },
      )
    }
  }

  #send(hostile: Hostile): void {
    const chance = this.#chance
    const { kernel } = this.#machine
    this.tally.datagrams++
    if (chance.odds(1, 2)) this.#deaf.find((socket) => socket.protocol === hostile.protocol)?.send(hostile.bytes)
    const socket = chance.pick(this.#sockets.filter((s) => s.protocol === hostile.protocol))
    const sender: Credentials | undefined = chance.odds(1, 8)
      ? this.#machine.process(chance.pick(ANYONE)).credentials
      : undefined
    const watched = chance.odds(1, 16)
    // Whoever looks may change something: a queue's lease is told with an id for the other namespace, which it gets by that.
    if (watched) this.#machine.snapshot()
    const before = watched ? this.#machine.snapshot() : ''
    const changes = kernel.changes
    const taken = hostile.bytes.length === 0 ? -errno.ENODATA : 0
    demand(socket.send(hostile.bytes, sender) === taken, () => 'the datagram was not taken')
    const changed = kernel.changes !== changes
    const acks = this.#checkAnswers(socket, hostile)
    const refused = countMessages(hostile.bytes) === 1 && acks.length === 1 && acks[0].errno !== 0
    demand(
      !refused || !changed || mayChange(acks[0]),
      () => `it was refused with ${acks[0].errno} and changed something`,
    )
    if (!watched) return
    this.tally.compared++
    const same = this.#machine.snapshot() === before
    demand(changed || same, () => 'something changed that was not counted as a change')
    demand(
      !refused || same || mayStay(acks[0]),
      () => `it was refused with ${acks[0].errno}, and what it changed stayed`,
    )
  }

  /** Every datagram that comes back can be read, in full, by those who asked. */
  #checkAnswers(socket: NetlinkSocket, { protocol, bytes: sent }: Hostile): Ack[] {
    const acks: Ack[] = []
    for (const { bytes } of drain(socket)) {
      const parts = splitMessages(bytes)
      for (const m of parts) {
        demand(m.header.portId === socket.portId, () => `an answer for port ${m.header.portId}`)
        if (m.header.type === NLMSG_ERROR) acks.push(decodeAck(m))
      }
      // Of long dumps a sample is read: most of the time would go into them.
      if (parts.length > 4 && !this.#chance.odds(1, 8)) continue
      const outcome = roundTrip(bytes, { protocol, fromKernel: true, families: (id) => FAMILY_IDS.get(id) })
      demand(outcome === 'decoded', () => `an answer cannot be read: ${JSON.stringify(outcome)} ${toHex(bytes)}`)
    }
    demand(
      acks.length <= countMessages(sent),
      () => `${acks.length} acknowledgements of ${countMessages(sent)} messages`,
    )
    for (const ack of acks) {
      demand(ack.errno >= 0 && ack.errno < 4096, () => `error number ${ack.errno}`)
      if (ack.errno === 0) this.tally.carriedOut++
      else this.tally.refused++
      checkPointers(ack)
    }
    return acks
  }

  /** Now and then all that is there is looked at; and when there is too much of it, it begins anew. */
  #look(): void {
    const { tally } = this
    const machine = this.#machine
    if (tally.datagrams % 64 === 0) {
      this.#checkDeaf()
      machine.listen()
      checkInside(machine)
    }
    if (tally.datagrams % 512 === 0) checkAll(machine, true)
    const devices = machine.places.reduce((sum, place) => sum + place.ns.devices.size, 0)
    if (devices <= MOST_DEVICES && tally.datagrams % 4096 !== 0) return
    checkAll(machine, true)
    this.#begin()
  }

  /** Whoever never reads costs no more than the buffer that was asked for, and the part of a dump that was begun. */
  #checkDeaf(): void {
    for (const { waiting } of this.#deaf) {
      demand(waiting <= DEAF_BUFFER + MOST_DUMP, () => `${waiting} bytes wait for someone who never reads`)
    }
  }
}

/** What is pointed at lies in the request, where attributes stand. */
function checkPointers({ extack, request }: Ack): void {
  for (const at of [extack.offset, extack.missNest]) {
    demand(at === undefined || (at >= 16 && at + 4 <= (request?.length ?? 0)), () => `byte ${at} is pointed at`)
  }
}

/** Messages of a datagram, as far as a kernel reads them. */
function countMessages(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let count = 0
  for (let at = 0; bytes.length - at >= 16; count++) {
    const length = view.getUint32(at, true)
    if (length < 16 || length > bytes.length - at) break
    at += align4(length)
  }
  return count
}

const STEPWISE: ReadonlySet<number> = new Set([RTM_SETLINK, RTM_NEWLINKPROP, RTM_DELLINKPROP])
const ONLY_CREATE = NLM_F_CREATE | NLM_F_EXCL

/** Refused requests that may have done something meanwhile: also a pair whose second end is refused, and the first goes again. */
const mayChange = (ack: Ack): boolean => ack.request?.type === RTM_NEWLINK || mayStay(ack)

/** Refused requests of which something may stay: modifications, whose steps before the refusal do. Source: spec 01 §2.7. */
function mayStay({ request }: Ack): boolean {
  const { type = 0, flags = 0 } = request ?? {}
  return STEPWISE.has(type) || (type === RTM_NEWLINK && (flags & ONLY_CREATE) !== ONLY_CREATE)
}

/** Something to lose: devices of every kind in three namespaces, leases near and far, a few of them up. */
function furnish(machine: Machine): void {
  const there = machine.addNamespace()
  machine.addNamespace()
  const { first, kernel } = machine
  const create = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
  const must = (protocol: number, request: Uint8Array) => {
    const { ack } = ask(machine.socket(first, 'root', protocol), request)
    demand(ack?.errno === 0, () => `${toHex(request)} was refused with ${ack?.errno}`)
  }
  const add = (attrs: object, up = true) =>
    must(0, routeMessage(RT_LINK.newlink, up ? { flags: 1, change: 1 } : {}, attrs, { flags: create }))
  kernel.nics.plug({ ns: first.ns, queues: 4 })
  kernel.nics.plug({ ns: there.ns, queues: 2 })
  const peerInfo = { netNsFd: there.fd, numRxQueues: 4 }
  add({ ifname: 'nk', numRxQueues: 4, linkinfo: { kind: 'netkit', data: { mode: 'l2', peerInfo } } }, false)
  add({ ifname: 'one', numRxQueues: 4, linkinfo: { kind: 'netkit', data: { pairing: 'single' } } })
  add({ ifname: 'v', linkinfo: { kind: 'veth' } }, false)
  add({ ifname: 'd', group: 5, linkinfo: { kind: 'dummy' } })
  const index = (name: string) => first.find({ ifname: name }) ?? 0
  must(
    0,
    routeMessage(
      RT_LINK.setlink,
      { ifindex: index('eth0'), flags: 1, change: 1 },
      {},
      { flags: NLM_F_REQUEST | NLM_F_ACK },
    ),
  )
  for (const id of [1, 2]) {
    const lease = { ifindex: index('eth0'), queue: { id, type: 'rx' } }
    const attrs = { ifindex: index('one'), type: 'rx', lease }
    must(16, genericMessage(first.netdevId, NETDEV.commands.queueCreate, attrs, { flags: NLM_F_REQUEST | NLM_F_ACK }))
  }
  machine.listen()
}
