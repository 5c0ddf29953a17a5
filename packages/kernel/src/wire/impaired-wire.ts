import { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import { DROP } from '../packet/drop-reason.ts'
import { PKT_DATA, PKT_LENGTH, PKT_SHIFT } from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import type { Impairment } from './impairment.ts'
import { Timer } from './timer.ts'
import type { Wire, WireFrame, WirePort, WireWorld } from './wire.ts'

/** Bytes kept free before a frame that is held back: what a NIC keeps. */
const HEADROOM = 256
/** Frames fetched before those that are due are delivered, and before the clock is looked at again. */
const FETCH = 64
const NONE = -1

/** A wire that treats frames badly, around one that does not. Between the two there is nothing but this: no cost without it. */
export class ImpairedWire implements Wire {
  readonly inner: Wire
  readonly rx: Impairment | undefined
  readonly tx: Impairment | undefined
  readonly #port: WirePort
  readonly #world: WireWorld
  readonly #start: bigint
  readonly #arrivals: Timer
  readonly #departures: Timer
  readonly #leaving = new PacketBatch()
  /** The second of a frame that comes twice. */
  #twin = NONE
  #now = 0
  #fetched = 0

  constructor(
    inner: Wire,
    port: WirePort,
    world: WireWorld,
    { rx, tx }: { readonly rx?: Impairment; readonly tx?: Impairment },
  ) {
    this.inner = inner
    this.rx = rx
    this.tx = tx
    this.#port = port
    this.#world = world
    this.#start = world.now()
    this.#arrivals = new Timer(world, this.#start, () => port.ready())
    this.#departures = new Timer(world, this.#start, () => this.#send())
  }

  attach(port: WirePort): void {
    this.inner.attach(port)
  }

  detach(): void {
    this.clear()
    this.inner.detach()
  }

  enable(on: boolean): void {
    if (!on && this.rx) this.#clear(this.rx, this.#arrivals)
    this.inner.enable(on)
  }

  /** What is on its way in either direction is lost. */
  clear(): void {
    if (this.rx) this.#clear(this.rx, this.#arrivals)
    if (this.tx) this.#clear(this.tx, this.#departures)
  }

  #clear(impairment: Impairment, timer: Timer): void {
    timer.cancel()
    if (impairment.waiting > 0) impairment.clear(this.#port.packets)
    if (this.#twin === NONE || impairment !== this.rx) return
    this.#port.packets.drop(this.#twin, DROP.WIRE_LOST)
    this.#twin = NONE
  }

  next(frame: WireFrame): boolean {
    const { rx } = this
    if (!rx) return this.inner.next(frame)
    return rx.holds ? this.#nextDue(rx, frame) : this.#nextAtOnce(rx, frame)
  }

  #nextAtOnce(rx: Impairment, frame: WireFrame): boolean {
    const { packets } = this.#port
    if (this.#twin !== NONE) {
      show(packets, this.#twin, frame)
      this.#twin = NONE
      return true
    }
    while (this.inner.next(frame)) {
      const doubles = rx.doubles()
      if (rx.loses() && !doubles) this.#lose(packets, frame)
      else {
        const corrupts = rx.corrupts()
        if (!doubles && !corrupts) return true
        const handle = this.#take(packets, frame)
        if (handle < 0) continue
        if (doubles) this.#twin = packets.clone(handle)
        if (corrupts) rx.corrupt(packets, handle)
        show(packets, handle, frame)
        return true
      }
    }
    return false
  }

  #nextDue(rx: Impairment, frame: WireFrame): boolean {
    const { packets } = this.#port
    if (this.#fetched === 0) this.#now = this.#elapsed()
    while (this.#fetched < FETCH && this.inner.next(frame)) {
      this.#fetched++
      const doubles = rx.doubles()
      if (rx.loses() && !doubles) this.#lose(packets, frame)
      else {
        const handle = this.#take(packets, frame)
        if (handle < 0) continue
        if (doubles) this.#hold(rx, packets, packets.clone(handle))
        this.#hold(rx, packets, handle)
      }
    }
    if (rx.waiting > 0 && rx.queue.earliest <= this.#now) {
      show(packets, rx.queue.pop(), frame)
      return true
    }
    const more = this.#fetched === FETCH
    this.#fetched = 0
    if (more) this.#port.ready()
    else if (rx.waiting > 0) this.#arrivals.at(rx.queue.earliest)
    return false
  }

  #hold(to: Impairment, packets: Packets, handle: number): void {
    if (handle < 0) return
    if (to.corrupts()) to.corrupt(packets, handle)
    to.hold(packets, handle, this.#now)
  }

  /** A packet of its own: bytes outside do not stay where they are. Negative without memory. */
  #take(packets: Packets, frame: WireFrame): number {
    if (frame.handle >= 0) return frame.handle
    const handle = packets.allocFrom(frame.bytes, frame.offset, frame.length, COPY.wireIn, HEADROOM)
    if (handle < 0) packets.drops.count(DROP.RX_ALLOC)
    return handle
  }

  #lose(packets: Packets, frame: WireFrame): void {
    if (frame.handle >= 0) packets.drop(frame.handle, DROP.WIRE_LOST)
    else packets.drops.count(DROP.WIRE_LOST)
  }

  transmit(batch: PacketBatch): void {
    const { tx } = this
    if (!tx) {
      this.inner.transmit(batch)
      return
    }
    const { packets } = this.#port
    if (tx.holds) this.#now = this.#elapsed()
    for (let n = 0; n < batch.count; n++) this.#transmitOne(tx, packets, batch.handles[n])
    batch.clear()
    this.#send()
  }

  #transmitOne(tx: Impairment, packets: Packets, handle: number): void {
    const doubles = tx.doubles()
    if (tx.loses() && !doubles) {
      packets.drop(handle, DROP.WIRE_LOST)
      return
    }
    if (doubles) {
      const twin = packets.clone(handle)
      if (twin >= 0) this.#depart(tx, packets, twin)
    }
    this.#depart(tx, packets, handle)
  }

  #depart(tx: Impairment, packets: Packets, handle: number): void {
    if (tx.holds) {
      this.#hold(tx, packets, handle)
      return
    }
    if (tx.corrupts()) tx.corrupt(packets, handle)
    this.#leave(handle)
  }

  #leave(handle: number): void {
    this.#leaving.push(handle)
    if (this.#leaving.room === 0) this.inner.transmit(this.#leaving)
  }

  /** Sends what is due. */
  #send(): void {
    const { tx } = this
    if (tx?.holds) {
      this.#now = this.#elapsed()
      while (tx.waiting > 0 && tx.queue.earliest <= this.#now) this.#leave(tx.queue.pop())
      if (tx.waiting > 0) this.#departures.at(tx.queue.earliest)
    }
    if (this.#leaving.count > 0) this.inner.transmit(this.#leaving)
  }

  #elapsed(): number {
    return Number(this.#world.now() - this.#start)
  }
}

/** Holds a packet out as the next frame. */
function show(packets: Packets, handle: number, frame: WireFrame): void {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  frame.handle = handle
  frame.bytes = packets.memory
  frame.offset = fields[i + PKT_DATA]
  frame.length = fields[i + PKT_LENGTH]
  frame.originalLength = frame.length
  frame.tsHi = 0
  frame.tsLo = 0
}
