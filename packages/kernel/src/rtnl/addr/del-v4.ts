import { ADDR, ADDR_POLICY_V4, errno } from '@netkit/netlink'
import { readByteString } from '../../net/bytestring.ts'
import { removeV4 } from '../../net/ip/v4-addresses.ts'
import type { V4Address } from '../../net/ip-address.ts'
import type { Request } from '../../net/request.ts'
import { leading } from '../../prefix/words.ts'
import { v4At } from './new-v4.ts'
import { AddrRequest } from './request.ts'

const A = ADDR.ids

/** Whether an address is as the request says, as far as it says anything. */
function isMeant(a: V4Address, r: AddrRequest): boolean {
  const { req, attrs } = r
  if (r.has(A.local) && a.local !== v4At(req, attrs[A.local])) return false
  const label = attrs[A.label]
  if (label !== 0 && a.label !== readByteString(req.bytes, label + 4, req.attrEnd(label))) return false
  if (!r.has(A.address)) return true
  const wanted = v4At(req, attrs[A.address])
  return r.prefixLength === a.prefixLength && ((wanted ^ a.address) & leading(a.prefixLength)) === 0
}

/** RTM_DELADDR of IPv4: takes away the first address that is meant. */
export function delV4Address(req: Request): number {
  const r = new AddrRequest(req)
  const error = r.parse(ADDR_POLICY_V4)
  if (error !== 0) return error
  const dev = req.ns.devices.get(r.ifindex)
  if (!dev?.inet?.v4) return req.refuse(errno.ENODEV, 'ipv4: Device not found')
  const address = dev.inet.v4Addresses.find((a) => isMeant(a, r))
  if (!address) return req.refuse(errno.EADDRNOTAVAIL, 'ipv4: Address not found')
  removeV4(req.socket.kernel, dev, address, { req })
  return 0
}
