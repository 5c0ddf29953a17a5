import { errno, MODULE } from '@netkit/netlink'
import type { Handlers } from '../call.ts'
import { readDeviceHeader, readHeader } from './header.ts'
import { query } from './query.ts'

/** Settings that no device here has: the request is checked as far as its header, and refused. `text`: why, if Linux says so. */
export const unsupported = (text?: string): Handlers => ({
  ...query((_dev, _flags, { req }) => (text === undefined ? -errno.EOPNOTSUPP : req.refuse(errno.EOPNOTSUPP, text))),
})

/** The same of changes and actions, which have no dump. */
export const unsupportedChange = (text?: string): Handlers => ({
  do(call) {
    const header = readDeviceHeader(call)
    return typeof header === 'number' ? header : call.req.refuse(errno.EOPNOTSUPP, text)
  },
})

/** Commands that ask for their header in words. */
export const unsupportedAction = (text?: string): Handlers => ({
  do(call) {
    if (call.attrs[call.command.attrs.ids.header] === 0) return call.req.refuse(errno.EINVAL, 'request header missing')
    const header = readHeader(call, true)
    return typeof header === 'number' ? header : call.req.refuse(errno.EOPNOTSUPP, text)
  },
})

/** Power of a transceiver module: leaving it alone succeeds. */
export const noModulePower: Handlers = {
  do(call) {
    const header = readDeviceHeader(call)
    const policy = call.attrs[MODULE.ids.powerModePolicy]
    if (typeof header === 'number' || policy === 0) return typeof header === 'number' ? header : 0
    return call.req.refuse(errno.EOPNOTSUPP, 'Setting power mode policy is not supported by this device', policy)
  },
}

const nothing = (): void => undefined

/** Settings of which there is nothing to tell but that the device exists. */
export const empty: Handlers = query(() => nothing)
