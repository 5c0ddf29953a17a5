import {
  IO_URING_QUERY_HDR,
  IO_URING_QUERY_ZCRX,
  IO_URING_ZCRX_QUERY,
  KernelError,
  type MappedMemory,
  ZCRX_FEATURE_EVENT,
  ZCRX_REG_NODEV,
  type ZcrxDoor,
} from '@netkit/netlink'
import type { SharedWords } from './words.ts'

/** What of zero-copy receive a kernel knows: it came in steps. */
export interface ZcrxFeatures {
  /** Events, and counters of what was copied. */
  readonly events: boolean
  /** Instances without a device. */
  readonly noDevice: boolean
}

const NONE: ZcrxFeatures = { events: false, noDevice: false }
const HDR = IO_URING_QUERY_HDR
const ANSWER = IO_URING_ZCRX_QUERY

/** Asks a kernel (IORING_REGISTER_QUERY). One that cannot be asked knows none of it. */
export function zcrxFeatures(door: ZcrxDoor, words: SharedWords, scratch: MappedMemory): ZcrxFeatures {
  words.u8.fill(0, scratch.offset, scratch.offset + HDR.size + ANSWER.size)
  const view = new DataView(words.u8.buffer, scratch.offset, scratch.length)
  view.setBigUint64(HDR.data, BigInt(scratch.address + HDR.size), true)
  view.setUint32(HDR.op, IO_URING_QUERY_ZCRX, true)
  view.setUint32(HDR.length, ANSWER.size, true)
  try {
    door.query(scratch.address)
  } catch (error) {
    if (error instanceof KernelError) return NONE
    throw error
  }
  if (view.getInt32(HDR.result, true) !== 0) return NONE
  return {
    events: (view.getUint32(HDR.size + ANSWER.features, true) & ZCRX_FEATURE_EVENT) !== 0,
    noDevice: (view.getUint32(HDR.size + ANSWER.registerFlags, true) & ZCRX_REG_NODEV) !== 0,
  }
}
