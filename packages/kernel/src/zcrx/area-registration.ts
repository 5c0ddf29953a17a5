import { errno, IORING_ZCRX_AREA_DMABUF, ZCRX_AREA_REG } from '@netkit/netlink'
import type { ApplicationMemory } from '../packet/application-memory.ts'
import type { Region } from '../packet/memory.ts'
import type { Areas } from './areas.ts'
import { isZero, setU64, u32, u64 } from './user-structs.ts'

const A = ZCRX_AREA_REG
const PAGE = 4096n
const MOST_LENGTH = 1n << 40n
const ADDRESSES = 1n << 64n
const AREA_SHIFT = 48n

/** Whether a size of chunks can be: 0 (a page), or a power of two from a page on. */
const isChunk = (size: number): boolean => size === 0 || (size >= 4096 && (size & (size - 1)) === 0)

/** The first rule that a size of chunks breaks. Source: spec 03 §3.6, 1 and 3. */
export function checkChunk(size: number, hasDevice: boolean): number {
  if (!isChunk(size)) return -errno.EINVAL
  return size > 4096 && !hasDevice ? -errno.EOPNOTSUPP : 0
}

/** The first rule that an area breaks. Source: spec 03 §3.6, 4 to 11, in its order. */
function check(area: DataView, hasDevice: boolean): number {
  const address = u64(area, A.addr)
  const length = u64(area, A.len)
  const flags = u32(area, A.flags)
  if ((flags & ~IORING_ZCRX_AREA_DMABUF) !== 0 || u64(area, A.rqAreaToken) !== 0n) return -errno.EINVAL
  if (!isZero(area, A.reserved, A.size)) return -errno.EINVAL
  if (length === 0n) return -errno.EFAULT
  if (length > MOST_LENGTH) return -errno.EINVAL
  const rounded = ((length + PAGE - 1n) / PAGE) * PAGE
  if (address + rounded >= ADDRESSES) return -errno.EOVERFLOW
  if (address % PAGE !== 0n || length % PAGE !== 0n) return -errno.EINVAL
  if ((flags & IORING_ZCRX_AREA_DMABUF) !== 0) {
    // There is no dma-buf that the descriptor could be of.
    return !hasDevice || address !== 0n ? -errno.EINVAL : -errno.EBADF
  }
  if (u32(area, A.dmabufFd) !== 0) return -errno.EINVAL
  return address === 0n ? -errno.EFAULT : 0
}

const pin = (application: ApplicationMemory, address: bigint, length: bigint): Region | undefined =>
  address + length < 0x8000_0000n ? application.pin(Number(address), Number(length)) : undefined

/** Makes an area of an instance of the memory that is described, and writes its token back. 0 or a negative errno. */
export function addArea(
  application: ApplicationMemory,
  areas: Areas,
  area: DataView,
  chunkShift: number,
  hasDevice: boolean,
): number {
  const error = check(area, hasDevice)
  if (error !== 0) return error
  const address = u64(area, A.addr)
  const length = u64(area, A.len)
  const pinned = pin(application, address, length)
  if (!pinned) return -errno.EFAULT
  const uneven = hasDevice && length % (1n << BigInt(chunkShift)) !== 0n
  if (uneven || areas.full) {
    application.unpin(pinned)
    return uneven ? -errno.ERANGE : -errno.EINVAL
  }
  setU64(area, A.rqAreaToken, BigInt(areas.list.length) << AREA_SHIFT)
  areas.add(pinned, Number(address), Number(length))
  return 0
}
