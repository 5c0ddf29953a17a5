/** Frames of all kinds that filters tell apart, some of them cut or spoilt. */
const MAC_A = [2, 0, 0, 0, 0, 1]
const MAC_B = [2, 0, 0, 0, 0, 2]
const BROADCAST = [255, 255, 255, 255, 255, 255]
const MULTICAST4 = [1, 0, 94, 0, 0, 251]
const MULTICAST6 = [0x33, 0x33, 0, 0, 0, 1]
const word = (n: number): number[] => [(n >> 8) & 0xff, n & 0xff]

const ip4 = (
  protocol: number,
  payload: number[],
  more: { src?: number[]; dst?: number[]; fragment?: number; options?: number } = {},
): number[] => {
  const { src = [10, 0, 0, 1], dst = [10, 0, 1, 2], fragment = 0, options = 0 } = more
  const header = 20 + options
  return [
    0x40 | (header / 4),
    0,
    ...word(header + payload.length),
    0,
    1,
    ...word(fragment),
    64,
    protocol,
    0,
    0,
    ...src,
    ...dst,
    ...new Array<number>(options).fill(1),
    ...payload,
  ]
}
const A6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
const B6 = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x22]
const ip6 = (next: number, payload: number[], src = A6, dst = B6): number[] => [
  0x60,
  0,
  0,
  0,
  ...word(payload.length),
  next,
  64,
  ...src,
  ...dst,
  ...payload,
]
const ports = (src: number, dst: number): number[] => [...word(src), ...word(dst), 0, 16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
const tcp = (src: number, dst: number, flags: number): number[] => [
  ...word(src),
  ...word(dst),
  0,
  0,
  0,
  1,
  0,
  0,
  0,
  2,
  0x50,
  flags,
  0xff,
  0xff,
  0,
  0,
  0,
  0,
  1,
  2,
  3,
]
const arp = (op: number): number[] => [0, 1, 8, 0, 6, 4, 0, op, ...MAC_A, 10, 0, 0, 1, ...MAC_B, 10, 0, 1, 2]
const ethernet = (type: number, payload: number[], dst = MAC_B, src = MAC_A): number[] => [
  ...dst,
  ...src,
  ...word(type),
  ...payload,
]
const tag = (frame: number[], tci: number, type = 0x8100): number[] => [
  ...frame.slice(0, 12),
  ...word(type),
  ...word(tci),
  ...frame.slice(12),
]

const PLAIN: readonly number[][] = [
  ethernet(0x800, ip4(6, tcp(40000, 80, 2))),
  ethernet(0x800, ip4(6, tcp(80, 40000, 0x12))),
  ethernet(0x800, ip4(6, tcp(40001, 443, 0x10), { options: 8 })),
  ethernet(0x800, ip4(6, tcp(22, 22, 0x11), { src: [192, 168, 1, 1], dst: [192, 168, 1, 77] })),
  ethernet(0x800, ip4(17, ports(53, 40000))),
  ethernet(0x800, ip4(17, ports(68, 67), { src: [0, 0, 0, 0], dst: [255, 255, 255, 255] }), BROADCAST),
  ethernet(0x800, ip4(17, ports(5353, 5353), { dst: [224, 0, 0, 251] }), MULTICAST4),
  ethernet(0x800, ip4(17, ports(53, 1000), { fragment: 0x2000 })),
  ethernet(0x800, ip4(17, ports(53, 1000), { fragment: 0x0010 })),
  ethernet(0x800, ip4(1, [8, 0, 0, 0, 0, 1, 0, 1])),
  ethernet(0x800, ip4(1, [0, 0, 0, 0, 0, 1, 0, 1], { src: [10, 0, 1, 2], dst: [10, 0, 0, 1] })),
  ethernet(0x800, ip4(1, [3, 1, 0, 0, 0, 0, 0, 0], { fragment: 0x0002 })),
  ethernet(0x800, ip4(2, [0x16, 0, 0, 0, 224, 0, 0, 5], { dst: [224, 0, 0, 5] }), MULTICAST4),
  ethernet(0x800, ip4(132, ports(9899, 80))),
  ethernet(0x800, ip4(50, [1, 2, 3, 4, 5, 6, 7, 8])),
  ethernet(0x800, ip4(51, [1, 2, 3, 4, 5, 6, 7, 8])),
  ethernet(0x86dd, ip6(6, tcp(40000, 80, 2))),
  ethernet(0x86dd, ip6(17, ports(53, 40000), B6, A6)),
  ethernet(0x86dd, ip6(58, [128, 0, 0, 0, 0, 1, 0, 1])),
  ethernet(0x86dd, ip6(58, [135, 0, 0, 0, 0, 0, 0, 0], B6, [0xff, 2, ...new Array<number>(13).fill(0), 1]), MULTICAST6),
  ethernet(0x86dd, ip6(44, [6, 0, 0, 1, 0, 0, 0, 1, ...tcp(40000, 80, 2)])),
  ethernet(0x86dd, ip6(44, [17, 0, 0, 8, 0, 0, 0, 1, ...ports(53, 53)])),
  ethernet(0x86dd, ip6(0, [6, 0, 1, 4, 0, 0, 0, 0, ...tcp(40000, 80, 2)])),
  ethernet(0x86dd, ip6(132, ports(9899, 443))),
  ethernet(0x806, arp(1), BROADCAST),
  ethernet(0x806, arp(2), MAC_A, MAC_B),
  ethernet(0x8035, arp(3), BROADCAST),
  ethernet(0x88cc, [2, 7, 4, 1, 2, 3, 4, 5, 6]),
  ethernet(46, [0xaa, 0xaa, 3, 0, 0, 0, ...new Array<number>(40).fill(9)]),
]

export const FRAMES: readonly Uint8Array[] = [
  ...PLAIN,
  ...PLAIN.filter((_, i) => i % 2 === 0).map((frame) => tag(frame, 42)),
  ...PLAIN.filter((_, i) => i % 3 === 0).map((frame) => tag(frame, 0x2000 | 7)),
  ...PLAIN.filter((_, i) => i % 4 === 0).map((frame) => tag(tag(frame, 42), 100, 0x88a8)),
  ...PLAIN.flatMap((frame, i) =>
    [12, 14, 15, 20, 24, 34, 36, 38, 54, 56].filter((n) => (n + i) % 3 === 0).map((n) => frame.slice(0, n)),
  ),
].map((frame) => Uint8Array.from(frame))

/** A classic pcap file of them, all of which are longer on the wire than here if `wire` says so. */
export function pcapOf(frames: readonly Uint8Array[]): Uint8Array {
  const size = frames.reduce((sum, frame) => sum + 16 + frame.length, 24)
  const file = new Uint8Array(size)
  const view = new DataView(file.buffer)
  for (const [i, value] of [0xa1b2c3d4, 0x0004_0002, 0, 0, 262144, 1].entries()) view.setUint32(4 * i, value, true)
  let at = 24
  for (const [i, frame] of frames.entries()) {
    for (const [n, value] of [1, i, frame.length, wireLength(frame, i)].entries())
      view.setUint32(at + 4 * n, value, true)
    file.set(frame, at + 16)
    at += 16 + frame.length
  }
  return file
}

/** Some frames are said to have been longer. */
export const wireLength = (frame: Uint8Array, i: number): number => frame.length + (i % 5 === 0 ? 1000 : 0)
