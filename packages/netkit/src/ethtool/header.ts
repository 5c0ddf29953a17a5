import type { EthtoolHeader } from '@netkit/netlink'
import type { DeviceSelector } from '../devices/selector.ts'
import { select } from '../devices/selector.ts'

/** The header of a request about this device. */
export function headerOf(op: string, device: DeviceSelector): EthtoolHeader {
  const { ifindex, attrs } = select(op, 'device', device)
  return ifindex > 0 ? { devIndex: ifindex } : { devName: attrs.ifname ?? attrs.altIfname }
}
