import { errno, XDP_TXMD } from '@netkit/netlink'
import { fold, sumBytes } from '../packet/checksum.ts'
import type { PacketMemory } from '../packet/memory.ts'

/** Bytes of a block of metadata: flags u64, checksum start and offset u16 each, launch time u64; a timestamp overlays the request. */
const CSUM_START = 8
const CSUM_OFFSET = 10
const TIMESTAMP = 8
/** A launch time is told in blocks that have room for it. */
const WITH_LAUNCH_TIME = 24
const KNOWN = XDP_TXMD.timestamp | XDP_TXMD.checksum | XDP_TXMD.launchTime
const TWO32 = 0x1_0000_0000

/**
 * Does what the metadata before a packet ask for: flags of XDP_TXMD, or EINVAL. `at`: where the block begins in packet memory, the
 * packet follows it. Launch times are taken and nothing comes of them. Source: spec 02 §8.5.
 */
export function applyMetadata(memory: PacketMemory, at: number, block: number, length: number): number {
  const { u8, i32 } = memory
  if (block === 0) return -errno.EINVAL
  const flags = i32[at >> 2]
  if ((flags & ~KNOWN) !== 0 || i32[(at >> 2) + 1] !== 0) return -errno.EINVAL
  if ((flags & XDP_TXMD.launchTime) !== 0 && block < WITH_LAUNCH_TIME) return -errno.EINVAL
  if ((flags & XDP_TXMD.checksum) === 0) return flags
  const start = u8[at + CSUM_START] | (u8[at + CSUM_START + 1] << 8)
  const field = start + (u8[at + CSUM_OFFSET] | (u8[at + CSUM_OFFSET + 1] << 8))
  if (field + 2 > length) return -errno.EINVAL
  const data = at + block
  const sum = fold(sumBytes(u8, i32, data + start, length - start)) ^ 0xffff
  u8[data + field] = sum >> 8
  u8[data + field + 1] = sum & 0xff
  return flags
}

/** Tells when a packet was sent, in ns. */
export function stamp({ i32 }: PacketMemory, at: number, now: bigint): void {
  const word = (at + TIMESTAMP) >> 2
  i32[word] = Number(now & 0xffff_ffffn) | 0
  i32[word + 1] = (Number(now >> 32n) % TWO32) | 0
}
