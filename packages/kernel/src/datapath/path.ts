import { errno } from '@netkit/netlink'
import { Contexts } from '../bpf/context/contexts.ts'
import { ProgramRunner } from '../bpf/context/run.ts'
import { CaptureNotes } from '../capture/notes.ts'
import type { CaptureSession } from '../capture/session.ts'
import { CaptureTaps } from '../capture/taps.ts'
import { type Device, TX_UNKNOWN } from '../net/device.ts'
import type { PacketPrograms, RunnableProgram } from '../net/device-programs.ts'
import type { Neighbours } from '../net/neighbours.ts'
import type { PacketPath } from '../net/path.ts'
import type { Poller } from '../net/poller.ts'
import { prepareTransmit } from '../net/prepare-transmit.ts'
import type { ListEntry } from '../net/program-list.ts'
import type { ProtocolHandlers } from '../net/protocol-handlers.ts'
import { learnTxOffloads, TX_ANYTHING } from '../net/tx-offloads.ts'
import { dropUnreadable } from '../net/unreadable-transmit.ts'
import { PacketBatch } from '../packet/batch.ts'
import { DROP } from '../packet/drop-reason.ts'
import * as layout from '../packet/fields.ts'
import { Packets, type PacketsOptions } from '../packet/packets.ts'
import { isVlan } from '../packet/vlan.ts'
import type { Release } from '../release/release.ts'
import { TracedPrograms } from '../trace/traced-programs.ts'
import type { World } from '../world.ts'
import { XdpEngine } from '../xdp/engine.ts'
import { GenericXdp } from '../xdp/generic.ts'
import { Backlog } from './backlog.ts'
import { DeviceNumbers } from './device-numbers.ts'
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from './protocols.ts'
import { RedirectEngine } from './redirect/engine.ts'
import { runEgress, runIngress } from './tcx.ts'
import { receiveTagged } from './vlan.ts'

// Engines fold constants of the own module, not imported ones.
const { MAC_UNSET, PKT_DATA, PKT_DEVICE, PKT_IIF, PKT_MAC, PKT_PROTOCOL, PKT_SHIFT, PKT_VLAN } = layout
const IFF_UP = 1

/** Transmissions within transmissions, at most. Source: spec 02 §1.2. */
const MAX_DEPTH = 8
/** Devices that receive a packet one after the other because programs say so, at most. Linux goes round for ever. */
const MAX_ROUNDS = 64
/** What came of the last transmission. Source: spec 02 §0. */
const XMIT_SUCCESS = 0
const XMIT_DROP = 1
const XMIT_CN = 2
/** Packets fetched from a poller before the next one's turn, and altogether before the rest of the program has a turn. */
const POLL_BUDGET = 64
const TURN = 16_384
/** Packets taken from the backlog at a time. */
const RECEIVE_BATCH = 64

/** The way of packets in one kernel. Nothing is set up before the first packet. */
export class Datapath implements PacketPath {
  readonly numbers = new DeviceNumbers()
  /** Captures that run, and what they say of packets. */
  readonly taps = new CaptureTaps()
  readonly notes = new CaptureNotes()
  /** Where programs run, and what they run over. */
  readonly contexts = new Contexts(() => this.packets)
  private readonly runner = new ProgramRunner(this.contexts)
  /** While somebody traces, another one stands before the runner: otherwise tracing costs nothing. */
  programs: PacketPrograms = this.runner
  readonly #options: PacketsOptions
  /** Made with the first packet. */
  private made: Packets | undefined
  private readonly backlog = new Backlog()
  private readonly arriving = new PacketBatch(RECEIVE_BATCH)
  private readonly pollers: Poller[] = []
  readonly redirects = new RedirectEngine(this)
  readonly xdp = new XdpEngine(this)
  private readonly generic = new GenericXdp(this, this.xdp)
  neighbours: Neighbours | undefined
  /** Who takes what is received. Absent: nobody. */
  protocols: ProtocolHandlers | undefined
  private depth = 0
  private rounds = 0
  /** Batches of one, for packets that programs send on, by how deeply that is nested; and how many are in use. */
  private readonly singles: PacketBatch[] = []
  private nested = 0
  private code = XMIT_SUCCESS
  private draining = false

  private polling = false
  readonly #world: World
  readonly #release: Release

  constructor(world: World, release: Release, options: PacketsOptions = {}) {
    this.#world = world
    this.#release = release
    this.#options = options
  }

  /** Shows packets to a capture from now on. */
  startCapture(session: CaptureSession): void {
    this.taps.add(session)
    this.choosePrograms()
  }

  endCapture(session: CaptureSession): void {
    this.taps.remove(session)
    this.choosePrograms()
  }

  private choosePrograms(): void {
    const isTraced = this.programs !== this.runner
    if (isTraced === this.taps.tracing > 0) return
    this.programs = isTraced ? this.runner : new TracedPrograms(this.runner, this)
  }

  tell(dev: Device, handle: number, outgoing: boolean, text: string): void {
    this.taps.tell(handle, this.numbers.of(dev), outgoing, text)
  }

