import { errno, LINK } from '@netkit/netlink'
import type { Request } from '../net/request.ts'
import { ETH_ALEN, isUnicast } from './address.ts'

/** IFLA_ADDRESS of an Ethernet device, if given: six bytes, unicast. */
export function checkEthernetAddress(attrs: Int32Array, req: Request): number {
  const at = attrs[LINK.ids.address]
  if (at === 0) return 0
  if (req.attrLength(at) !== ETH_ALEN) return -errno.EINVAL
  return isUnicast(req.payload(at)) ? 0 : -errno.EADDRNOTAVAIL
}
