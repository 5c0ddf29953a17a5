import { ELEM_FLAG } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfMap } from '../objects/map.ts'

const { lock, cpu, allCpus } = ELEM_FLAG
const EVERY = 0xffff_ffffn
const CPUS = 1n

/** The flags of an element operation, of which some are allowed. Source: spec 02 §6.2. */
export function checkElementFlags({ made: { type } }: BpfMap, flags: bigint, allowed: bigint): number {
  if ((flags & EVERY & ~allowed) !== 0n || (flags & BigInt(lock)) !== 0n) return -errno.EINVAL
  const oneCpu = (flags & BigInt(cpu)) !== 0n
  const everyCpu = (flags & BigInt(allCpus)) !== 0n
  if (!oneCpu && flags >> 32n !== 0n) return -errno.EINVAL
  if (!oneCpu && !everyCpu) return 0
  if (!type.perCpu || (oneCpu && everyCpu)) return -errno.EINVAL
  return flags >> 32n >= CPUS ? -errno.ERANGE : 0
}
