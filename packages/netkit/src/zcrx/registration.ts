import {
  IO_URING_REGION_DESC,
  IORING_MEM_REGION_TYPE_USER,
  IORING_REGISTER_ZCRX_IFQ,
  type IoUringHandle,
  type MappedMemory,
  ZCRX_AREA_REG,
  ZCRX_EVENT_DESC,
  ZCRX_EVENT_DESC_STATS,
  ZCRX_IFQ_REG,
  ZCRX_REG_NODEV,
  ZCRX_RQ,
  ZCRX_STATS,
} from '@netkit/netlink'
import { EVENT_DATA } from './completions.ts'
import type { SharedWords } from './words.ts'

/** What is registered, where. */
export interface Registration {
  /** 0: no device, everything is copied. */
  readonly ifindex: number
  readonly queue: number
  readonly entries: number
  /** Bytes of a buf; 0: a page. */
  readonly chunk: number
  readonly area: MappedMemory
  readonly refill: MappedMemory
  /** Events and counters are wanted. */
  readonly events: boolean
  /** Where the structures themselves can be put for the call. */
  readonly scratch: MappedMemory
}

export interface Registered {
  readonly id: number
  readonly entries: number
}

const AREA = ZCRX_IFQ_REG.size
const REGION = AREA + ZCRX_AREA_REG.size
const EVENTS = REGION + IO_URING_REGION_DESC.size
const ALL_EVENTS = 0b11

/** Where the kernel counts what it had to copy: right behind the refill ring. */
export const statsOffset = (entries: number): number => ZCRX_RQ.rqes + entries * ZCRX_RQ.entrySize

/** Bytes that a refill ring with its counters takes. */
export const refillBytes = (entries: number): number => statsOffset(entries) + ZCRX_STATS.size

/** IORING_REGISTER_ZCRX_IFQ. KernelError as of spec: see docs/io-uring-zcrx.md. */
export function register(ring: IoUringHandle, words: SharedWords, wish: Registration): Registered {
  const { scratch } = wish
  const { u8 } = words
  const view = new DataView(u8.buffer, scratch.offset, scratch.length)
  u8.fill(0, scratch.offset, scratch.offset + scratch.length)
  const u32 = (at: number, value: number): void => view.setUint32(at, value, true)
  const u64 = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true)
  u32(ZCRX_IFQ_REG.ifIdx, wish.ifindex)
  u32(ZCRX_IFQ_REG.ifRxq, wish.queue)
  u32(ZCRX_IFQ_REG.rqEntries, wish.entries)
  u32(ZCRX_IFQ_REG.flags, wish.ifindex === 0 ? ZCRX_REG_NODEV : 0)
  u64(ZCRX_IFQ_REG.areaPtr, scratch.address + AREA)
  u64(ZCRX_IFQ_REG.regionPtr, scratch.address + REGION)
  u32(ZCRX_IFQ_REG.rxBufLen, wish.chunk)
  if (wish.events) wantEvents(view, scratch.address + EVENTS, wish.entries)
  u64(AREA + ZCRX_AREA_REG.addr, wish.area.address)
  u64(AREA + ZCRX_AREA_REG.len, wish.area.length)
  u64(REGION + IO_URING_REGION_DESC.userAddr, wish.refill.address)
  u64(REGION + IO_URING_REGION_DESC.length, wish.refill.length)
  u32(REGION + IO_URING_REGION_DESC.flags, IORING_MEM_REGION_TYPE_USER)
  ring.register(IORING_REGISTER_ZCRX_IFQ, scratch.address, 1)
  return {
    id: view.getUint32(ZCRX_IFQ_REG.zcrxId, true),
    entries: view.getUint32(ZCRX_IFQ_REG.rqEntries, true),
  }
}

function wantEvents(view: DataView, address: number, entries: number): void {
  view.setBigUint64(ZCRX_IFQ_REG.eventDesc, BigInt(address), true)
  view.setUint32(EVENTS + ZCRX_EVENT_DESC.userData + 4, EVENT_DATA, true)
  view.setUint32(EVENTS + ZCRX_EVENT_DESC.typeMask, ALL_EVENTS, true)
  view.setUint32(EVENTS + ZCRX_EVENT_DESC.flags, ZCRX_EVENT_DESC_STATS, true)
  view.setBigUint64(EVENTS + ZCRX_EVENT_DESC.statsOffset, BigInt(statsOffset(entries)), true)
}
