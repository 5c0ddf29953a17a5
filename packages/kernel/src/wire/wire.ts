import type { PacketBatch } from '../packet/batch.ts'
import { type ByteViews, byteViews } from '../packet/copy.ts'
import type { Packets } from '../packet/packets.ts'
import type { TimeWords } from './pcap/timestamp.ts'

/** What wires need of the world: time and turns. The kernel's World is one. */
export interface WireWorld {
  /** Nanoseconds since some fixed moment; never goes back. */
  now(): bigint
  random(): number
  /** Runs `run` when `now()` has reached `atNs`; never before returning. */
  schedule(atNs: bigint, run: () => void): { cancel(): void }
}

const NOTHING = byteViews(new Uint8Array(0))

/** The frame that a wire holds out: where its bytes are before the NIC has decided where they go. One object per NIC,
 *  overwritten by the next frame.
 *
 *  Bytes outside packet memory are what DMA would bring: the NIC looks at the headers here, chooses a queue and then writes the
 *  bytes once, into the memory of that queue. */
export class WireFrame implements TimeWords {
  /** A packet that is in packet memory already, sent by another NIC; it is the NIC's from now on. -1 for bytes outside. */
  handle = -1
  bytes: ByteViews = NOTHING
  /** Where the frame begins in `bytes`, and how long it is. Valid until the next frame is asked for. */
  offset = 0
  length = 0
  /** Bytes that it had when it was captured: more than `length` when the capture cut it. */
  originalLength = 0
  /** Time of a captured frame, nanoseconds since 1970; 0 without one. */
  tsHi = 0
  tsLo = 0
}

/** A NIC, as its wire sees it. */
export interface WirePort {
  readonly packets: Packets
  /** Frames may be had by `next`. Called once for many, at any time, also from within another NIC's transmission: note it and
   *  fetch them later. */
  ready(): void
  /** The link has come or gone. */
  carrier(on: boolean): void
  /** The other end was unplugged: nothing is connected here any more, either. */
  unplugged(): void
}

/** One end of a wire, plugged into a NIC. Nothing is pushed into a NIC: it fetches frames when it has room, so that a source of
 *  any speed piles nothing up. */
export interface Wire {
  /** Plugs it in; the carrier is reported from then on. An Error if it is plugged in already. */
  attach(port: WirePort): void
  /** Unplugs it. What was on its way to this end is dropped. */
  detach(): void
  /** The NIC has been opened or closed. */
  enable(on: boolean): void
  /** Sets `frame` to the next frame; false when there is none now. */
  next(frame: WireFrame): boolean
  /** Takes over all packets of a batch, and empties it. */
  transmit(batch: PacketBatch): void
}

/** The receiving half of a wire. */
export interface WireSource {
  /** From now on frames are fetched; `ready` as of {@link WirePort}. */
  open(ready: () => void): void
  next(frame: WireFrame): boolean
  close(): void
}

/** The sending half of a wire. */
export interface WireSink {
  /** Takes over all packets of a batch. The caller empties it. */
  transmit(packets: Packets, batch: PacketBatch): void
  close(): void
}
