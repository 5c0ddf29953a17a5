import { IFA_F_PERMANENT, IFA_F_SECONDARY, IFF_LOOPBACK, RT_SCOPE_HOST } from '@netkit/netlink'
import type { Core } from '../core.ts'
import type { Device } from '../device.ts'
import { FOREVER, type V4Address } from '../ip-address.ts'
import type { Request } from '../request.ts'
import { ticks } from './clock.ts'
import { addAddressRoutes, primaryOf, removeAddressRoutes, sameNetwork } from './v4-address-routes.ts'
import { disableV4 } from './v4-flush.ts'

const LOOPBACK = 0x7f00_0001
/** Position of promote_secondaries among the settings of a device. */
const PROMOTE_SECONDARIES = 19

/** Where a new primary is put: behind the last primary whose scope is not narrower. */
function placeOf(list: readonly V4Address[], a: V4Address): number {
  if ((a.flags & IFA_F_SECONDARY) !== 0) return list.length
  let at = 0
  list.forEach((one, i) => {
    if ((one.flags & IFA_F_SECONDARY) === 0 && a.scope <= one.scope) at = i + 1
  })
  return at
}

/** Puts an address on the list of a device, as a secondary where its network is there, tells of it and brings its routes. */
export function insertV4(kernel: Core, dev: Device, a: V4Address, req?: Request): void {
  const list = dev.inet?.v4Addresses
  if (list === undefined) return
  a.flags &= ~IFA_F_SECONDARY
  if (primaryOf(list, a) !== undefined) a.flags |= IFA_F_SECONDARY
  list.splice(placeOf(list, a), 0, a)
  kernel.changes++
  kernel.announce.address(dev, a, 'new', req)
  addAddressRoutes(kernel, dev, a)
}

/** What happens when one address is off the list: it is told, its routes go, and with the last one all of the device's. */
function gone(kernel: Core, dev: Device, a: V4Address, primary: V4Address | undefined, o: Removal): void {
  kernel.changes++
  kernel.announce.address(dev, a, 'gone', o.req)
  removeAddressRoutes(kernel, dev, a, primary, o.leaving)
  if (dev.inet?.v4Addresses.length === 0) disableV4(kernel, dev, 'down', true)
}

export interface Removal {
  readonly req?: Request
  /** IPv4 leaves the device. */
  readonly leaving?: boolean
}

const promotes = (dev: Device): boolean => (dev.inet?.v4Settings?.get(PROMOTE_SECONDARIES) ?? 0) !== 0

/** Takes an address away. With a primary its secondaries go, or one of them takes its place where the device says so. */
export function removeV4(kernel: Core, dev: Device, a: V4Address, o: Removal = {}): void {
  const list = dev.inet?.v4Addresses
  if (list === undefined) return
  const dependants = (a.flags & IFA_F_SECONDARY) === 0 && !o.leaving ? secondariesOf(list, a) : []
  const heir = promotes(dev) ? dependants[0] : undefined
  if (heir === undefined) {
    for (const one of dependants) {
      list.splice(list.indexOf(one), 1)
      gone(kernel, dev, one, a, o)
    }
  } else for (const one of dependants) removeAddressRoutes(kernel, dev, one, a)
  list.splice(list.indexOf(a), 1)
  gone(kernel, dev, a, undefined, o)
  if (heir === undefined) return
  list.splice(list.indexOf(heir), 1)
  heir.flags &= ~IFA_F_SECONDARY
  list.splice(placeOf(list, heir), 0, heir)
  kernel.announce.address(dev, heir, 'new', o.req)
  for (const one of dependants) addAddressRoutes(kernel, dev, one)
}

const secondariesOf = (list: readonly V4Address[], a: V4Address): V4Address[] =>
  list.filter((one) => (one.flags & IFA_F_SECONDARY) !== 0 && primaryOf(list, one) === a)

/** 127.0.0.1/8, which a loopback gets whenever it comes up, unless something is in its way. */
export function addLoopbackV4(kernel: Core, dev: Device): void {
  if ((dev.flags & IFF_LOOPBACK) === 0) return
  const now = ticks(kernel)
  const a: V4Address = {
    local: LOOPBACK,
    address: LOOPBACK,
    broadcast: 0,
    prefixLength: 8,
    label: dev.name,
    flags: IFA_F_PERMANENT,
    scope: RT_SCOPE_HOST,
    metric: 0,
    proto: 0,
    valid: FOREVER,
    preferred: FOREVER,
    created: now,
    updated: now,
  }
  const near = dev.inet?.v4Addresses.filter((one) => sameNetwork(one, a)) ?? []
  if (near.some((one) => one.local === a.local || one.scope !== a.scope)) return
  insertV4(kernel, dev, a)
}
