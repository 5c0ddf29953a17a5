import {
  CABLE_TEST,
  CABLE_TEST_TDR,
  checkAttrs,
  errno,
  LINKMODES,
  MODULE_EEPROM,
  PRIVFLAGS,
  STRICT,
} from '@netkit/netlink'
import { type GenlCall, type Handlers, requireAttrs } from '../call.ts'
import { readDeviceHeader, readHeader } from './header.ts'
import { unsupported } from './unsupported.ts'

/** Commands that look at their own attributes before they find that no device here has what they are about. */

type Check = (call: GenlCall) => number

/** Returns what `check` finds wrong, or that it is not supported. */
const checked = (check: Check, readAddress = readDeviceHeader): Handlers => ({
  do(call) {
    const header = readAddress(call)
    return typeof header === 'number' ? header : check(call) || -errno.EOPNOTSUPP
  },
})

export const setPrivflags: Handlers = checked(({ attrs }) => (attrs[PRIVFLAGS.ids.flags] === 0 ? -errno.EINVAL : 0))

export const setLinkmodes: Handlers = checked(({ req, attrs }) => {
  const at = attrs[LINKMODES.ids.lanes]
  const lanes = at === 0 ? 1 : req.u32(at)
  return (lanes & (lanes - 1)) === 0 ? 0 : req.refuse(errno.EINVAL, 'lanes value is invalid', at)
})

const E = MODULE_EEPROM.ids
const PLACE = [E.offset, E.length, E.page, E.i2cAddress]

function lacksPlace({ req, attrs, kernel }: GenlCall): number {
  if (kernel.release.does.namesMissingPlace) return requireAttrs(req, attrs, PLACE)
  return PLACE.some((id) => attrs[id] === 0) ? -errno.EINVAL : 0
}

export const getModuleEeprom: Handlers = {
  ...checked(lacksPlace),
  dump(call) {
    const header = readHeader(call, false)
    if (typeof header === 'number') return header
    return lacksPlace(call) || (unsupported().dump?.(call) ?? 0)
  },
}

export const testCable: Handlers = {
  do(call) {
    const { req, attrs } = call
    if (attrs[CABLE_TEST.ids.header] === 0) return req.refuse(errno.EINVAL, 'request header missing')
    const header = readHeader(call, true)
    if (typeof header === 'number') return header
    const config = attrs[CABLE_TEST.ids.cfg]
    if (config === 0) return -errno.EOPNOTSUPP
    const found = new Int32Array(CABLE_TEST_TDR.policy.maxId + 1)
    return checkAttrs(req, config + 4, req.attrEnd(config), CABLE_TEST_TDR.policy, STRICT, found) || -errno.EOPNOTSUPP
  },
}
