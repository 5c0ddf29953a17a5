import type { Device } from '../net/device.ts'
import type { PacketPath } from '../net/path.ts'
import { DROP } from '../packet/drop-reason.ts'
import { PKT_SHIFT, PKT_STATE, TYPE_MASK, TYPE_OTHERHOST } from '../packet/fields.ts'

export const ETH_P_IP = 0x0800
export const ETH_P_ARP = 0x0806
export const ETH_P_IPV6 = 0x86dd

/** Takes a received packet whose protocol it handles. */
export type ProtocolHandler = (path: PacketPath, dev: Device, handle: number) => void

/** A namespace without addresses and routes: IP takes its packets and finds no use for them. */
const unrouted: ProtocolHandler = (path, dev, handle) => {
  const type = path.packets.fields[(handle << PKT_SHIFT) + PKT_STATE] & TYPE_MASK
  path.drop(dev, handle, type === TYPE_OTHERHOST ? DROP.OTHERHOST : DROP.IP_INNOROUTES)
}

const ignored: ProtocolHandler = (path, _dev, handle) => path.packets.free(handle)

/** Who handles which ethertype. What nobody handles counts as dropped at the device. */
export const PROTOCOLS: ReadonlyMap<number, ProtocolHandler> = new Map([
  [ETH_P_IP, unrouted],
  [ETH_P_IPV6, unrouted],
  [ETH_P_ARP, ignored],
])
