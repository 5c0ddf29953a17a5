import { errno, TCP_DATA_SPLIT } from '@netkit/netlink'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { highestProvided } from './lease.ts'
import type { XdpMode, XdpProgram, XdpRefusal } from './xdp.ts'

const splitsHeaders = (dev: Device): boolean =>
  dev.driver.ethtool?.rings?.get(dev).tcpDataSplit === TCP_DATA_SPLIT.enabled

/** Has a device run a program in a mode, or none there. Source: spec 02 §7.3, steps 13 and 17 to 19; spec 03 §6.6. */
export function installXdp(
  kernel: Core,
  dev: Device,
  mode: XdpMode,
  program: XdpProgram | undefined,
): XdpRefusal | undefined {
  if (program && !program.takesFragments && splitsHeaders(dev)) {
    return { error: -errno.EBUSY, text: 'unable to install XDP to device using tcp-data-split' }
  }
  if (highestProvided(dev) > 0) {
    return { error: -errno.EBUSY, text: 'unable to install XDP to device using memory provider' }
  }
  const { xdp } = dev.driver
  if (mode === 'skb') return undefined
  if (mode === 'hardware') return program && { error: -errno.EINVAL, text: xdp?.noOffload }
  return xdp?.set(kernel, dev, program, dev.xdp?.driver?.program)
}
