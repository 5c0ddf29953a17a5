import { DROP } from '../../packet/drop-reason.ts'
import { fitsInto } from '../../packet/segment-length.ts'
import type { Flow } from '../core/flow.ts'
import type { IpStack } from '../core/stack.ts'
import { fragment6 } from './fragment.ts'

/**
 * Sends a packet that begins with its IPv6 header the way that `flow` was answered. What is longer than the way allows is
 * fragmented if it is our own; false where it must not be, and the packet is still the caller's.
 */
export function send6(stack: IpStack, flow: Flow, handle: number, own: boolean): boolean {
  const { packets, path } = stack
  const { dev } = flow
  if (dev === undefined) {
    packets.drop(handle, DROP.IP_OUTNOROUTES)
    return true
  }
  if (fitsInto(packets, handle, flow.mtu)) {
    stack.neighbourOutput(dev, flow.hop, 0, true, handle)
    return true
  }
  if (!own) return false
  const id = stack.clock.random()
  const reason = fragment6(packets, handle, flow.mtu, id, (piece) =>
    stack.neighbourOutput(dev, flow.hop, 0, true, piece),
  )
  if (reason === 0) packets.free(handle)
  else path.drop(dev, handle, reason)
  return true
}
