import { toHex } from '@netkit/netlink'
import type { Frame } from './pcap.ts'
import { isoTime } from './time.ts'

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  6: 'TCP',
  17: 'UDP',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  132: 'SCTP',
}
const WITH_PORTS = [6, 17, 132]
const TCP_FLAGS = ['F', 'S', 'R', 'P', '.', 'U', 'E', 'W'] as const
const VLAN = 0x8100

/** A frame in one line: when, where, from whom to whom, and what became of it. */
export function frameText({ time, device, bytes, length, comment }: Frame): string {
  const when = isoTime(time / 1000).slice(11)
  return `${when} ${device ?? ''} ${contentText(bytes)}, length ${length}${comment === undefined ? '' : ` (${comment})`}\n`
}

/** From whom to whom. */
export function contentText(b: Uint8Array): string {
  if (b.length < 14) return `cut, ${toHex(b)}`
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength)
  const mac = (at: number) => toHex(b.subarray(at, at + 6), ':')
  let at = 14
  let type = view.getUint16(12)
  let vlan = ''
  if (type === VLAN && b.length >= 18) {
    vlan = `vlan ${view.getUint16(14) & 0xfff}, `
    type = view.getUint16(16)
    at = 18
  }
  const inside =
    type === 0x0800
      ? ipv4(b, view, at)
      : type === 0x86dd
        ? ipv6(b, view, at)
        : type === 0x0806
          ? arp(b, view, at)
          : undefined
  return vlan + (inside ?? `${mac(6)} > ${mac(0)}, ethertype 0x${type.toString(16).padStart(4, '0')}`)
}

const dotted = (b: Uint8Array, at: number): string => [...b.subarray(at, at + 4)].join('.')

/** An address of IPv6 in its shortest form. */
function colons(view: DataView, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(at + 2 * i).toString(16)).join(':')
  const runs = [...groups.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map((m) => m[0])
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  return longest === ''
    ? groups
    : groups.replace(longest, longest.startsWith(':') ? ':' : '::').replace(/^:(?!:)|(?<!:):$/g, (c) => `${c}:`)
}

function ipv4(b: Uint8Array, view: DataView, at: number): string | undefined {
  if (b.length < at + 20) return undefined
  const header = (b[at] & 0xf) * 4
  const fragment = view.getUint16(at + 6) & 0x1fff
  return flow(b, view, {
    proto: b[at + 9],
    from: dotted(b, at + 12),
    to: dotted(b, at + 16),
    at: at + header,
    first: fragment === 0,
  })
}

function ipv6(b: Uint8Array, view: DataView, at: number): string | undefined {
  if (b.length < at + 40) return undefined
  return flow(b, view, {
    proto: b[at + 6],
    from: colons(view, at + 8),
    to: colons(view, at + 24),
    at: at + 40,
    first: true,
  })
}

interface Flow {
  readonly proto: number
  readonly from: string
  readonly to: string
  /** Where what is behind the IP header begins. */
  readonly at: number
  readonly first: boolean
}

function flow(b: Uint8Array, view: DataView, { proto, from, to, at, first }: Flow): string {
  const name = PROTOCOLS[proto] ?? `protocol ${proto}`
  if (!first || !WITH_PORTS.includes(proto) || b.length < at + 4) return `${name} ${from} > ${to}`
  const ports = `${name} ${from}.${view.getUint16(at)} > ${to}.${view.getUint16(at + 2)}`
  if (proto !== 6 || b.length < at + 14) return ports
  const flags = TCP_FLAGS.filter((_, bit) => (b[at + 13] & (1 << bit)) !== 0).join('')
  return `${ports} [${flags}]`
}

function arp(b: Uint8Array, view: DataView, at: number): string | undefined {
  if (b.length < at + 28) return undefined
  const [from, to] = [dotted(b, at + 14), dotted(b, at + 24)]
  return view.getUint16(at + 6) === 1
    ? `ARP who has ${to} tell ${from}`
    : `ARP ${from} is at ${toHex(b.subarray(at + 8, at + 14), ':')}`
}
