import { isShared, makeLinear, makeWritable } from './edit.ts'
import type { Packets } from './packets.ts'

/** Makes the first `length` bytes linear and the linear part the packet's own. False when it is shorter, when bytes cannot be read,
 *  or without memory. */
export const makeStart = (packets: Packets, handle: number, length: number): boolean =>
  makeLinear(packets, handle, length) && (!isShared(packets, handle) || makeWritable(packets, handle))
