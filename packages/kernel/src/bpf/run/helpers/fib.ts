import { errno } from '@netkit/netlink'
import { HOOK } from '../../../net/device-programs.ts'
import { PKT_GSO, PKT_LENGTH, PKT_SHIFT } from '../../../packet/fields.ts'
import { fibLookup } from '../../fib/lookup.ts'
import * as fib from '../../fib/params.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

const { FIB, FIB_BYTES, FIB_FLAGS, FIB_OUTPUT, FIB_RESULT, FIB_TBID, FIB_VLAN, FIB_VLAN_INPUT } = fib
/** Bytes that a frame may have beyond the MTU: an Ethernet header and a tag. */
const HEADERS = 18

/** Routes for programs. Source: spec 02 §3.6. */
export const FIBS: readonly HelperRow[] = [
  {
    name: 'fib_lookup',
    args: ['u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body(of, ctx, params, length, flags) {
      const context = of.contexts.at(ctx)
      const isXdp = context.hook === HOOK.xdp
      const refused = FIB_TBID | FIB_OUTPUT
      if (length < FIB_BYTES || (flags & ~FIB_FLAGS) !== 0) return -errno.EINVAL
      if ((flags & FIB_VLAN_INPUT) !== 0 && (flags & refused) !== 0) return -errno.EINVAL
      if (!isXdp && (flags & FIB_VLAN) !== 0) return -errno.EINVAL
      if (context.dev === undefined) return -errno.EINVAL
      const { view, u8 } = of.memory
      const at = params >>> 0
      const asksMtu = view.getUint16(at + FIB.MTU, true) !== 0
      const { ns } = context.dev
      const result = fibLookup({ view, u8, ns, neighbours: of.redirects.neighbours }, at, flags)
      if (isXdp || asksMtu || result !== FIB_RESULT.SUCCESS) return result
      return fits(of, context.handle, at, ns.devices.get(view.getUint32(at + FIB.IFINDEX, true))?.mtu ?? 0)
    },
  },
]

/** Where a program does not say how long the packet is, its own length counts against the device's MTU. */
function fits({ contexts, memory }: HelperWorld, handle: number, at: number, mtu: number): number {
  const { fields } = contexts.packets
  const i = handle << PKT_SHIFT
  memory.view.setUint16(at + FIB.MTU, mtu, true)
  const isShort = fields[i + PKT_LENGTH] <= mtu + HEADERS || (fields[i + PKT_GSO] & 0xffff) !== 0
  return isShort ? FIB_RESULT.SUCCESS : FIB_RESULT.FRAGMENTATION_NEEDED
}
