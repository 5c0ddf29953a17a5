import { all, any, CUT, either, equals, type Frame, load, NO, not, type Test, YES } from './frame.ts'
import { ETHERTYPES, PROTOCOLS } from './names.ts'

const ETHERTYPE_AT = 12
const ONLY_IP4 = ['icmp', 'igmp', 'igrp', 'vrrp']
/** Of IPv4, from its header on; of IPv6 likewise. */
const PROTOCOL_AT = 9
const FRAGMENT_AT = 6
const OFFSET_MASK = 0x1fff
const NEXT_HEADER_AT = 6
const IP6_HEADER = 40
const FRAGMENT_HEADER = 44

/**
 * Where headers are, behind so many bytes of tags: tests for what a frame is, as tcpdump decides it. What comes behind `vlan` in
 * a filter looks behind the tag.
 */
export class Headers {
  readonly tags: number

  constructor(tags: number) {
    this.tags = tags
  }

  /** Where the network header is. */
  get network(): number {
    return this.tags + ETHERTYPE_AT + 2
  }

  ethertype(type: number): Test {
    return equals(this.tags + ETHERTYPE_AT, 2, type)
  }

  named(name: string): Test {
    return this.ethertype(ETHERTYPES.get(name)!)
  }

  get ip(): Test {
    return this.named('ip')
  }

  get ip6(): Test {
    return this.named('ip6')
  }

  ipProtocol(number: number): Test {
    return all([this.ip, equals(this.network + PROTOCOL_AT, 1, number)])
  }

  /** What is directly behind the header of IPv6. */
  nextHeader(number: number): Test {
    return equals(this.network + NEXT_HEADER_AT, 1, number)
  }

  /** Directly behind its header, or in a fragment. */
  ip6Protocol(number: number): Test {
    const inFragment = all([this.nextHeader(FRAGMENT_HEADER), equals(this.network + IP6_HEADER, 1, number)])
    return all([this.ip6, either(this.nextHeader(number), inFragment)])
  }

  /** The protocol of a name, of IP of either version where it has both. */
  protocol(name: string): Test {
    const number = PROTOCOLS.get(name)!
    if (ONLY_IP4.includes(name)) return this.ipProtocol(number)
    if (name === 'icmp6') return this.ip6Protocol(number)
    return any([this.ipProtocol(number), this.ip6Protocol(number)])
  }

  /** Not a later fragment. */
  get first(): Test {
    return equals(this.network + FRAGMENT_AT, 2, 0, OFFSET_MASK)
  }

  /** Where IPv4's payload begins in a frame; CUT if that cannot be known. */
  payload(frame: Frame): number {
    const first = load(frame, this.network, 1)
    return first === CUT ? CUT : this.network + (first & 0xf) * 4
  }

  /** An address of IPv4, or a part of it, at an offset from the network header. */
  ip4At(offset: number, address: number, mask: number): Test {
    return equals(this.network + offset, 4, address, mask)
  }

  ip6At(offset: number, words: readonly number[], masks: readonly number[]): Test {
    return all(words.map((word, i) => equals(this.network + offset + 4 * i, 4, word, masks[i])))
  }

  macAt(offset: number, mac: readonly number[]): Test {
    const [a, b, c, d, e, f] = mac
    return all([equals(offset, 4, ((a << 24) | (b << 16) | (c << 8) | d) >>> 0), equals(offset + 4, 2, (e << 8) | f)])
  }

  /** A port in a range, of some protocols: the source's at 0, the destination's at 2. */
  port(protocols: readonly number[], offsets: readonly number[], isEvery: boolean, from: number, to: number): Test {
    const within = (port: number): boolean => port >= from && port <= to
    const combine = isEvery ? all : any
    const ports4 = offsets.map(
      (offset): Test =>
        (frame) => {
          const payload = this.payload(frame)
          return payload === CUT ? CUT : inRange(load(frame, payload + offset, 2), within)
        },
    )
    const ports6 = offsets.map(
      (offset): Test =>
        (frame) =>
          inRange(load(frame, this.network + IP6_HEADER + offset, 2), within),
    )
    const of = (at: number): Test => any(protocols.map((number) => equals(this.network + at, 1, number)))
    return any([
      all([this.ip, of(PROTOCOL_AT), this.first, combine(ports4)]),
      all([this.ip6, of(NEXT_HEADER_AT), combine(ports6)]),
    ])
  }

  static readonly group: Test = not(equals(0, 1, 0, 1))
  static readonly broadcast: Test = all([equals(0, 4, 0xffff_ffff), equals(4, 2, 0xffff)])
}

const inRange = (port: number, within: (port: number) => boolean): typeof YES | typeof NO | typeof CUT =>
  port === CUT ? CUT : within(port) ? YES : NO
