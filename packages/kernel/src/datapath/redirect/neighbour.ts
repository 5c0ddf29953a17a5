import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { forgetArrival } from '../../packet/scrub.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../protocols.ts'
import type { RedirectPath } from './engine.ts'

const {
  FLAG_AT_INGRESS,
  FLAG_REDIRECTED,
  PKT_DATA,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_NETWORK,
  PKT_PROTOCOL,
  PKT_SHIFT,
  PKT_STATE,
} = layout

const AF_INET = 2
const AF_INET6 = 10
const FAMILY = 0
const ADDRESS = 4

/** Sends a packet of IP to a neighbour out of `dev`. `nextHop`: `struct bpf_redir_neigh`, without one the route's. Source: spec 02 §1.8. */
export function sendToNeighbour(
  path: RedirectPath,
  dev: Device,
  handle: number,
  nextHop: Uint8Array | undefined,
): number {
  const { packets, neighbours } = path
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const mac = fields[i + PKT_MAC]
  const header = fields[i + PKT_NETWORK] - fields[i + PKT_DATA]
  const protocol = fields[i + PKT_PROTOCOL]
  const family = familyOf(protocol, nextHop)
  const isGroup = (packets.memory.u8[mac] & 1) !== 0
  if (mac >= fields[i + PKT_NETWORK] || isGroup || fields[i + PKT_LENGTH] < header || family === 0 || !neighbours) {
    path.drop(dev, handle, DROP.NOT_SPECIFIED, 'redirect_neigh: not for a neighbour')
    return -errno.ENOTSUPP
  }
  fields[i + PKT_DATA] += header
  fields[i + PKT_LENGTH] -= header
  fields[i + PKT_LINEAR] -= header
  if (path.tooDeep) {
    path.drop(dev, handle, DROP.RECURSION_LIMIT)
    return -errno.ENETDOWN
  }
  fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~FLAG_AT_INGRESS) | FLAG_REDIRECTED
  forgetArrival(fields, i)
  return neighbours.output(dev, handle, family, nextHop?.subarray(ADDRESS))
}

/** AF_* of the next hop; 0: not a packet that has one, or not one for this packet. */
function familyOf(protocol: number, nextHop: Uint8Array | undefined): number {
  const own = protocol === ETH_P_IP ? AF_INET : protocol === ETH_P_IPV6 ? AF_INET6 : 0
  if (nextHop === undefined || own === 0) return own
  const family =
    nextHop[FAMILY] | (nextHop[FAMILY + 1] << 8) | (nextHop[FAMILY + 2] << 16) | (nextHop[FAMILY + 3] << 24)
  return family === AF_INET6 || family === own ? family : 0
}