  /** Small enough to be a part of whoever asks: everyone does, for each packet. */
  get packets(): Packets {
    return this.made ?? this.make()
  }

  private make(): Packets {
    this.made = new Packets(this.#options)
    return this.made
  }

  /** Whether any packet was ever sent. */
  get used(): boolean {
    return this.made !== undefined
  }

  transmit(dev: Device, batch: PacketBatch): void {
    const egress = dev.programs?.tcxEgress
    if (egress !== undefined && !this.mayLeave(dev, egress.entries, batch)) return
    if ((dev.flags & IFF_UP) === 0 || !dev.carrier || this.depth > MAX_DEPTH) {
      this.refuse(dev, batch)
      return
    }
    const { bufs, memory } = this.packets
    const { copies } = memory
    const elsewhere = copies.place
    copies.place = this.numbers.of(dev)
    if (bufs.areas !== 0 && dev.driver.netmemTx !== 'pass') dropUnreadable(this, dev, batch)
    const offloads = dev.txOffloads === TX_UNKNOWN ? learnTxOffloads(dev, this.#release) : dev.txOffloads
    if (offloads !== TX_ANYTHING) prepareTransmit(this, dev, batch, offloads)
    if (this.taps.active !== 0) this.taps.seeBatch(batch, this.numbers.of(dev), true)
    this.depth++
    const send = dev.driver.transmit
    if (send) send(this, dev, batch)
    else this.dropAll(dev, batch, DROP.NO_TX_TARGET)
    this.depth--
    copies.place = elsewhere
    if (this.depth === 0 && !this.draining) this.run()
  }

  /** The programs at its egress have a say; false if there is nothing left to send. */
  private mayLeave(dev: Device, entries: readonly ListEntry<RunnableProgram>[], batch: PacketBatch): boolean {
    const { drops } = this.packets
    const before = drops.counts[DROP.TC_EGRESS]
    runEgress(this, dev, entries, batch)
    if (batch.count > 0) return true
    this.code = drops.counts[DROP.TC_EGRESS] === before ? XMIT_SUCCESS : XMIT_DROP
    if (this.depth === 0 && !this.draining) this.run()
    return false
  }

  isInside(depth: number): boolean {
    return this.depth > depth || this.draining || this.polling
  }

  get tooDeep(): boolean {
    return this.depth > MAX_DEPTH
  }

  transmitOne(dev: Device, handle: number): number {
    const before = dev.counters.txDropped
    const batch = this.single(handle)
    this.depth++
    this.code = XMIT_SUCCESS
    this.transmit(dev, batch)
    this.depth--
    this.nested--
    return this.code !== XMIT_SUCCESS || dev.counters.txDropped === before ? this.code : XMIT_DROP
  }

  transmitDirect(dev: Device, handle: number): boolean {
    const send = dev.driver.transmit
    if (this.depth > MAX_DEPTH || send === undefined) {
      dev.counters.txDropped++
      this.drop(dev, handle, DROP.RECURSION_LIMIT)
      return false
    }
    const batch = this.single(handle)
    this.depth++
    send(this, dev, batch)
    this.depth--
    this.nested--
    return true
  }

  receiveOne(dev: Device, handle: number): void {
    if (this.rounds === MAX_ROUNDS) {
      this.drop(dev, handle, DROP.RECURSION_LIMIT)
      return
    }
    this.rounds++
    this.receive(dev, this.single(handle))
    this.rounds--
    this.nested--
  }

  /** A batch of one packet; whoever has one counts `nested` down again. */
  private single(handle: number): PacketBatch {
    if (this.nested === this.singles.length) this.singles.push(new PacketBatch(1))
    const batch = this.singles[this.nested++]
    batch.count = 0
    batch.push(handle)
    return batch
  }

  /** What a device that is down or has no carrier, or transmissions nested too deeply, make of packets; in this order. */
  private refuse(dev: Device, batch: PacketBatch): void {
    if ((dev.flags & IFF_UP) === 0) {
      this.code = -errno.ENETDOWN
      this.dropAll(dev, batch, DROP.DEV_READY)
      return
    }
    const isTooDeep = this.depth > MAX_DEPTH
    dev.counters.txDropped += batch.count
    this.code = isTooDeep ? -errno.ENETDOWN : XMIT_CN
    this.dropAll(dev, batch, isTooDeep ? DROP.RECURSION_LIMIT : DROP.QDISC_DROP)
  }

  private dropAll(dev: Device, batch: PacketBatch, reason: number): void {
    const { handles, count } = batch
    for (let i = 0; i < count; i++) this.drop(dev, handles[i], reason)
    batch.clear()
  }

  drop(dev: Device, handle: number, reason: number, because?: string): void {
    if (this.taps.active !== 0) this.showDrop(dev, handle, reason, because)
    this.packets.drop(handle, reason)
  }

  private showDrop(dev: Device, handle: number, reason: number, because: string | undefined): void {
    const note = because === undefined ? this.notes.drop(reason) : this.notes.note(because)
    const { fields } = this.packets
    const i = handle << PKT_SHIFT
    const received = fields[i + PKT_MAC] !== MAC_UNSET && fields[i + PKT_MAC] < fields[i + PKT_DATA]
    this.taps.see(handle, this.numbers.of(dev), !received, note)
  }

  enqueue(dev: Device, handle: number): boolean {
    if ((dev.flags & IFF_UP) !== 0 && this.backlog.push(handle)) {
      const packets = this.made as Packets
      packets.table.fields[(handle << PKT_SHIFT) + PKT_DEVICE] =
        dev.pathNumber !== 0 ? dev.pathNumber : this.numbers.of(dev)
      return true
    }
    dev.counters.rxDropped++
    this.drop(dev, handle, (dev.flags & IFF_UP) !== 0 ? DROP.CPU_BACKLOG : DROP.DEV_READY)
    return false
  }

  schedule(poller: Poller): void {
    if (poller.scheduled) return
    poller.scheduled = true
    this.pollers.push(poller)
    if (this.depth === 0 && !this.draining) this.run()
  }

  /** Works off the backlog, then polls in turn, until there is nothing left or it has been long enough. */
  run(): void {
    if (this.polling) return
    this.drain()
    if (this.pollers.length === 0) return
    this.polling = true
    for (let fetched = 0; this.pollers.length > 0 && fetched < TURN; fetched += POLL_BUDGET) {
      const poller = this.pollers.shift() as Poller
      poller.scheduled = false
      if (poller.poll(POLL_BUDGET) && !poller.scheduled) {
        poller.scheduled = true
        this.pollers.push(poller)
      }
      this.drain()
    }
    this.polling = false
    if (this.pollers.length > 0) this.#world.schedule(this.#world.now(), () => this.run())
  }

  /** Works off the backlog: packets for the same device together. */
  drain(): void {
    if (this.draining || this.made === undefined) return
    this.redirects.begin(0)
    this.draining = true
    const { backlog, arriving } = this
    for (let number = backlog.take(this.made.fields, arriving); number !== 0; ) {
      const dev = this.numbers.get(number)
      if (dev !== undefined) this.receive(dev, arriving)
      number = backlog.take(this.made.fields, arriving)
    }
    this.draining = false
  }

  receive(dev: Device, batch: PacketBatch): void {
    if ((dev.flags & IFF_UP) === 0) {
      dev.counters.rxDropped += batch.count
      this.dropAll(dev, batch, DROP.DEV_READY)
      return
    }
    const { packets, protocols } = this
    const { copies } = packets.memory
    const elsewhere = copies.place
    copies.place = this.numbers.of(dev)
    const generic = dev.xdp?.skb
    if (generic !== undefined) this.generic.receive(dev, generic.program, batch)
    if (this.taps.active !== 0) this.taps.seeBatch(batch, this.numbers.of(dev), false)
    const ingress = dev.programs?.tcxIngress
    if (ingress !== undefined) {
      runIngress(this, dev, ingress.entries, batch)
    }
    const { handles, count } = batch
    protocols?.begin()
    for (let i = 0; i < count; i++) {
      const handle = handles[i]
      const { fields } = packets.table
      const p = handle << PKT_SHIFT
      fields[p + PKT_IIF] = dev.ifindex
      if ((fields[p + PKT_VLAN] !== 0 || isVlan(fields[p + PKT_PROTOCOL])) && !receiveTagged(packets, handle)) continue
      const protocol = packets.table.fields[p + PKT_PROTOCOL]
      if (protocols === undefined) this.unhandled(dev, handle)
      else if (protocol === ETH_P_IP) protocols.ip(dev, handle)
      else if (protocol === ETH_P_IPV6) protocols.ipv6(dev, handle)
      else if (protocol === ETH_P_ARP) protocols.arp(dev, handle)
      else this.unhandled(dev, handle)
    }
    batch.clear()
    protocols?.done()
    copies.place = elsewhere
  }

  private unhandled(dev: Device, handle: number): void {
    dev.counters.rxDropped++
    this.drop(dev, handle, DROP.UNHANDLED_PROTO)
  }

  copiesAt(dev: Device | undefined): void {
    this.packets.memory.copies.place = dev === undefined ? 0 : this.numbers.of(dev)
  }

  /** A device goes: what waits for it is dropped. */
  forget(dev: Device): void {
    if (dev.pathNumber === 0) return
    this.flush(dev)
    this.made?.memory.copies.forget(dev.pathNumber)
    this.taps.forget(dev.pathNumber)
    this.numbers.forget(dev)
  }

  /** Drops what waits for a device that is closed. */
  flush(dev: Device): void {
    if (dev.pathNumber === 0 || this.made === undefined) return
    for (let n = this.backlog.length; n > 0; n--) {
      const handle = this.backlog.shift()
      if (this.packets.fields[(handle << PKT_SHIFT) + PKT_DEVICE] === dev.pathNumber)
        this.drop(dev, handle, DROP.QUEUE_PURGE)
      else this.backlog.push(handle)
    }
  }
}
