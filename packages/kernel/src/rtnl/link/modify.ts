import { errno, LINK } from '@netkit/netlink'
import { readByteString } from '../../net/bytestring.ts'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { inetMtuChanged } from '../../net/inet.ts'
import { type LinkRequest, nameAttr } from '../../net/link-request.ts'
import { setCarrier } from '../../net/linkwatch.ts'
import { moveDevice } from '../../net/move.ts'
import { isReservedName } from '../../net/names.ts'
import type { Request } from '../../net/request.ts'
import { changeFlags, wantedFlags } from '../../net/updown.ts'
import { targetNs } from '../target-ns.ts'
import { takeAfSpec } from './af-spec-change.ts'
import { nextOperstate } from './create.ts'
import { setMaster } from './master.ts'
import { SIZES, type Size, setSize } from './sizes.ts'
import { validateLink, validateMtu } from './validate.ts'
import { refusePort, refuseVfInfo } from './virtual-functions.ts'
import { setXdp } from './xdp.ts'

const L = LINK.ids

/** A modification under way: what it changed decides about the announcement at its end. */
interface Change {
  readonly kernel: Core
  readonly dev: Device
  readonly link: LinkRequest
  readonly req: Request
  /** Worth one announcement at the end. */
  notify: boolean
}

const immediate = (c: Change): void => c.kernel.announce.link(c.dev, { change: 0 })
const touch = (c: Change): void => void c.kernel.changes++

/** Each step takes its attribute, if it is there, and returns 0 or a negative errno. Earlier effects stay. Source: spec 01 §2.7. */
type Step = readonly [id: number, take: (c: Change, attr: number) => number]

const unsupported = (): number => -errno.EOPNOTSUPP

const STEPS_BEFORE_FLAGS: readonly Step[] = [
  [L.map, unsupported],
  [L.address, setAddress],
  [L.mtu, setMtu],
  [L.group, setGroup],
  [L.ifname, rename],
  [L.ifalias, setAlias],
  [L.broadcast, setBroadcast],
]

const STEPS_AFTER_FLAGS: readonly Step[] = [
  [L.master, (c, at) => setMaster(c.dev, c.req.u32(at), c.req)],
  [L.carrier, changeCarrier],
  [L.txqlen, setTxqlen],
  ...SIZES.map((size): Step => [size.id, (c, at) => changeSize(c, size, at)]),
  [L.operstate, setOperstate],
  [L.linkmode, setLinkMode],
  [L.vfinfoList, (c, at) => refuseVfInfo(c.req, at)],
  [L.vfPorts, unsupported],
  [L.portSelf, (c, at) => refusePort(c.req, at)],
  [L.afSpec, setAfSpec],
  [L.protoDown, (c) => c.req.refuse(errno.EOPNOTSUPP, 'Protodown not supported by device')],
  [L.protoDownReason, (c) => c.req.refuse(errno.EOPNOTSUPP, 'Protodown not supported by device')],
  [L.xdp, changeXdp],
]

/** Applies the common attributes of a request to a device. `notify`: something was changed already. */
export function modifyLink(kernel: Core, dev: Device, link: LinkRequest, req: Request, notify = false): number {
  const c: Change = { kernel, dev, link, req, notify }
  const refused = validateLink(dev, link.attrs, req) || move(c)
  // Nothing of this request is announced then, not even what the kind has changed already.
  if (refused !== 0) return refused
  const result = apply(c)
  if (c.notify && dev.up) {
    kernel.ip.touched?.(dev)
    immediate(c)
  }
  return result
}

function move({ kernel, dev, link, req }: Change): number {
  if (!movesDevice(link)) return 0
  const target = link.targetNs ?? targetNs(req, link.attrs)
  if (typeof target === 'number') return target
  const refusal = moveDevice(kernel, dev, {
    to: target,
    name: (link.has(L.ifname) && nameAttr(req, link.attrs[L.ifname])) || undefined,
    ifindex: link.has(L.newIfindex) ? req.s32(link.attrs[L.newIfindex]) : 0,
  })
  if (!refusal) return 0
  if (!kernel.release.does.moveSaysWhy) return refusal.error
  return refusal.formatted
    ? req.refuseFormatted(-refusal.error, refusal.text)
    : req.refuse(-refusal.error, refusal.text)
}

function apply(c: Change): number {
  const { kernel, dev, link } = c
  const before = take(c, STEPS_BEFORE_FLAGS)
  if (before !== 0) return before
  if (link.flags !== 0 || link.change !== 0) {
    const result = changeFlags(kernel, dev, wantedFlags(dev, link.flags, link.change))
    if (result < 0) return result
  }
  return take(c, STEPS_AFTER_FLAGS)
}

