import { errno } from '@netkit/netlink'
import { HOOK } from '../../../net/device-programs.ts'
import { ETH_HLEN } from '../../../net/ethernet.ts'
import { PKT_LENGTH, PKT_SHIFT, PKT_TRANSPORT } from '../../../packet/fields.ts'
import { isGso } from '../../../packet/offload.ts'
import { segmentLength } from '../../../packet/segment-length.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

const CHECK_SEGMENTS = 1
const SUCCESS = 0
const FRAGMENT_NEEDED = 1
const SEGMENTS_TOO_BIG = 2

function checkMtu(
  { contexts, memory }: HelperWorld,
  ctx: number,
  ifindex: number,
  at: number,
  difference: number,
  flags: number,
) {
  const { view } = memory
  const { packets } = contexts
  const context = contexts.at(ctx)
  const isXdp = context.hook === HOOK.xdp
  const given = view.getUint32(at, true)
  if ((flags & ~(isXdp ? 0 : CHECK_SEGMENTS)) !== 0) return -errno.EINVAL
  if ((flags & CHECK_SEGMENTS) !== 0 && (difference !== 0 || given !== 0)) return -errno.EINVAL
  const dev = ifindex === 0 ? context.dev : context.dev?.ns.devices.get(ifindex)
  if (!dev) return -errno.ENODEV
  const i = context.handle << PKT_SHIFT
  const length = (given === 0 ? packets.fields[i + PKT_LENGTH] : given + ETH_HLEN) + difference
  let result = SUCCESS
  if (length > dev.mtu + ETH_HLEN) {
    result = FRAGMENT_NEEDED
    if (isGso(packets, context.handle)) {
      result = SUCCESS
      if ((flags & CHECK_SEGMENTS) !== 0) {
        if (packets.fields[i + PKT_TRANSPORT] === 0) return -errno.EINVAL
        if (segmentLength(packets, context.handle) > dev.mtu) result = SEGMENTS_TOO_BIG
      }
    }
  }
  view.setUint32(at, dev.mtu, true)
  return result
}

/** What fits through a device. Source: spec 02 §3.6. */
export const MTU: readonly HelperRow[] = [
  {
    name: 'check_mtu',
    args: ['u32', 'u32', 'u32', 'u32', 'u64'],
    returns: 's32',
    body: (of, ctx, ifindex, at, difference, flags, high) =>
      checkMtu(of, ctx, ifindex >>> 0, at >>> 0, difference, high === 0 ? flags : -1),
  },
]
