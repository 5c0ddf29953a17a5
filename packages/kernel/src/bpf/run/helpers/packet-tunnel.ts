import { errno } from '@netkit/netlink'
import { PKT_DST, PKT_SHIFT } from '../../../packet/fields.ts'
import { MOST_OPTIONS, OLDER_FORMS, TUNNEL_KEY_BYTES, type TunnelKey } from '../tunnel-key.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

/** What PKT_DST is of packets with the tunnel key; nothing that counts routes comes that far. */
const HAS_TUNNEL_KEY = 0x7fff_ffff

const IPV6 = 1
const ZERO_CSUM_TX = 2
const DONT_FRAGMENT = 4
const SEQ_NUMBER = 8
const NO_TUNNEL_KEY = 16
const SET_FLAGS = IPV6 | ZERO_CSUM_TX | DONT_FRAGMENT | SEQ_NUMBER | NO_TUNNEL_KEY
/** Of getting: the flags of the tunnel, where `ext` is. */
const FLAGS = 16
const GET_FLAGS = IPV6 | FLAGS
const LABEL_MASK = 0xf_ffff

/** Offsets in `struct bpf_tunnel_key`. */
const AT = { id: 0, remote: 4, tos: 20, ttl: 21, ext: 22, label: 24, local: 28 } as const
/** The form that ends with an IPv4 address. */
const IPV4_FORM = 8

/** IP_TUNNEL_*_BIT as 16 bits in network order, read as the machine does. */
const TUNNEL = {
  csum: 0x0100,
  key: 0x0400,
  seq: 0x0800,
  dontFragment: 0x0001,
  noCache: 0x0020,
  options: 0x00d8,
} as const

/** Words that programs have in host order, and headers in network order. */
function copyAddress(u8: Uint8Array, to: Uint8Array, from: number, isIpv6: boolean): void {
  for (let i = 0; i < 16; i++) to[i] = isIpv6 ? u8[from + i] : i < 4 ? u8[from + 3 - i] : 0
}

function putAddress(u8: Uint8Array, to: number, from: Uint8Array, isIpv6: boolean): void {
  for (let i = 0; i < 16; i++) u8[to + i] = isIpv6 ? from[i] : i < 4 ? from[3 - i] : 0
}

const form = new Uint8Array(TUNNEL_KEY_BYTES)
const formView = new DataView(form.buffer)

function setKey(
  { contexts, memory, tunnel }: HelperWorld,
  ctx: number,
  from: number,
  size: number,
  flags: number,
): number {
  if ((flags & ~SET_FLAGS) !== 0) return -errno.EINVAL
  if (size !== TUNNEL_KEY_BYTES && !OLDER_FORMS.has(size)) return -errno.EINVAL
  form.fill(0)
  for (let i = 0; i < size; i++) form[i] = memory.u8[from + i]
  const isIpv6 = (flags & IPV6) !== 0
  const label = formView.getUint32(AT.label, true)
  if ((!isIpv6 && label !== 0) || formView.getUint16(AT.ext, true) !== 0) return -errno.EINVAL
  tunnel.id = formView.getUint32(AT.id, true)
  tunnel.tos = form[AT.tos]
  tunnel.ttl = form[AT.ttl]
  tunnel.isIpv6 = isIpv6
  tunnel.label = isIpv6 ? label & LABEL_MASK : 0
  tunnel.flags =
    TUNNEL.noCache |
    ((flags & NO_TUNNEL_KEY) !== 0 ? 0 : TUNNEL.key) |
    ((flags & ZERO_CSUM_TX) !== 0 ? 0 : TUNNEL.csum) |
    ((flags & DONT_FRAGMENT) !== 0 ? TUNNEL.dontFragment : 0) |
    ((flags & SEQ_NUMBER) !== 0 ? TUNNEL.seq : 0)
  tunnel.optionBytes = 0
  copyAddress(form, tunnel.destination, AT.remote, isIpv6)
  copyAddress(form, tunnel.source, AT.local, isIpv6)
  contexts.packets.fields[(contexts.at(ctx).handle << PKT_SHIFT) + PKT_DST] = HAS_TUNNEL_KEY
  return 0
}

