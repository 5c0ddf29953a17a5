import type { Neighbour } from '../../net/neighbour.ts'
import * as layout from '../../packet/fields.ts'
import { isV4, readAddresses } from '../core/address.ts'
import { RTN_LOCAL } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'

const { PKT_DATA, PKT_SHIFT } = layout

const words = new Int32Array(8)

/**
 * The source address of the packet that waits for a neighbour, if it is one of ours and of the neighbour's family: questions
 * are asked from the address that will speak. False without one.
 */
export function sourceOfWaiting(stack: IpStack, { waiting, dev, key }: Neighbour, into: Int32Array): boolean {
  if (waiting.length === 0) return false
  const { packets, routing } = stack
  const at = packets.fields[(waiting[waiting.length - 1] << PKT_SHIFT) + PKT_DATA]
  const v6 = packets.memory.u8[at] >>> 4 === 6
  if (v6 === isV4(key, 0)) return false
  readAddresses(words, packets.memory.u8, at, v6)
  if (routing.typeOf(dev.ns, words, 0, v6 ? dev : undefined) !== RTN_LOCAL) return false
  into.set(words.subarray(0, 4))
  return true
}
