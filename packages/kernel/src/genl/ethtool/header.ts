import { ETHTOOL_FLAGS, ETHTOOL_HEADER, errno, type Writer } from '@netkit/netlink'
import { readByteString, writeByteString } from '../../net/bytestring.ts'
import type { Device } from '../../net/device.ts'
import { type GenlCall, missing } from '../call.ts'
import { findNested } from '../nested.ts'

const H = ETHTOOL_HEADER.ids

/** Which device a request is about, if it says so, and its flags. */
export interface HeaderInfo {
  readonly dev: Device | undefined
  readonly flags: number
}

/** What a request that must name a device has in its header. */
export interface DeviceHeader extends HeaderInfo {
  readonly dev: Device
}

const NOTHING: HeaderInfo = { dev: undefined, flags: 0 }

/** The id of the header among the attributes of a command. */
export const headerId = (call: GenlCall): number => call.command.attrs.ids.header as number

/** Reads the header; one that is absent names no device. Returns a negative errno if it is wrong. Source: spec 01 §4.11. */
export function readHeader(call: GenlCall, needsDevice: boolean): HeaderInfo | number {
  const { req } = call
  const header = call.attrs[headerId(call)]
  if (header === 0) return NOTHING
  const found = findNested(req, header, ETHTOOL_HEADER.policy.maxId)
  const flags = found[H.flags] === 0 ? 0 : req.u32(found[H.flags])
  const name =
    found[H.devName] === 0 ? undefined : readByteString(req.bytes, found[H.devName] + 4, req.attrEnd(found[H.devName]))
  if (found[H.devIndex] !== 0) {
    const dev = req.ns.devices.get(req.u32(found[H.devIndex]))
    if (!dev) return req.refuse(errno.ENODEV, 'no device matches ifindex', found[H.devIndex])
    if (name !== undefined && name !== dev.name)
      return req.refuse(errno.ENODEV, 'ifindex and name do not match', header)
    return { dev, flags }
  }
  if (name !== undefined) {
    const dev = req.ns.names.get(name)
    return dev ? { dev, flags } : req.refuse(errno.ENODEV, 'no device matches name', found[H.devName])
  }
  if (needsDevice) return req.refuse(errno.EINVAL, 'neither ifindex nor name specified', header)
  if (found[H.phyIndex] !== 0) return req.refuse(errno.EINVAL, 'phy_index set without a netdev', header)
  return { dev: undefined, flags }
}

/** Reads the header of a request that must have one and name a device in it. */
export function readDeviceHeader(call: GenlCall): DeviceHeader | number {
  const id = headerId(call)
  if (call.attrs[id] === 0) return missing(call.req, id)
  return readHeader(call, true) as DeviceHeader | number
}

export const wantsCompact = (flags: number): boolean => (flags & ETHTOOL_FLAGS['compact-bitsets']) !== 0
export const omitsReply = (flags: number): boolean => (flags & ETHTOOL_FLAGS['omit-reply']) !== 0

/** The header of a reply or notification. `id`: of the header attribute, 1 but for statistics. */
export function writeHeader(w: Writer, dev: Device, id = 1): void {
  const nest = w.beginNest(id)
  w.attrU32(H.devIndex, dev.ifindex)
  writeByteString(w, H.devName, dev.name)
  w.end(nest)
}
