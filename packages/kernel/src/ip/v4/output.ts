import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { fitsInto } from '../../packet/segment-length.ts'
import { be16 } from '../core/address.ts'
import type { Flow } from '../core/flow.ts'
import { IP_DF } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { fragment4 } from './fragment.ts'

// Engines fold constants of the own module, not imported ones.
const { FLAG_IGNORE_DF, PKT_DATA, PKT_SHIFT, PKT_STATE } = layout

/**
 * Sends a packet that begins with its IPv4 header the way that `flow` was answered. What is longer than the way allows is
 * fragmented; false where it must not be, and the packet is still the caller's.
 */
export function send4(stack: IpStack, flow: Flow, handle: number): boolean {
  const { packets, path } = stack
  const { fields } = packets.table
  const { dev } = flow
  const i = handle << PKT_SHIFT
  if (dev === undefined) {
    packets.drop(handle, DROP.IP_OUTNOROUTES)
    return true
  }
  if (fitsInto(packets, handle, flow.mtu)) {
    stack.neighbourOutput(dev, flow.hop, 0, false, handle)
    return true
  }
  const whole = (be16(packets.memory.u8, fields[i + PKT_DATA] + 6) & IP_DF) !== 0
  if (whole && (fields[i + PKT_STATE] & FLAG_IGNORE_DF) === 0) return false
  const reason = fragment4(packets, handle, flow.mtu, (piece) => stack.neighbourOutput(dev, flow.hop, 0, false, piece))
  if (reason === 0) packets.free(handle)
  else path.drop(dev, handle, reason)
  return true
}
