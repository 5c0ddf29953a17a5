import { errno, NETDEV_DEV, type Writer, XDP_ACT } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { type GenlCall, reply, requireAttrs } from '../call.ts'
import { DeviceDump } from '../record-dump.ts'

const D = NETDEV_DEV.ids

/** What a device can do with XDP. Source: spec 01 §4.2. */
export function writeDevice(w: Writer, dev: Device): void {
  w.attrU32(D.ifindex, dev.ifindex)
  w.attrU64(D.xdpFeatures, BigInt(dev.xdpFeatures))
  w.attrU64(D.xdpRxMetadataFeatures, BigInt(dev.xdpRxMetadata))
  w.attrU64(D.xskFeatures, BigInt(dev.xskFeatures))
  if ((dev.xdpFeatures & XDP_ACT['xsk-zerocopy']) !== 0) w.attrU32(D.xdpZcMaxSegs, dev.xdpZcMaxSegs)
}

/** The device that an attribute names, in the requester's namespace. */
export const deviceAt = ({ req }: GenlCall, attr: number): Device | undefined => req.ns.devices.get(req.u32(attr))

export function getDevice(call: GenlCall): number {
  const error = requireAttrs(call.req, call.attrs, [D.ifindex])
  if (error !== 0) return error
  const dev = deviceAt(call, call.attrs[D.ifindex])
  return dev ? reply(call, (w) => writeDevice(w, dev)) : -errno.ENODEV
}

export const dumpDevices = (call: GenlCall): number =>
  call.req.socket.startDump(new DeviceDump(call, undefined, (dev) => [(w) => writeDevice(w, dev)]))
