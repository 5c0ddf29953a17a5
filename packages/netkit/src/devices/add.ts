import {
  DUMMY,
  LINK,
  type LinkAttrs,
  NETKIT,
  NLM_F_CREATE,
  NLM_F_ECHO,
  NLM_F_EXCL,
  RT_LINK,
  RTM_NEWLINK,
} from '@netkit/netlink'
import { checkAttrs } from '../input/check.ts'
import { InputError } from '../input/input-error.ts'
import type { Scope } from '../places/scope.ts'
import { Rollback } from '../rollback.ts'
import { decodeLink } from './decode.ts'
import type { Device } from './device.ts'
import type { Devices } from './devices.ts'
import { checkNetkit } from './netkit.ts'
import type { AddOptions, BirthSettings, PeerOptions } from './options.ts'
import { attrsOf, BIRTH_KEYS, checkSettings, flagsOf } from './settings.ts'

const ADD_KEYS = new Set([...BIRTH_KEYS, 'kind', 'data', 'peer', 'raw', 'in', 'signal'])
const PEER_KEYS = new Set([...BIRTH_KEYS, 'namespace'])
const KINDS = { netkit: NETKIT, veth: undefined, dummy: DUMMY } as const

/** How the device to be is called in messages. */
const addText = (o: AddOptions): string => `device add ${o.name ?? o.kind}`

/** Refuses what makes no sense, before anything is sent. */
export function checkAdd(o: AddOptions): void {
  const op = addText(o)
  if (!Object.hasOwn(KINDS, o.kind))
    throw new InputError(op, 'kind', `must be one of ${Object.keys(KINDS).join(', ')}, not '${String(o.kind)}'`)
  checkSettings(op, '', o, 'create', ADD_KEYS)
  if (o.raw)
    for (const key of Object.keys(o.raw))
      if (key !== 'rest' && !(key in LINK.rows)) throw new InputError(op, `raw.${key}`, 'is no attribute of a link')
  if (o.peer) {
    if ((o.kind as string) === 'dummy') throw new InputError(op, 'peer', 'cannot be given: a dummy device has none')
    checkSettings(op, 'peer', o.peer, 'create', PEER_KEYS)
    if (o.peer.ifindex !== undefined && o.ifindex === undefined) {
      throw new InputError(
        op,
        'peer.ifindex',
        'is honoured by the kernel only together with the ifindex of the device itself',
      )
    }
  }
  const table = KINDS[o.kind]
  if (o.data && !table) throw new InputError(op, 'data', `cannot be given: a ${o.kind} device has no parameters`)
  if (o.data && table) checkAttrs(op, 'data', table, o.data, 'create')
  if (o.kind === 'netkit') checkNetkit(op, o)
}

/** Makes a device; what the kernel cannot do in the same request follows, and is taken back if it fails. */
export function add(devices: Devices, o: AddOptions): Promise<Device> {
  return devices.places.with(o.in, async (scope) => {
    const device = await create(devices, scope, o)
    const back = new Rollback()
    back.done(`device ${device.name}`, () => devices.remove(device, { in: o.in }))
    try {
      await follow(devices, device, o)
      if (o.peer && needsMore(o.peer)) {
        const peer = await devices.peerOf(device, o.peer.namespace ?? o.in)
        await follow(devices, peer, o.peer, { up: o.peer.up, ...switches(o.peer) })
      }
      return device
    } catch (e) {
      return back.fail(e)
    }
  })
}

async function create(devices: Devices, scope: Scope, o: AddOptions): Promise<Device> {
  const op = addText(o)
  const send = async (netNsFd: number | undefined): Promise<Device> => {
    const attrs: LinkAttrs = { ...attrsOf(o), ifalias: undefined, linkinfo: linkinfoOf(o, netNsFd), ...o.raw }
    const header = { ifindex: o.ifindex ?? 0, ...flagsOf(o) }
    const flags = NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO
    const replies = await scope.routeCall(RT_LINK.newlink, flags, header, attrs, { op, signal: o.signal })
    const echo = replies.find((r) => r.type === RTM_NEWLINK)
    if (echo) return devices.make(decodeLink(echo), o.in)
    // Kernels before 6.2 do not echo.
    if (o.name === undefined || o.name.includes('%'))
      throw new Error(`${op}: made, but the kernel did not tell its name`)
    return devices.get(o.name, { in: o.in, signal: o.signal })
  }
  const where = o.peer?.namespace
  return where === undefined ? send(undefined) : devices.places.opened(where, (namespace) => send(namespace.fd))
}

function linkinfoOf(o: AddOptions, netNsFd: number | undefined): LinkAttrs['linkinfo'] {
  const { kind, peer } = o
  const info = peer && { header: { ifindex: peer.ifindex ?? 0 }, ...attrsOf(peer), ifalias: undefined, netNsFd }
  if (kind === 'netkit') return { kind, data: o.data || info ? { ...o.data, peerInfo: info } : undefined }
  if (kind === 'veth') return { kind, data: info && { peer: info } }
  return { kind }
}

/** The switches of a peer other than `up`: the kernel does not take them from the request that makes it. */
const switches = ({ arp, multicast, promisc, allmulticast, dynamic }: PeerOptions) => ({
  arp,
  multicast,
  promisc,
  allmulticast,
  dynamic,
})

const needsMore = (o: PeerOptions): boolean =>
  o.alias !== undefined || (o.altnames?.length ?? 0) > 0 || flagsOf(o).change !== 0

/** What is ignored by the kernel when a device is made, and so has to follow. */
async function follow(devices: Devices, device: Device, o: BirthSettings, flags: PeerOptions = {}): Promise<void> {
  const settings = { ...flags, alias: o.alias }
  if (Object.values(settings).some((value) => value !== undefined)) await devices.set(device, settings)
  if (o.altnames && o.altnames.length > 0) await devices.addAltnames(device, o.altnames)
}
