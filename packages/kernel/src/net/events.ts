import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { setForwarding } from './device-sysctl.ts'
import type { DeviceEvent } from './driver.ts'
import { attachInet, detachInet } from './inet.ts'

/** Tells everyone concerned, in order, what happened to a device: IP, the netdev family, drivers. */
export function deviceEvent(kernel: Core, dev: Device, event: DeviceEvent, doomed: Device[] = []): void {
  if (event === 'registered' || event === 'arrived') begin(kernel, dev)
  if (event === 'unregistering' || event === 'left') {
    kernel.ip.leaving(dev)
    detachInet(dev)
    kernel.path.xdp.forget(dev)
    kernel.pagePools.leave(dev)
    kernel.xsk.deviceGone(dev)
  }
  kernel.announce.netdev(dev, event)
  kernel.drivers.tell(kernel, dev, event, doomed)
}

/** IP takes note of a device, which forwards if its namespace says so. */
function begin(kernel: Core, dev: Device): void {
  attachInet(dev, kernel.world.random(), kernel.world.now())
  const { forwardDefault4 } = dev.ns.settings
  if (forwardDefault4 !== 0) setForwarding(kernel, dev, forwardDefault4)
}
