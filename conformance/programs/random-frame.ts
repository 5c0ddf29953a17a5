import type { Chance } from '../differential/chance.ts'
import * as frame from './frame.ts'

/** What frames are made of, so that they meet what is in the maps of a program. */
export interface Surroundings {
  /** IPv4 addresses that are met often. */
  readonly sources: readonly number[]
  readonly dests: readonly number[]
  readonly sourcePorts: readonly number[]
  readonly destPorts: readonly number[]
  /** IPv6 sources that are met often. */
  readonly sources6?: readonly Uint8Array[]
  /** What a UDP datagram carries now and then. */
  readonly payload?: (chance: Chance) => Uint8Array
}

const { ETH, PROTO } = frame
const MACS = [
  [2, 0, 0, 0, 0, 1],
  [2, 0, 0, 0, 0, 2],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [1, 0, 0x5e, 0, 0, 1],
] as const

const noise = (chance: Chance, size: number): Uint8Array => Uint8Array.from({ length: size }, () => chance.below(256))
const size = (chance: Chance): number =>
  chance.weighted([
    [6, 1],
    [3, 64],
    [1, 1200],
  ]) *
    chance.below(3) +
  chance.below(40)
/** One of those that are met often, or now and then any. */
const near = (chance: Chance, list: readonly number[], any: number): number =>
  chance.oneIn(12) ? chance.below(any) : chance.pick(list)

/** A frame that a program may meet: mostly sound, of what it is for, and now and then odd, cut off, or spoilt. */
export function randomFrame(chance: Chance, around: Surroundings): Uint8Array {
  const whole = chance.weighted([
    [16, ip4Frame],
    [3, ip6Frame],
    [1, otherFrame],
  ])(chance, around)
  const tagged = chance.oneIn(10) ? tag(chance, whole) : whole
  if (chance.oneIn(15)) return cut(chance, tagged)
  if (chance.oneIn(15)) return spoil(chance, tagged)
  return tagged
}

function ip4Frame(chance: Chance, around: Surroundings): Uint8Array {
  return sealed(chance, ETH.ip, randomIpv4(chance, around))
}

const sealed = (chance: Chance, type: number, packet: Uint8Array): Uint8Array =>
  frame.ethernet(type, packet, chance.pick(MACS), chance.pick(MACS.slice(0, 2)))

/** An IPv4 packet alone. */
export function randomIpv4(chance: Chance, around: Surroundings): Uint8Array {
  const ends = {
    source: near(chance, around.sources, 0xffff_ffff),
    dest: near(chance, around.dests, 0xffff_ffff),
    sourcePort: near(chance, around.sourcePorts, 65536),
    destPort: near(chance, around.destPorts, 65536),
  }
  const payload = around.payload && chance.oneIn(2) ? around.payload(chance) : noise(chance, size(chance))
  const [protocol, segment] = chance.weighted<() => readonly [number, Uint8Array]>([
    [6, () => [PROTO.udp, frame.udp(ends, payload, !chance.oneIn(8))]],
    [5, () => [PROTO.tcp, frame.tcp(ends, payload, chance.below(256))]],
    [1, () => [PROTO.icmp, frame.icmp(chance.pick([0, 8, 3, 11]), payload)]],
    [1, () => [chance.below(256), payload]],
  ])()
  return frame.ipv4(
    {
      source: ends.source,
      dest: ends.dest,
      protocol,
      tos: chance.oneIn(4) ? chance.below(256) : 0,
      ttl: chance.oneIn(12) ? chance.below(3) : 64,
      fragment: chance.oneIn(20) ? chance.below(0x10000) : 0x4000,
      options: chance.oneIn(20) ? new Uint8Array(4 * (1 + chance.below(10))).fill(1) : undefined,
    },
    segment,
  )
}

function ip6Frame(chance: Chance, around: Surroundings): Uint8Array {
  const any = noise(chance, 16)
  const source = around.sources6 && !chance.oneIn(8) ? chance.pick(around.sources6) : any
  const next = chance.pick([PROTO.udp, PROTO.tcp, PROTO.icmp6, 0, 44])
  return sealed(chance, ETH.ipv6, frame.ipv6(source, noise(chance, 16), next, noise(chance, 8 + size(chance))))
}

function otherFrame(chance: Chance): Uint8Array {
  return sealed(chance, chance.pick([ETH.arp, 0x88cc, chance.below(0x10000)]), noise(chance, 28 + size(chance)))
}

function tag(chance: Chance, plain: Uint8Array): Uint8Array {
  const type = (plain[12] << 8) | plain[13]
  const tagged = frame.vlan(chance.below(0x10000), type, plain.subarray(14))
  const again = chance.oneIn(3) ? frame.vlan(chance.below(4096), ETH.vlan, tagged) : tagged
  return frame.bytes(plain.subarray(0, 12), frame.u16(again === tagged ? ETH.vlan : ETH.qinq), again)
}

/** PROG_TEST_RUN wants a whole Ethernet header. */
const cut = (chance: Chance, whole: Uint8Array): Uint8Array =>
  whole.slice(0, 14 + chance.below(Math.max(1, Math.min(whole.length - 14, 60))))

function spoil(chance: Chance, whole: Uint8Array): Uint8Array {
  const spoilt = whole.slice()
  for (let n = 1 + chance.below(3); n > 0; n--) spoilt[chance.below(spoilt.length)] = chance.below(256)
  return spoilt
}
