import { errno } from '@netkit/netlink'
import { format } from '../format.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

const MOST_ARGUMENTS = 12

/** Two halves as one number. */
const wide = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)

/** Numbers that lie one after the other; EINVAL if there are too many or a part of one. */
function argumentsAt({ memory: { view } }: HelperWorld, at: number, bytes: number): bigint[] | number {
  const count = bytes / 8
  if (!Number.isInteger(count) || count > MOST_ARGUMENTS || (count > 0 && at === 0)) return -errno.EINVAL
  return Array.from({ length: count }, (_, i) => view.getBigUint64(at + 8 * i, true))
}

function trace(of: HelperWorld, at: number, bytes: number, args: readonly bigint[]): number {
  const { u8 } = of.memory
  const text = format(of.memory, u8.subarray(at, at + bytes), args)
  if (typeof text === 'number') return text
  of.trace.write(of.world.now(), text)
  return text.length
}

/** The end of a text that may be as long as it likes to be: the NUL. */
const textFrom = ({ memory: { u8 } }: HelperWorld, at: number): Uint8Array => u8.subarray(at, u8.indexOf(0, at) + 1)

/** Texts for people. Source: spec 02 §3.6. */
export const PRINT: readonly HelperRow[] = [
  {
    name: 'trace_printk',
    args: ['u32', 'u32', 'u64', 'u64', 'u64'],
    returns: 's32',
    body: (of, at, bytes, a, a2, b, b2, c, c2) =>
      trace(of, at >>> 0, bytes >>> 0, [wide(a, a2), wide(b, b2), wide(c, c2)]),
  },
  {
    name: 'trace_vprintk',
    args: ['u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body(of, at, bytes, data, size) {
      const args = argumentsAt(of, data >>> 0, size >>> 0)
      return typeof args === 'number' ? args : trace(of, at >>> 0, bytes >>> 0, args)
    },
  },
  {
    name: 'snprintf',
    args: ['u32', 'u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body(of, to, room, at, data, size) {
      const args = argumentsAt(of, data >>> 0, size >>> 0)
      const text = typeof args === 'number' ? args : format(of.memory, textFrom(of, at >>> 0), args)
      if (typeof text === 'number') return text
      const { u8 } = of.memory
      const bytes = Math.min(text.length, (room >>> 0) - 1)
      for (let i = 0; i < bytes; i++) u8[(to >>> 0) + i] = text.charCodeAt(i)
      if (room !== 0) u8[(to >>> 0) + bytes] = 0
      return text.length + 1
    },
  },
]
