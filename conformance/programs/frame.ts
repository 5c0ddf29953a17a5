/** Frames, built from the outside in: each layer is given what it carries and puts itself in front, lengths and sums filled in. */

export const ETH = { ip: 0x0800, arp: 0x0806, vlan: 0x8100, qinq: 0x88a8, ipv6: 0x86dd } as const
export const PROTO = { icmp: 1, ipip: 4, tcp: 6, udp: 17, gre: 47, icmp6: 58 } as const

export interface Ipv4Options {
  readonly source: number
  readonly dest: number
  readonly protocol: number
  readonly tos?: number
  readonly ttl?: number
  /** Flags and fragment offset. */
  readonly fragment?: number
  /** Bytes, a multiple of 4. */
  readonly options?: Uint8Array
}

export const bytes = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

export const u16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff]
export const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)]

/** An IPv4 address as a number, first octet highest. */
export const address = (text: string): number =>
  text.split('.').reduce((sum, octet) => ((sum << 8) | Number(octet)) >>> 0, 0)

/** The Internet checksum of bytes, with a sum to start with. */
export function checksum(data: Uint8Array, start = 0): number {
  let sum = start
  for (let i = 0; i < data.length; i += 2) sum += (data[i] << 8) | (data[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

export function ethernet(
  type: number,
  payload: Uint8Array,
  dest: readonly number[],
  source: readonly number[],
): Uint8Array {
  return bytes(dest, source, u16(type), payload)
}

/** A tag, and behind it the ethertype of what it tags. */
export const vlan = (tag: number, type: number, payload: Uint8Array): Uint8Array => bytes(u16(tag), u16(type), payload)

export function ipv4(o: Ipv4Options, payload: Uint8Array): Uint8Array {
  const options = o.options ?? new Uint8Array(0)
  const length = 20 + options.length
  const header = bytes(
    [0x40 | (length / 4), o.tos ?? 0],
    u16(length + payload.length),
    [0x12, 0x34],
    u16(o.fragment ?? 0x4000),
    [o.ttl ?? 64, o.protocol, 0, 0],
    u32(o.source),
    u32(o.dest),
    options,
  )
  header.set(u16(checksum(header)), 10)
  return bytes(header, payload)
}

export function ipv6(source: Uint8Array, dest: Uint8Array, next: number, payload: Uint8Array): Uint8Array {
  return bytes([0x60, 0, 0, 0], u16(payload.length), [next, 64], source, dest, payload)
}

/** Sum of what TCP and UDP add to their checksum over IPv4. */
const pseudo = (source: number, dest: number, protocol: number, length: number): number =>
  [source >>> 16, source & 0xffff, dest >>> 16, dest & 0xffff, protocol, length].reduce((sum, word) => sum + word, 0)

export interface Ends {
  readonly source: number
  readonly dest: number
  readonly sourcePort: number
  readonly destPort: number
}

/** UDP; `sum: false` leaves the checksum 0. */
export function udp(e: Ends, payload: Uint8Array, sum = true): Uint8Array {
  const length = 8 + payload.length
  const datagram = bytes(u16(e.sourcePort), u16(e.destPort), u16(length), [0, 0], payload)
  if (sum) datagram.set(u16(checksum(datagram, pseudo(e.source, e.dest, PROTO.udp, length)) || 0xffff), 6)
  return datagram
}

export function tcp(e: Ends, payload: Uint8Array, flags = 0x18): Uint8Array {
  const segment = bytes(
    u16(e.sourcePort),
    u16(e.destPort),
    u32(0x01020304),
    u32(0x05060708),
    [0x50, flags],
    u16(4096),
    [0, 0, 0, 0],
    payload,
  )
  segment.set(u16(checksum(segment, pseudo(e.source, e.dest, PROTO.tcp, segment.length))), 16)
  return segment
}

export function icmp(type: number, payload: Uint8Array): Uint8Array {
  const message = bytes([type, 0, 0, 0, 0, 1, 0, 1], payload)
  message.set(u16(checksum(message)), 2)
  return message
}
