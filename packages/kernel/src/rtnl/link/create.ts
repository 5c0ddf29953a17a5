import { errno, LINK } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import { Device } from '../../net/device.ts'
import type { DriverHooks } from '../../net/driver.ts'
import { type LinkRequest, nameAttr } from '../../net/link-request.ts'
import { moveDevice } from '../../net/move.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { unregisterDevices } from '../../net/register.ts'
import type { Request } from '../../net/request.ts'
import { configureNewLink } from '../../net/updown.ts'
import { setMaster } from './master.ts'
import { findNamespaces, readPeer } from './places.ts'
import { SIZES, setSize } from './sizes.ts'
import { validateLink, validateMtu } from './validate.ts'

const L = LINK.ids
const MAX_QUEUES = 4096

/** A device as asked for, not registered yet, or a negative errno. Source: spec 01 §2.6. */
export function allocateLink(
  kernel: Core,
  driver: DriverHooks,
  ns: NetNamespace,
  attrs: Int32Array,
  req: Request,
): Device | number {
  const tx = attrs[L.numTxQueues] !== 0 ? req.u32(attrs[L.numTxQueues]) : 1
  const rx = attrs[L.numRxQueues] !== 0 ? req.u32(attrs[L.numRxQueues]) : 1
  if (tx < 1 || tx > MAX_QUEUES) return req.refuse(errno.EINVAL, 'Invalid number of transmit queues')
  if (rx < 1 || rx > MAX_QUEUES) return req.refuse(errno.EINVAL, 'Invalid number of receive queues')
  if (kernel.release.does.queuesByKind && tooManyQueues(driver, tx, rx)) return -errno.EOPNOTSUPP

  const name = attrs[L.ifname] !== 0 ? nameAttr(req, attrs[L.ifname]) : driver.nameTemplate
  const dev = new Device(driver, ns, name, driver.makePriv?.(kernel))
  dev.announceLater = true
  dev.numTxQueues = tx
  dev.numRxQueues = rx
  dev.realTxQueues = tx
  dev.realRxQueues = rx
  driver.setup(dev, kernel.release)

  const error = validateLink(dev, attrs, req) || (attrs[L.mtu] !== 0 ? validateMtu(dev, req.u32(attrs[L.mtu]), req) : 0)
  if (error !== 0) return error
  takeAttributes(dev, attrs, req)
  return dev
}

const tooManyQueues = (driver: DriverHooks, tx: number, rx: number): boolean =>
  tx > (driver.maxTxQueues ?? MAX_QUEUES) || rx > (driver.maxRxQueues ?? MAX_QUEUES)

/** What a new device gets of its common attributes. Others are ignored at creation. */
function takeAttributes(dev: Device, attrs: Int32Array, req: Request): void {
  if (attrs[L.mtu] !== 0) dev.mtu = req.u32(attrs[L.mtu])
  if (attrs[L.address] !== 0) dev.address = req.payload(attrs[L.address]).slice(0, dev.addressLength)
  if (attrs[L.broadcast] !== 0) dev.broadcast = req.payload(attrs[L.broadcast]).slice(0, dev.addressLength)
  if (attrs[L.txqlen] !== 0) dev.txqlen = req.u32(attrs[L.txqlen])
  if (attrs[L.operstate] !== 0) initialOperstate(dev, req.u8(attrs[L.operstate]))
  if (attrs[L.linkmode] !== 0) dev.linkMode = req.u8(attrs[L.linkmode])
  if (attrs[L.group] !== 0) dev.group = req.u32(attrs[L.group])
  for (const size of SIZES) if (attrs[size.id] !== 0) setSize(dev, size, req.u32(attrs[size.id]))
}

function initialOperstate(dev: Device, wanted: number): void {
  const next = nextOperstate(dev.operstate, wanted)
  if (next !== undefined) dev.operstate = next
}

/** The state that a request for `wanted` leads to; undefined: none, it is ignored. */
export function nextOperstate(now: number, wanted: number): number | undefined {
  const [UNKNOWN, TESTING, DORMANT, UP] = [0, 4, 5, 6]
  if (wanted === UP && (now === DORMANT || now === TESTING || now === UNKNOWN)) return UP
  if ((wanted === TESTING || wanted === DORMANT) && (now === UP || now === UNKNOWN)) return wanted
  return undefined
}

const givenName = (link: LinkRequest, req: Request): string | undefined =>
  link.has(L.ifname) ? nameAttr(req, link.attrs[L.ifname]) : undefined

/** Makes the link that a request describes. Places that were not looked for yet are found when they are needed. */
export function createLink(kernel: Core, link: LinkRequest, req: Request): number {
  const { driver } = link
  if (link.has(L.map) || link.has(L.protinfo)) return -errno.EOPNOTSUPP
  if (driver === undefined || driver.kind === undefined) return req.refuse(errno.EOPNOTSUPP, 'Unknown device type')
  const lost = link.targetNs === undefined ? findNamespaces(req, link) : 0
  if (lost !== 0) return lost
  const home = link.targetNs ?? req.ns
  const birthplace = kernel.release.does.bornAtTarget ? home : (link.linkNs ?? home)
  const dev = allocateLink(kernel, driver, birthplace, link.attrs, req)
  if (typeof dev === 'number') return dev
  const alone = link.peer === undefined ? readPeer(req, link) : 0
  if (alone !== 0) return alone
  const error = driver.newlink(kernel, dev, link, req)
  if (error !== 0) return error
  let late = configureNewLink(kernel, dev, link.flags, link.change, req)
  if (late === 0 && birthplace !== home)
    late = moveDevice(kernel, dev, { to: home, name: givenName(link, req) })?.error ?? 0
  if (late === 0 && link.has(L.master)) late = setMaster(dev, req.u32(link.attrs[L.master]), req)
  if (late !== 0) {
    const doomed: Device[] = []
    driver.dellink?.(dev, doomed)
    unregisterDevices(kernel, doomed)
  }
  return late
}
