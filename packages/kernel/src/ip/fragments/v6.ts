import type { Device } from '../../net/device.ts'
import type { PacketPath } from '../../net/path.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { readBytes } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be16, be32, put16 } from '../core/address.ts'
import type { StackClock } from '../core/clock.ts'
import { copyDescriptor } from '../core/copy-descriptor.ts'
import { FRAGMENT_HEADER, IP6_HEADER, PROTO_TCP, PROTO_UDP } from '../core/headers.ts'
import type { Fragments6 } from '../core/stack.ts'
import type { FragmentQueue } from './queue.ts'
import { Reassembly } from './reassembly.ts'

const { PKT_DATA, PKT_IIF, PKT_LENGTH, PKT_LINEAR, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } = layout

const LONGEST = 65_535
const ICMP6_HDR_INCOMPLETE = 3
/** What a first fragment has at least of its transport. */
const SMALLEST: Readonly<Record<number, number>> = { [PROTO_TCP]: 20, [PROTO_UDP]: 8 }
const SMALLEST_OTHER = 1

/** Puts IPv6 fragments together. `expired`: time is up for a packet whose first fragment came. */
export class Reassembly6 implements Fragments6 {
  /** Code of "parameter problem" where {@link faultOf} answers below 0. Source: RFC 7112. */
  readonly incompleteCode = ICMP6_HDR_INCOMPLETE
  readonly #path: PacketPath
  readonly #queues: Reassembly

  constructor(path: PacketPath, clock: StackClock, expired: (dev: Device, first: number) => void) {
    this.#path = path
    this.#queues = new Reassembly(path, clock, {
      bytes: (ns) => ns.settings.fragmentBytes6,
      lifetime: (ns) => ns.settings.fragmentSeconds6 * 1000,
      distance: () => 0,
      join: (queue) => this.#join(queue),
      expired,
    })
  }

  get waiting(): number {
    return this.#queues.waiting
  }

  forget(dev: Device): void {
    this.#queues.forget(dev)
  }

  /** Whether a packet whose transport offset is that of its fragment header is a fragment at all, as it should be: 0, or the
   *  offset of the field at fault, or below 0 if a first fragment is too short. */
  faultOf(handle: number): number {
    const { packets } = this.#path
    const i = handle << PKT_SHIFT
    const at = packets.fields[i + PKT_NETWORK]
    const header = packets.fields[i + PKT_TRANSPORT]
    const { u8 } = packets.memory
    if (header + FRAGMENT_HEADER > packets.fields[i + PKT_DATA] + packets.fields[i + PKT_LINEAR]) return header - at
    const bytes = packets.fields[i + PKT_LENGTH] - (header + FRAGMENT_HEADER - packets.fields[i + PKT_DATA])
    const word = be16(u8, header + 2)
    if ((word & 0xfff9) === 0) return 0
    if ((word & 0xfff8) === 0 && bytes < (SMALLEST[u8[header]] ?? SMALLEST_OTHER)) return -1
    if ((word & 0xfff8) + bytes > LONGEST) return header + 2 - at
    return (word & 1) !== 0 && (bytes & 7) !== 0 ? 4 : 0
  }

  /** Takes a fragment that {@link faultOf} found nothing wrong with. The whole packet, or -1. */
  add(dev: Device, handle: number): number {
    const { packets } = this.#path
    const i = handle << PKT_SHIFT
    const at = packets.fields[i + PKT_NETWORK]
    const header = packets.fields[i + PKT_TRANSPORT]
    const { u8 } = packets.memory
    const payload = header + FRAGMENT_HEADER - packets.fields[i + PKT_DATA]
    const bytes = packets.fields[i + PKT_LENGTH] - payload
    const word = be16(u8, header + 2)
    const from = word & 0xfff8
    let key = `${dev.ns.inode}:${be32(u8, header + 4)}`
    for (let n = 8; n < IP6_HEADER; n += 4) key += `:${be32(u8, at + n)}`
    // Addresses of a link mean others on another one.
    if (u8[at + 24] === 0xff || (u8[at + 24] === 0xfe && u8[at + 25] >>> 6 === 2)) key += `%${dev.ifindex}`
    const piece = { handle, payload, from, to: from + bytes }
    if ((word & 0xfff9) === 0) return this.#alone(dev, piece)
    return this.#queues.add(dev, key, '', piece, (word & 1) !== 0, (be32(u8, at) >>> 20) & 3)
  }

  /** A packet with a fragment header that is whole: it has nothing to do with others. Source: RFC 6946. */
  #alone(dev: Device, piece: { handle: number; payload: number; from: number; to: number }): number {
    const whole = this.#assemble([piece], piece.to)
    this.#path.packets.free(piece.handle)
    if (whole >= 0) return whole
    dev.counters.rxDropped++
    return -1
  }

  #join(queue: FragmentQueue): number {
    return this.#assemble(queue.pieces, queue.end)
  }

  #assemble(pieces: FragmentQueue['pieces'], end: number): number {
    const { packets } = this.#path
    const head = pieces[0]
    const before = head.payload - FRAGMENT_HEADER
    const whole = before - IP6_HEADER + end > LONGEST ? -1 : packets.alloc(before + end)
    if (whole < 0) return -1
    copyDescriptor(packets, head.handle, whole)
    packets.fields[(whole << PKT_SHIFT) + PKT_IIF] = packets.fields[(head.handle << PKT_SHIFT) + PKT_IIF]
    const data = packets.fields[(whole << PKT_SHIFT) + PKT_DATA]
    const { memory } = packets
    let readable = readBytes(packets, head.handle, 0, before, memory, data, COPY.headers)
    for (const piece of pieces) {
      const to = data + before + piece.from
      readable &&= readBytes(packets, piece.handle, piece.payload, piece.to - piece.from, memory, to, COPY.linearize)
    }
    if (!readable) {
      packets.drop(whole, DROP.UNREADABLE)
      return -1
    }
    const first = packets.fields[(head.handle << PKT_SHIFT) + PKT_DATA]
    const next = memory.u8[first + before]
    memory.u8[data + this.#namedAt(head.handle, before)] = next
    put16(memory.u8, data + 4, before - IP6_HEADER + end)
    packets.fields[(whole << PKT_SHIFT) + PKT_NETWORK] = data
    packets.fields[(whole << PKT_SHIFT) + PKT_TRANSPORT] = data + before
    return whole
  }

  /** Where, from the beginning of the packet, the number of the fragment header stands. */
  #namedAt(handle: number, fragmentAt: number): number {
    const { packets } = this.#path
    const { u8 } = packets.memory
    const start = packets.fields[(handle << PKT_SHIFT) + PKT_DATA]
    let named = 6
    for (let at = IP6_HEADER; at < fragmentAt; at += (u8[start + at + 1] + 1) << 3) named = at
    return named
  }
}
