import type { Core } from './core.ts'
import type { Device } from './device.ts'
import type { DeviceEvent } from './driver.ts'
import { attachInet, detachInet } from './inet.ts'

/** Tells everyone concerned, in order, what happened to a device: IP, the netdev family, drivers. */
export function deviceEvent(kernel: Core, dev: Device, event: DeviceEvent, doomed: Device[] = []): void {
  if (event === 'registered' || event === 'arrived') attachInet(dev, kernel.world.random(), kernel.world.now())
  if (event === 'unregistering' || event === 'left') {
    kernel.ip.leaving(dev)
    detachInet(dev)
    kernel.path.xdp.forget(dev)
  }
  kernel.announce.netdev(dev, event)
  kernel.drivers.tell(kernel, dev, event, doomed)
}
