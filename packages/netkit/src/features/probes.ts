import { ETHTOOL, type GenlFamily, KernelError, NETDEV, NETKIT, type NetkitData, RT_LINK } from '@netkit/netlink'
import { decodeLink } from '../devices/decode.ts'
import type { Places } from '../places/places.ts'
import { routeRequest } from '../request/message.ts'
import { refusalOf } from './answer.ts'

/** What a kernel may be able to do. */
export type FeatureName = 'netkit' | 'scrub' | 'headroom' | 'single' | 'leases' | 'netdev' | 'ethtool'

interface Probe {
  /** First release of Linux that has it: a check on the probe, not a way to answer. */
  readonly since: string
  readonly doc: string
  readonly ask: (places: Places) => Promise<boolean>
}

/** Link info of kind netkit with one attribute whose payload is one byte: always too short for it. */
const tooShort = (id: number) => ({ kind: 'netkit', data: { rest: [{ type: id, payload: new Uint8Array(1) }] } })

/**
 * Asks about an attribute without changing anything: the request names no device and may not create one, so that it fails
 * in any case, but a kernel that knows the attribute fails earlier, over its length. Source: spec 01 §2.5, steps 5 and 9.
 */
async function knowsNetkitAttr(places: Places, name: string, key: keyof NetkitData & string): Promise<boolean> {
  const op = `probe ${name}`
  const request = routeRequest(
    RT_LINK.newlink,
    0,
    {},
    { linkinfo: tooShort(NETKIT.ids[key as keyof typeof NETKIT.ids]) },
  )
  const e = await refusalOf(op, () => places.own.route.request(request, { op }))
  if (e.code === 'ERANGE' && (e.attr === undefined || e.attr.startsWith('linkinfo.data'))) return true
  if (e.code === 'ENODEV') return false
  if (e.code === 'EPERM') return await isSeen(places, op, key, e)
  throw e
}

/** What anybody may see: that there is no such kind, or that a device of it shows the attribute. Else throws `unclear`. */
async function isSeen(places: Places, op: string, key: keyof NetkitData, unclear: KernelError): Promise<boolean> {
  const links = await ofKindNetkit(places, op)
  if (links.some(({ kind }) => kind !== 'netkit')) return false
  if (links.some(({ data }) => (data as NetkitData | undefined)?.[key] !== undefined)) return true
  throw unclear
}

/** The list of netkit devices. A kernel that has no such kind lists everything. Source: spec 01 §2.10. */
async function ofKindNetkit(places: Places, op: string) {
  const attrs = { linkinfo: { kind: 'netkit' }, extMask: ['skipStats'] }
  const replies = await places.own.routeDump(RT_LINK.getlink, {}, attrs, { op })
  return replies.map((reply) => decodeLink(reply).attrs.linkinfo ?? {})
}

/** There is a loopback device in every namespace, which only a kernel without the kind lists among those of kind netkit. */
async function hasNetkit(places: Places): Promise<boolean> {
  return (await ofKindNetkit(places, 'probe netkit')).every(({ kind }) => kind === 'netkit')
}

/** The command is looked for before the privilege and before the attributes, so that any other refusal means yes. */
async function hasQueueCreate(places: Places): Promise<boolean> {
  const op = 'probe leases'
  const e = await refusalOf(op, () => places.own.call(NETDEV, NETDEV.commands.queueCreate, {}, { op }))
  if (e.code === 'EINVAL' || e.code === 'EPERM') return true
  if (e.code === 'EOPNOTSUPP' || e.code === 'ENOENT') return false
  throw e
}

async function hasFamily(places: Places, family: GenlFamily): Promise<boolean> {
  try {
    await places.context.families.resolve(family, places.own.generic)
    return true
  } catch (e) {
    if (e instanceof KernelError && e.code === 'ENOENT') return false
    throw e
  }
}

/** How each feature is asked for. */
export const PROBES: Readonly<Record<FeatureName, Probe>> = {
  netkit: { since: '6.7', doc: 'Pairs of kind netkit.', ask: hasNetkit },
  scrub: {
    since: '6.12',
    doc: 'Whether packets keep mark and priority, chosen for each end.',
    ask: (places) => knowsNetkitAttr(places, 'scrub', 'scrub'),
  },
  headroom: {
    since: '6.14',
    doc: 'Head- and tailroom of netkit devices.',
    ask: (places) => knowsNetkitAttr(places, 'headroom', 'headroom'),
  },
  single: {
    since: '7.1',
    doc: 'Netkit devices without a peer.',
    ask: (places) => knowsNetkitAttr(places, 'single', 'pairing'),
  },
  leases: { since: '7.1', doc: 'Leases of receive queues.', ask: hasQueueCreate },
  netdev: { since: '6.3', doc: 'The netdev family: queues, XDP features.', ask: (places) => hasFamily(places, NETDEV) },
  ethtool: { since: '5.6', doc: 'Settings of devices by netlink.', ask: (places) => hasFamily(places, ETHTOOL) },
}
