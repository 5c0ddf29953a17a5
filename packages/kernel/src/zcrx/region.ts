import { errno, IO_URING_REGION_DESC, IORING_MEM_REGION_TYPE_USER } from '@netkit/netlink'
import type { ApplicationMemory } from '../packet/application-memory.ts'
import type { Region } from '../packet/memory.ts'
import { isZero, u32, u64 } from './user-structs.ts'

const R = IO_URING_REGION_DESC
const PAGE = 4096n
const MOST_PAGES = 0x7fffffffn
const ADDRESSES = 1n << 64n

/** Memory for a refill ring, held for the kernel. */
export interface RegionMemory {
  readonly pinned: Region
  readonly offset: number
  readonly length: number
  /** The kernel made it: the application may map it. */
  readonly mappable: boolean
  /** The application has mapped it, and unmaps it itself. */
  handedOut: boolean
}

/** The first rule that a region breaks, a negative errno; 0. Source: spec 03 §3.4, 18 to 23, in its order. */
function check(region: DataView): number {
  const flags = u32(region, R.flags)
  const address = u64(region, R.userAddr)
  const length = u64(region, R.length)
  if (!isZero(region, R.reserved, R.size) || (flags & ~IORING_MEM_REGION_TYPE_USER) !== 0) return -errno.EINVAL
  if (((flags & IORING_MEM_REGION_TYPE_USER) !== 0) !== (address !== 0n)) return -errno.EFAULT
  if (length === 0n || u64(region, R.mmapOffset) !== 0n || u32(region, R.id) !== 0) return -errno.EINVAL
  if (length / PAGE > MOST_PAGES) return -errno.E2BIG
  if (address % PAGE !== 0n || length % PAGE !== 0n) return -errno.EINVAL
  return address + length >= ADDRESSES ? -errno.EOVERFLOW : 0
}

/** The memory that a region describes, or new memory if it names none; or a negative errno. */
export function openRegion(application: ApplicationMemory, region: DataView): RegionMemory | number {
  const error = check(region)
  if (error !== 0) return error
  const length = Number(u64(region, R.length))
  const address = Number(u64(region, R.userAddr))
  if (address !== 0) {
    const pinned = application.pin(address, length)
    return pinned ? { pinned, offset: address, length, mappable: false, handedOut: false } : -errno.EFAULT
  }
  const made = application.map(length)
  if (!made) return -errno.ENOMEM
  application.pin(made.offset, made.length)
  return { pinned: made, offset: made.offset, length, mappable: true, handedOut: false }
}

/** The kernel needs it no more. */
export function closeRegion(application: ApplicationMemory, region: RegionMemory): void {
  application.unpin(region.pinned)
  if (region.mappable && !region.handedOut) application.unmap(region.pinned)
}
