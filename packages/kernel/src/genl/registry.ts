import { errno } from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import type { Device } from '../net/device.ts'
import type { DeviceEvent } from '../net/driver.ts'
import type { Listener } from '../net/listener.ts'
import type { Request } from '../net/request.ts'

/** The generic netlink families of a kernel. */
export class GenlRegistry {
  readonly kernel: Core

  constructor(kernel: Core) {
    this.kernel = kernel
  }

  handle(_req: Request): number {
    return -errno.ENOENT
  }

  hasGroup(group: number): boolean {
    return group === 16
  }

  netdevEvent(_dev: Device, _event: DeviceEvent): void {}

  socketClosed(_socket: Listener): void {}
}
