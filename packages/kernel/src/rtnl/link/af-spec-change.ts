import {
  checkAttrs,
  errno,
  IFF_LOOPBACK,
  IFF_NOARP,
  LIBERAL,
  type Policy,
  type PolicyTable,
  STRICT,
} from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { disableLro } from '../../net/features.ts'
import type { InetState } from '../../net/inet.ts'
import type { Request } from '../../net/request.ts'

/** IFLA_AF_SPEC in requests: settings of IPv4 and IPv6 on a device. */

const AF_INET = 2
const FORWARDING = 1
const AF_INET6 = 10

const table = (policies: readonly (Policy | undefined)[], strictFrom = Number.POSITIVE_INFINITY): PolicyTable => ({
  maxId: policies.length - 1,
  strictFrom,
  policies,
})

const upTo = (max: bigint): Policy => ({ type: 'u32', max })
const flag = upTo(1n)
const any: Policy = { type: 'u32' }
const flags = (n: number): Policy[] => new Array<Policy>(n).fill(flag)

/** Settings of IPv4, from 1. The second one cannot be set on a device. Source: what Linux 7.3 says of each. */
const SETTINGS = table([
  undefined,
  flag,
  { type: 'reject' },
  ...flags(5),
  upTo(2n),
  ...flags(3),
  any,
  flag,
  { type: 's32' },
  ...flags(2),
  upTo(3n),
  upTo(2n),
  upTo(8n),
  flag,
  upTo(2n),
  ...flags(5),
  any,
  any,
  ...flags(5),
])

const INET_CONF = 1
const INET = table([undefined, { type: 'nest' }])

const INET6_TOKEN = 7
const INET6_ADDR_GEN_MODE = 8
const TOKEN_SIZE = 16
const INET6 = table([
  ...new Array<undefined>(INET6_TOKEN).fill(undefined),
  { type: 'unspec', min: TOKEN_SIZE },
  { type: 'u8' },
  { type: 'reject', text: 'IFLA_INET6_RA_MTU can not be set' },
])
const HIGHEST_ADDR_GEN_MODE = 3
const STABLE_PRIVACY = 2

const found = new Int32Array(INET6.maxId + 1)

/** A family's part of IFLA_AF_SPEC: checked first, all of them, and taken later. Both return 0 or a negative errno. */
interface Family {
  readonly present: (inet: InetState) => boolean
  readonly check: (req: Request, at: number) => number
  readonly take: (kernel: Core, dev: Device, inet: InetState, req: Request, at: number) => number
}

const FAMILIES: ReadonlyMap<number, Family> = new Map([
  [AF_INET, { present: (inet: InetState) => inet.v4, check: checkInet, take: takeInet }],
  [AF_INET6, { present: (inet: InetState) => inet.v6, check: checkInet6, take: takeInet6 }],
])

/** Calls for each attribute of a nest until something else than 0 is returned. */
function each(req: Request, nest: number, call: (at: number, id: number) => number): number {
  const end = req.attrEnd(nest)
  for (let at = nest + 4; end - at >= 4; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    const result = call(at, req.view.getUint16(at + 2, true) & 0x3fff)
    if (result !== 0) return result
    at += (length + 3) & ~3
  }
  return 0
}

/** Checks all of IFLA_AF_SPEC. A family that is not on the device cannot be asked for anything: on a new device, none is. */
export function checkAfSpec(dev: Device, spec: number, req: Request): number {
  return each(req, spec, (at, id) => {
    const family = FAMILIES.get(id)
    return family && dev.inet && family.present(dev.inet) ? family.check(req, at) : -errno.EAFNOSUPPORT
  })
}

/** Does what IFLA_AF_SPEC says. `taken` is called for each family that was served. */
export function takeAfSpec(kernel: Core, dev: Device, spec: number, req: Request, taken: () => void): number {
  return each(req, spec, (at, id) => {
    const family = FAMILIES.get(id)
    if (!family || !dev.inet || !family.present(dev.inet)) return -errno.EAFNOSUPPORT
    const result = family.take(kernel, dev, dev.inet, req, at)
    if (result === 0) taken()
    return result
  })
}

function checkInet(req: Request, at: number): number {
  const error = checkAttrs(req, at + 4, req.attrEnd(at), INET, LIBERAL, found)
  if (error !== 0) return error
  const conf = found[INET_CONF]
  if (conf === 0) return 0
  if (req.socket.kernel.release.does.inetSettingsLimited) {
    return checkAttrs(req, conf + 4, req.attrEnd(conf), SETTINGS, STRICT)
  }
  return each(req, conf, (setting, position) =>
    req.attrLength(setting) < 4 || position < 1 || position > SETTINGS.maxId ? -errno.EINVAL : 0,
  )
}

/** Finds the attributes of a nest that was checked before. */
function parse(req: Request, at: number, of: PolicyTable): void {
  checkAttrs({ bytes: req.bytes, view: req.view, extack: {} }, at + 4, req.attrEnd(at), of, LIBERAL, found)
}

function takeInet(kernel: Core, dev: Device, inet: InetState, req: Request, at: number): number {
  parse(req, at, INET)
  const conf = found[INET_CONF]
  if (conf === 0) return 0
  return each(req, conf, (setting, position) => {
    inet.v4Settings ??= new Map()
    inet.v4Settings.set(position - 1, req.u32(setting))
    if (position === FORWARDING && req.u32(setting) !== 0) disableLro(kernel, dev)
    return 0
  })
}

function checkInet6(req: Request, at: number): number {
  const error = checkAttrs(req, at + 4, req.attrEnd(at), INET6, LIBERAL, found)
  if (error !== 0) return error
  const mode = found[INET6_ADDR_GEN_MODE]
  if (found[INET6_TOKEN] === 0 && mode === 0) return -errno.EINVAL
  if (mode === 0) return 0
  // Stable privacy needs a secret, which is set elsewhere.
  const wanted = req.u8(mode)
  return wanted > HIGHEST_ADDR_GEN_MODE || wanted === STABLE_PRIVACY ? -errno.EINVAL : 0
}

function takeInet6(_kernel: Core, dev: Device, inet: InetState, req: Request, at: number): number {
  parse(req, at, INET6)
  const token = found[INET6_TOKEN]
  if (token !== 0) {
    if ((dev.flags & IFF_LOOPBACK) !== 0) return req.refuse(errno.EINVAL, 'ipv6: Device is loopback')
    if ((dev.flags & IFF_NOARP) !== 0) return req.refuse(errno.EINVAL, 'ipv6: Device does not do neighbour discovery')
    // Only the part that tells interfaces apart is kept.
    inet.token = req.bytes.slice(token + 4, token + 4 + TOKEN_SIZE).fill(0, 0, TOKEN_SIZE / 2)
  }
  if (found[INET6_ADDR_GEN_MODE] !== 0) inet.addrGenMode = req.u8(found[INET6_ADDR_GEN_MODE])
  return 0
}
