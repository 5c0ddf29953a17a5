import { type LinkAttrs, type LinkHeader, type LinkInfo, NETKIT_PAIRING, type PeerInfo } from '@netkit/netlink'
import type { Plan, PlannedLink, Spot } from './plan.ts'

/** A request about a link, read. */
export interface LinkRequest {
  readonly header: Required<LinkHeader>
  readonly attrs: LinkAttrs
}

const ETHER = 1

/** Attributes that say where and how a request acts, and nothing about the device. */
const ABOUT_REQUEST = ['netNsFd', 'netNsPid', 'newIfindex', 'targetNetnsid', 'extMask', 'altIfname'] as const

const described = (attrs: LinkAttrs): LinkAttrs =>
  Object.fromEntries(Object.entries(attrs).filter(([key]) => !(ABOUT_REQUEST as readonly string[]).includes(key)))

/** Kinds that come in pairs, with the template of their names. */
const PAIRS: Readonly<Record<string, string>> = { netkit: 'nk%d', veth: 'veth%d' }

const isPair = ({ kind, data }: LinkInfo): boolean => {
  const { pairing } = (data ?? {}) as { pairing?: string | number }
  return kind !== undefined && kind in PAIRS && pairing !== 'single' && pairing !== NETKIT_PAIRING.single
}

const peerIn = (info: LinkInfo): PeerInfo | undefined => {
  const data = info.data as { peerInfo?: PeerInfo; peer?: PeerInfo } | undefined
  return data?.peerInfo ?? data?.peer
}

/** What would be there after RTM_NEWLINK has made a device, or both ends of a pair. Returns the device. */
export function made(plan: Plan, here: Spot, { header, attrs }: LinkRequest): PlannedLink {
  const info = attrs.linkinfo ?? {}
  const spot = plan.spotOfFd(attrs.netNsFd) ?? here
  const born = (header: Partial<LinkHeader>, own: LinkAttrs, kind = info.kind ?? ''): PlannedLink => {
    const ifname = own.ifname ?? PAIRS[kind] ?? `${kind}%d`
    const { ifindex = 0, flags = 0 } = header
    return {
      ifindex: ifindex || plan.unknown(`ifindex of ${ifname}`),
      type: ETHER,
      flags,
      attrs: { ...described(own), ifname },
    }
  }
  const device = born(header, attrs)
  if (!isPair(info)) {
    plan.put(spot, device)
    return device
  }
  const { header: peerHeader = {}, ...own } = peerIn(info) ?? {}
  const peer = born(peerHeader, own)
  const linked = { ...device, attrs: { ...device.attrs, link: peer.ifindex } }
  plan.put(spot, linked)
  plan.put(plan.spotOfFd(own.netNsFd) ?? here, {
    ...peer,
    attrs: { ...peer.attrs, linkinfo: { kind: info.kind }, link: device.ifindex },
  })
  return linked
}

/** What would be there after a device has been changed, renamed, moved. */
export function changed(plan: Plan, here: Spot, before: PlannedLink, { header, attrs }: LinkRequest): void {
  const target = plan.spotOfFd(attrs.netNsFd)
  const name = attrs.ifname ?? before.attrs.ifname
  const moves = target !== undefined && target.inode !== here.inode
  const ifindex = moves ? (attrs.newIfindex ?? plan.unknown(`ifindex of ${name} in ${target.name}`)) : before.ifindex
  const data = attrs.linkinfo?.data && { ...before.attrs.linkinfo?.data, ...attrs.linkinfo.data }
  const linkinfo = data ? ({ ...before.attrs.linkinfo, data } as LinkInfo) : before.attrs.linkinfo
  plan.drop(here, before.ifindex)
  plan.put(moves ? target : here, {
    ifindex,
    type: before.type,
    flags: (before.flags & ~header.change) | (header.flags & header.change),
    attrs: { ...before.attrs, ...described(attrs), linkinfo },
  })
}

/** Alternative names that come and go. */
export function renamed(plan: Plan, here: Spot, before: PlannedLink, { attrs }: LinkRequest, adds: boolean): void {
  const names = attrs.propList?.altIfname ?? []
  const old = before.attrs.propList?.altIfname ?? []
  const altIfname = adds ? [...old, ...names] : old.filter((name) => !names.includes(name))
  plan.put(here, { ...before, attrs: { ...before.attrs, propList: { altIfname } } })
}
