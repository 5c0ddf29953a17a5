import type { Device } from '../../net/device.ts'
import type { PacketPath } from '../../net/path.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { readBytes } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be16, be32, put16 } from '../core/address.ts'
import type { StackClock } from '../core/clock.ts'
import { copyDescriptor } from '../core/copy-descriptor.ts'
import { IP_DF, IP_MF, IP_OFFSET } from '../core/headers.ts'
import type { Fragments } from '../core/stack.ts'
import type { FragmentQueue } from './queue.ts'
import { Reassembly } from './reassembly.ts'

const { PKT_DATA, PKT_IIF, PKT_LENGTH, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } = layout

const LONGEST = 65_535
/** ECN of the whole, by the bits of the fragments that were seen (1 not capable, 2 ECT1, 4 ECT0, 8 congestion); -1: they
 *  contradict. Source: RFC 3168 §5.3. */
const ECN_CE = 3
const ecnOf = (seen: number): number => {
  if ((seen & 1) !== 0) return seen === 1 ? 0 : -1
  return (seen & 8) !== 0 ? ECN_CE : 0
}

/** Puts IPv4 fragments together. `expired`: time is up for a packet whose first fragment came. */
export class Reassembly4 implements Fragments {
  readonly #path: PacketPath
  readonly #queues: Reassembly

  constructor(path: PacketPath, clock: StackClock, expired: (dev: Device, first: number) => void) {
    this.#path = path
    this.#queues = new Reassembly(path, clock, {
      bytes: (ns) => ns.settings.fragmentBytes4,
      lifetime: (ns) => ns.settings.fragmentSeconds4 * 1000,
      distance: (ns) => ns.settings.fragmentMaxDist,
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

  /** Takes a fragment that begins with its IPv4 header, which was checked. The whole packet, or -1. */
  add(dev: Device, handle: number): number {
    const { packets } = this.#path
    const i = handle << PKT_SHIFT
    const at = packets.fields[i + PKT_DATA]
    const { u8 } = packets.memory
    const header = (u8[at] & 0xf) << 2
    const length = packets.fields[i + PKT_LENGTH]
    const word = be16(u8, at + 6)
    const from = (word & IP_OFFSET) << 3
    const more = (word & IP_MF) !== 0
    // What is not a multiple of 8 is cut off: the next fragment begins there.
    const bytes = more ? (length - header) & ~7 : length - header
    if (bytes === 0 || from + bytes > LONGEST) {
      this.#path.drop(dev, handle, DROP.IP_INHDR)
      return -1
    }
    const hosts = `${dev.ns.inode}:${be32(u8, at + 12)}:${be32(u8, at + 16)}`
    const key = `${hosts}:${be16(u8, at + 4)}:${u8[at + 9]}`
    return this.#queues.add(dev, key, hosts, { handle, payload: header, from, to: from + bytes }, more, u8[at + 1] & 3)
  }

  #join(queue: FragmentQueue): number {
    const { packets } = this.#path
    const { pieces, end } = queue
    const head = pieces[0]
    const header = head.payload
    const ecn = ecnOf(queue.ecn)
    const whole = ecn < 0 || header + end > LONGEST ? -1 : packets.alloc(header + end)
    if (whole < 0) return -1
    copyDescriptor(packets, head.handle, whole)
    packets.fields[(whole << PKT_SHIFT) + PKT_IIF] = packets.fields[(head.handle << PKT_SHIFT) + PKT_IIF]
    const data = packets.fields[(whole << PKT_SHIFT) + PKT_DATA]
    const { memory } = packets
    let readable = readBytes(packets, head.handle, 0, header, memory, data, COPY.headers)
    for (const piece of pieces) {
      const to = data + header + piece.from
      readable &&= readBytes(packets, piece.handle, piece.payload, piece.to - piece.from, memory, to, COPY.linearize)
    }
    if (!readable) {
      packets.drop(whole, DROP.UNREADABLE)
      return -1
    }
    const { u8 } = memory
    put16(u8, data + 2, header + end)
    put16(u8, data + 6, be16(u8, data + 6) & IP_DF)
    u8[data + 1] |= ecn
    packets.fields[(whole << PKT_SHIFT) + PKT_NETWORK] = data
    packets.fields[(whole << PKT_SHIFT) + PKT_TRANSPORT] = data + header
    return whole
  }
}
