import { ADDR_POLICY_V6, errno } from '@netkit/netlink'
import { removeV6 } from '../../net/ip/v6-addresses.ts'
import type { Request } from '../../net/request.ts'
import { sameWords } from '../../prefix/words.ts'
import { endsOf } from './new-v6.ts'
import { AddrRequest } from './request.ts'

/** RTM_DELADDR of IPv6: takes away the address with the prefix length that is named. */
export function delV6Address(req: Request): number {
  const r = new AddrRequest(req)
  const error = r.parse(ADDR_POLICY_V6)
  if (error !== 0) return error
  const ends = endsOf(r)
  if (ends === undefined) return -errno.EINVAL
  if (r.prefixLength > 128) return req.refuse(errno.EINVAL, 'ipv6: Invalid prefix length')
  const dev = req.ns.devices.get(r.ifindex)
  if (!dev) return req.refuse(errno.ENODEV, 'ipv6: Unable to find the interface')
  if (!dev.inet?.v6) return req.refuse(errno.ENXIO, 'ipv6: IPv6 is disabled on this device')
  const a = dev.inet.v6Addresses.find((one) => one.prefixLength === r.prefixLength && sameWords(one.local, ends.local))
  if (!a) return req.refuse(errno.EADDRNOTAVAIL, 'ipv6: address not found')
  removeV6(req.socket.kernel, dev, a, req)
  return 0
}