const hasKey = ({ contexts }: HelperWorld, ctx: number): boolean =>
  contexts.packets.fields[(contexts.at(ctx).handle << PKT_SHIFT) + PKT_DST] === HAS_TUNNEL_KEY

/** Why the key cannot be given in that form; 0 if it can. */
function refusal(of: HelperWorld, ctx: number, size: number, flags: number): number {
  if (!hasKey(of, ctx) || (flags & ~GET_FLAGS) !== 0) return -errno.EINVAL
  if (of.tunnel.isIpv6 !== ((flags & IPV6) !== 0)) return -errno.EPROTO
  if (size === TUNNEL_KEY_BYTES) return 0
  return !OLDER_FORMS.has(size) || (size === IPV4_FORM && of.tunnel.isIpv6) ? -errno.EINVAL : 0
}

function getKey(of: HelperWorld, ctx: number, to: number, size: number, flags: number): number {
  const { u8 } = of.memory
  const refused = refusal(of, ctx, size, flags)
  if (refused !== 0) {
    u8.fill(0, to, to + size)
    return refused
  }
  writeForm(of.tunnel, (flags & FLAGS) !== 0)
  for (let i = 0; i < size; i++) u8[to + i] = form[i]
  return 0
}

/** The key as who receives it sees it: remote is where it comes from. */
function writeForm({ id, tos, ttl, isIpv6, label, flags, source, destination }: TunnelKey, withFlags: boolean): void {
  formView.setUint32(AT.id, id, true)
  form[AT.tos] = tos
  form[AT.ttl] = ttl
  formView.setUint16(AT.ext, withFlags ? flags : 0, true)
  formView.setUint32(AT.label, label, true)
  putAddress(form, AT.remote, source, isIpv6)
  putAddress(form, AT.local, destination, isIpv6)
}

/** Where tunnels lead packets. Source: spec 02 §3.6. */
export const PACKET_TUNNEL: readonly HelperRow[] = [
  {
    name: 'skb_set_tunnel_key',
    args: ['u32', 'u32', 'u32', 'u64'],
    returns: 's32',
    body: (of, ctx, from, size, flags, high) => setKey(of, ctx, from >>> 0, size >>> 0, high === 0 ? flags : -1),
  },
  {
    name: 'skb_get_tunnel_key',
    args: ['u32', 'u32', 'u32', 'u64'],
    returns: 's32',
    body: (of, ctx, to, size, flags, high) => getKey(of, ctx, to >>> 0, size >>> 0, high === 0 ? flags : -1),
  },
  {
    name: 'skb_set_tunnel_opt',
    args: ['u32', 'u32', 'u32'],
    returns: 's32',
    body(of, ctx, from, size) {
      const { tunnel, memory } = of
      if (!hasKey(of, ctx) || (size & 3) !== 0) return -errno.EINVAL
      if (size >>> 0 > MOST_OPTIONS) return -errno.ENOMEM
      tunnel.options.set(memory.u8.subarray(from >>> 0, (from >>> 0) + size))
      tunnel.optionBytes = size
      tunnel.flags |= size > 0 ? TUNNEL.options : 0
      return 0
    },
  },
  {
    name: 'skb_get_tunnel_opt',
    args: ['u32', 'u32', 'u32'],
    returns: 's32',
    body(of, ctx, to, size) {
      const { u8 } = of.memory
      const { optionBytes, options } = of.tunnel
      const at = to >>> 0
      const error = !hasKey(of, ctx) || optionBytes === 0 ? -errno.ENOENT : size >>> 0 < optionBytes ? -errno.ENOMEM : 0
      u8.fill(0, at, at + (size >>> 0))
      if (error !== 0) return error
      u8.set(options.subarray(0, optionBytes), at)
      return optionBytes
    },
  },
]
