import { MAP_FLAG } from '../syscall/numbers.ts'
import { checkPacket } from './access.ts'
import { denied, mismatch } from './refusal.ts'
import type { Reg } from './reg.ts'
import { checkRegion } from './region.ts'
import { isKnown } from './scalar.ts'
import { refuseSpecial } from './special.ts'
import { type MemoryUse, passStack } from './stack-access.ts'
import type { Verification } from './verification.ts'

/** Types of which the log says that they were expected. */
export const ANY_MEMORY = 'fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_, ctx'

/** The context, as the program was given it. */
export function checkContext(r: number, reg: Reg): void {
  if (reg.type !== 'ctx') throw mismatch(r, reg, 'ctx')
  if (reg.off !== 0 || !isKnown(reg.scalar) || reg.scalar.umax !== 0n) {
    throw denied(`dereference of modified ctx ptr R${r} off=${reg.off} disallowed`)
  }
}

const BYTES: ReadonlySet<string> = new Set(['fp', 'pkt', 'pkt_meta', 'map_value', 'mem', 'ringbuf_mem'])
export const pointsAtBytes = (reg: Reg): boolean => BYTES.has(reg.type) && !reg.nullable

/** A helper uses `size` bytes. */
export function passMemory(v: Verification, r: number, reg: Reg, size: number, use: MemoryUse): void {
  const writes = use !== 'read'
  if (!pointsAtBytes(reg)) throw mismatch(r, reg, ANY_MEMORY)
  switch (reg.type) {
    case 'fp':
      passStack(v, reg, r, size, use)
      return
    case 'pkt':
    case 'pkt_meta':
      if (size > 0) checkPacket(v, reg, { r, off: 0, size })
      if (writes) v.writesPacket = true
      return
    case 'map_value': {
      const flags = reg.map?.flags ?? 0
      if (writes && (flags & MAP_FLAG.rdonlyProg) !== 0) {
        throw denied(`write into map forbidden, value_size=${reg.map?.valueSize} off=${reg.off} size=${size}`)
      }
      checkRegion(v, reg, r, 0, size, reg.map?.valueSize ?? 0, 'map value', 'value_size')
      refuseSpecial(reg, 0, size)
      return
    }
    default:
      if (writes && reg.readonly) throw mismatch(r, reg, ANY_MEMORY)
      checkRegion(v, reg, r, 0, size, reg.size, 'memory', 'mem_size')
  }
}
