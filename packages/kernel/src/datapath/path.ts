import type { Device } from '../net/device.ts'
import type { PacketPath, Tap } from '../net/path.ts'
import { PacketBatch } from '../packet/batch.ts'
import { DROP } from '../packet/drop-reason.ts'
import * as layout from '../packet/fields.ts'
import { Packets, type PacketsOptions } from '../packet/packets.ts'
import { Backlog } from './backlog.ts'
import { DeviceNumbers } from './device-numbers.ts'
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, type ProtocolHandler, PROTOCOLS } from './protocols.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DEVICE, PKT_PROTOCOL, PKT_SHIFT } = layout
const IFF_UP = 1

/** Transmissions within transmissions, at most. Source: spec 02 §1.2. */
const MAX_DEPTH = 8
/** Packets taken from the backlog at a time. */
const RECEIVE_BATCH = 64

/** The way of packets in one kernel. Nothing is set up before the first packet. */
export class Datapath implements PacketPath {
  readonly numbers = new DeviceNumbers()
  readonly #options: PacketsOptions
  #packets: Packets | undefined
  private readonly backlog = new Backlog()
  private readonly arriving = new PacketBatch(RECEIVE_BATCH)
  private depth = 0
  private draining = false

  constructor(options: PacketsOptions = {}) {
    this.#options = options
  }

  get packets(): Packets {
    this.#packets ??= new Packets(this.#options)
    return this.#packets
  }

  /** Whether any packet was ever sent. */
  get used(): boolean {
    return this.#packets !== undefined
  }

  transmit(dev: Device, batch: PacketBatch): void {
    if (!this.mayTransmit(dev, batch)) return
    if (dev.tap !== undefined) dev.tap.packets(dev, batch, true)
    this.depth++
    const send = dev.driver.transmit
    if (send) send(this, dev, batch)
    else this.dropAll(dev, batch, DROP.NO_TX_TARGET)
    this.depth--
    if (this.depth === 0) this.drain()
  }

  /** What refuses packets before the driver sees them, in order. */
  private mayTransmit(dev: Device, batch: PacketBatch): boolean {
    if ((dev.flags & IFF_UP) === 0) {
      this.dropAll(dev, batch, DROP.DEV_READY)
      return false
    }
    if (this.depth > MAX_DEPTH) {
      dev.counters.txDropped += batch.count
      this.dropAll(dev, batch, DROP.RECURSION_LIMIT)
      return false
    }
    if (!dev.carrier) {
      dev.counters.txDropped += batch.count
      this.dropAll(dev, batch, DROP.QDISC_DROP)
      return false
    }
    return true
  }

  private dropAll(dev: Device, batch: PacketBatch, reason: number): void {
    const { handles, count } = batch
    for (let i = 0; i < count; i++) this.drop(dev, handles[i], reason)
    batch.clear()
  }

  drop(dev: Device, handle: number, reason: number): void {
    if (dev.tap?.dropped !== undefined) dev.tap.dropped(dev, handle, reason)
    this.packets.drop(handle, reason)
  }

  enqueue(dev: Device, handle: number): boolean {
    if ((dev.flags & IFF_UP) !== 0 && this.backlog.push(handle)) {
      const packets = this.#packets as Packets
      packets.table.fields[(handle << PKT_SHIFT) + PKT_DEVICE] = dev.pathNumber !== 0 ? dev.pathNumber : this.numbers.of(dev)
      return true
    }
    dev.counters.rxDropped++
    this.drop(dev, handle, (dev.flags & IFF_UP) !== 0 ? DROP.CPU_BACKLOG : DROP.DEV_READY)
    return false
  }

  /** Works off the backlog: packets for the same device together. */
  drain(): void {
    if (this.draining || this.#packets === undefined) return
    this.draining = true
    const { backlog, arriving } = this
    for (let handle = backlog.peek(); handle >= 0; handle = backlog.peek()) {
      const { fields } = this.#packets.table
      const number = fields[(handle << PKT_SHIFT) + PKT_DEVICE]
      while (handle >= 0 && arriving.count < RECEIVE_BATCH && fields[(handle << PKT_SHIFT) + PKT_DEVICE] === number) {
        arriving.push(backlog.shift())
        handle = backlog.peek()
      }
      const dev = this.numbers.get(number)
      if (dev !== undefined) this.receive(dev, arriving)
      arriving.clear()
    }
    this.draining = false
  }

  receive(dev: Device, batch: PacketBatch): void {
    if ((dev.flags & IFF_UP) === 0) {
      dev.counters.rxDropped += batch.count
      this.dropAll(dev, batch, DROP.DEV_READY)
      return
    }
    if (dev.tap !== undefined) dev.tap.packets(dev, batch, false)
    const { handles, count } = batch
    const packets = this.#packets as Packets
    for (let i = 0; i < count; i++) {
      const handle = handles[i]
      const handler = handlerOf(packets.table.fields[(handle << PKT_SHIFT) + PKT_PROTOCOL])
      if (handler !== undefined) handler(this, dev, handle)
      else {
        dev.counters.rxDropped++
        this.drop(dev, handle, DROP.UNHANDLED_PROTO)
      }
    }
    batch.clear()
  }

  /** A device goes: what waits for it is dropped. */
  forget(dev: Device): void {
    if (dev.pathNumber === 0) return
    this.flush(dev)
    this.numbers.forget(dev)
  }

  /** Drops what waits for a device that is closed. */
  flush(dev: Device): void {
    if (dev.pathNumber === 0 || this.#packets === undefined) return
    for (let n = this.backlog.length; n > 0; n--) {
      const handle = this.backlog.shift()
      if (this.packets.fields[(handle << PKT_SHIFT) + PKT_DEVICE] === dev.pathNumber) this.drop(dev, handle, DROP.QUEUE_PURGE)
      else this.backlog.push(handle)
    }
  }

  /** Watches the packets of a device; undefined ends it. */
  setTap(dev: Device, tap: Tap | undefined): void {
    dev.tap = tap
  }
}

const ip = PROTOCOLS.get(ETH_P_IP)
const ipv6 = PROTOCOLS.get(ETH_P_IPV6)
const arp = PROTOCOLS.get(ETH_P_ARP)

/** The common protocols without a look into the map. */
function handlerOf(protocol: number): ProtocolHandler | undefined {
  if (protocol === ETH_P_IP) return ip
  if (protocol === ETH_P_IPV6) return ipv6
  if (protocol === ETH_P_ARP) return arp
  return PROTOCOLS.get(protocol)
}
