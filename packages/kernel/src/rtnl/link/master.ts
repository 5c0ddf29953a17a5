import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { Request } from '../../net/request.ts'

/** Enslaves a device to the one with this ifindex; 0 releases it. No kind here can enslave others. */
export function setMaster(dev: Device, ifindex: number, _req: Request): number {
  if (ifindex === 0) return 0
  return dev.ns.devices.has(ifindex) ? -errno.EOPNOTSUPP : -errno.EINVAL
}
