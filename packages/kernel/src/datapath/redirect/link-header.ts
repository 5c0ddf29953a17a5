import type { Device } from '../../net/device.ts'

/** Hardware types (ARPHRD_*) whose packets begin with the network header: tunnels of layer 3, PPP, raw IP. */
const WITHOUT: ReadonlySet<number> = new Set([
  512, // PPP
  519, // RAWIP
  768, // TUNNEL
  769, // TUNNEL6
  776, // SIT
  778, // IPGRE
  779, // PIMREG
  823, // IP6GRE
  0xfffe, // NONE
  0xffff, // VOID
])
const ETHERNET = 1

/** Whether packets that are sent to a device begin with a link-layer header. */
export const hasLinkHeader = (dev: Device): boolean => dev.type === ETHERNET || !WITHOUT.has(dev.type)
