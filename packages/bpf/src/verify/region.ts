import { denied } from './refusal.ts'
import type { Reg } from './reg.ts'
import type { Verification } from './verification.ts'

/** Highest offset in a packet that can be reached. */
export const PACKET_LIMIT = 65_535
/** Offsets beyond are taken as unknown. */
export const OFFSET_LIMIT = 1 << 29

/** Refuses an access that may lie outside of `total` bytes. `what` and `unit` name them in the log. */
export function checkRegion(
  v: Verification,
  reg: Reg,
  r: number,
  off: number,
  size: number,
  total: number,
  what: string,
  unit: string,
): void {
  const { smin, umax } = reg.scalar
  const first = BigInt(reg.off + off)
  const told = (at: bigint) => v.say(`invalid access to ${what}, ${unit}=${total} off=${at} size=${size}`)
  if (smin < 0n && (smin + first < 0n || smin < -(1n << 31n))) {
    throw denied(`R${r} min value is negative, either use unsigned index or do a if (index >=0) check.`)
  }
  if (smin + first < 0n || smin + first + BigInt(size) > BigInt(total)) {
    told(smin + first)
    throw denied(`R${r} min value is outside of the allowed memory range`)
  }
  if (umax >= BigInt(OFFSET_LIMIT))
    throw denied(`R${r} unbounded memory access, make sure to bounds check any such access`)
  if (umax + first + BigInt(size) > BigInt(total)) {
    told(umax + first)
    throw denied(`R${r} max value is outside of the allowed memory range`)
  }
}