const movesDevice = (link: LinkRequest): boolean =>
  link.has(L.netNsPid) || link.has(L.netNsFd) || link.has(L.targetNetnsid)

function take(c: Change, steps: readonly Step[]): number {
  for (const [id, step] of steps) {
    const attr = c.link.attrs[id]
    if (attr === 0) continue
    const result = step(c, attr)
    if (result !== 0) return result
  }
  return 0
}

function setAddress(c: Change, attr: number): number {
  const { dev } = c
  if (!dev.driver.setAddress) return -errno.EOPNOTSUPP
  const address = c.req.payload(attr).slice(0, dev.addressLength)
  let readdressed = false
  if (address.some((byte, i) => byte !== dev.address[i])) {
    const result = dev.driver.setAddress(dev, address)
    if (result !== 0) return result
    touch(c)
    readdressed = true
  }
  immediate(c)
  if (readdressed) c.kernel.ip.readdressed?.(dev)
  return 0
}

function setMtu(c: Change, attr: number): number {
  const { dev, req } = c
  const mtu = req.u32(attr)
  if (mtu === dev.mtu) return 0
  const invalid = validateMtu(dev, mtu, req)
  if (invalid !== 0) return invalid
  const refused = dev.driver.changeMtu?.(dev, mtu) ?? 0
  if (refused !== 0) return refused
  dev.mtu = mtu
  touch(c)
  immediate(c)
  inetMtuChanged(dev)
  c.kernel.ip.mtu(dev)
  return 0
}

function setGroup(c: Change, attr: number): number {
  c.dev.group = c.req.u32(attr)
  c.notify = true
  touch(c)
  return 0
}

/** A name beside an ifindex is a new name; beside nothing else it only says which device is meant. */
function rename(c: Change, attr: number): number {
  if (c.link.ifindex <= 0) return 0
  const { dev } = c
  const wanted = nameAttr(c.req, attr)
  if (wanted === '' || wanted === dev.name) return 0
  const { names } = dev.ns
  const result = names.resolve(wanted)
  if ('error' in result) return result.error
  if (result.name !== dev.name && names.has(result.name)) return -errno.EEXIST
  const before = dev.name
  changeName(c, result.name)
  if (!isReservedName(dev.name)) return 0
  // It is IP that refuses, after everyone was told: the old name comes back.
  changeName(c, before)
  return -errno.EINVAL
}

function changeName({ kernel, dev }: Change, name: string): void {
  // A device that came from elsewhere may be called what it is called besides.
  if (!dev.altNames?.includes(dev.name)) dev.ns.names.delete(dev.name)
  dev.name = name
  dev.ns.names.add(name, dev)
  kernel.changes++
  kernel.announce.link(dev, { change: 0 })
  kernel.ip.renamed(dev)
}

function setAlias(c: Change, attr: number): number {
  c.dev.alias = readByteString(c.req.bytes, attr + 4, c.req.attrEnd(attr))
  c.notify = true
  touch(c)
  return 0
}

function setBroadcast(c: Change, attr: number): number {
  c.dev.broadcast = c.req.payload(attr).slice(0, c.dev.addressLength)
  touch(c)
  immediate(c)
  return 0
}

function changeCarrier({ kernel, dev, req }: Change, attr: number): number {
  if (!dev.driver.settableCarrier) return -errno.EOPNOTSUPP
  setCarrier(kernel, dev, req.u8(attr) !== 0)
  return 0
}

function setTxqlen(c: Change, attr: number): number {
  const length = c.req.u32(attr)
  if (length === c.dev.txqlen) return 0
  c.dev.txqlen = length
  touch(c)
  immediate(c)
  return 0
}

function changeSize({ kernel, dev, req }: Change, size: Size, attr: number): number {
  const n = req.u32(attr)
  // What it is already is left alone, and so is what would be set along.
  if (n === dev[size.field]) return 0
  setSize(dev, size, n)
  kernel.changes++
  return 0
}

function setOperstate(c: Change, attr: number): number {
  const next = nextOperstate(c.dev.operstate, c.req.u8(attr))
  if (next === undefined || next === c.dev.operstate) return 0
  c.dev.operstate = next
  touch(c)
  if (c.dev.up) immediate(c)
  return 0
}

function setLinkMode(c: Change, attr: number): number {
  const mode = c.req.u8(attr)
  if (mode !== c.dev.linkMode) c.notify = true
  c.dev.linkMode = mode
  touch(c)
  return 0
}

function setAfSpec(c: Change, attr: number): number {
  return takeAfSpec(c.kernel, c.dev, attr, c.req, () => {
    c.notify = true
    touch(c)
  })
}

function changeXdp(c: Change, attr: number): number {
  const { error, notify } = setXdp(c.kernel, c.dev, c.req, attr)
  c.notify ||= notify
  return error
}
