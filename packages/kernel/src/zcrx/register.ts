import {
  errno,
  IO_URING_REGION_DESC,
  IORING_OFF_ZCRX_REGION,
  IORING_OFF_ZCRX_SHIFT,
  IORING_SETUP_CLAMP,
  IORING_SETUP_CQE_MIXED,
  IORING_SETUP_CQE32,
  IORING_SETUP_DEFER_TASKRUN,
  ZCRX_AREA_REG,
  ZCRX_EVENT_DESC,
  ZCRX_IFQ_REG,
  ZCRX_REG_IMPORT,
  ZCRX_REG_NODEV,
  ZCRX_RQ,
  ZCRX_STATS,
} from '@netkit/netlink'
import { CAP_NET_ADMIN } from '../access/capability.ts'
import { capableIn } from '../access/credentials.ts'
import type { Device } from '../net/device.ts'
import { receivingDma } from '../net/dma.ts'
import type { BufTable } from '../packet/bufs.ts'
import { addArea, checkChunk } from './area-registration.ts'
import { checkEvents, NO_STATS, statsOffset } from './event-registration.ts'
import { importInstance } from './import.ts'
import { ZcrxInstance } from './instance.ts'
import type { IoRing } from './io-ring.ts'
import { closeRegion, openRegion } from './region.ts'
import { isZero, setU64, type UserStructs, u32, u64 } from './user-structs.ts'
import { writeOffsets } from './write-offsets.ts'

const I = ZCRX_IFQ_REG
const MOST_ENTRIES = 32768
const NO_QUEUE = 0xffffffff
const PAGE_SHIFT = 12

/** What a registration says, checked as far as it can be by itself. */
interface Wish {
  readonly reg: DataView
  readonly area: DataView
  readonly region: DataView
  readonly events: DataView | undefined
  /** A power of two. */
  readonly entries: number
  readonly hasDevice: boolean
}

/** IORING_REGISTER_ZCRX_IFQ: 0 or a negative errno. Source: spec 03 §3.4, in its order. */
export function registerZcrx(ring: IoRing, structs: UserStructs, bufs: BufTable, argument: bigint): number {
  const { kernel, process } = ring
  if (!capableIn(process.credentials, kernel.initialUserNs, CAP_NET_ADMIN)) return -errno.EPERM
  if ((ring.flags & IORING_SETUP_DEFER_TASKRUN) === 0) return -errno.EINVAL
  if ((ring.flags & (IORING_SETUP_CQE32 | IORING_SETUP_CQE_MIXED)) === 0) return -errno.EINVAL
  const reg = structs.at(argument, I.size)
  if (!reg) return -errno.EFAULT
  if (!isZero(reg, I.reserved, I.size) || u32(reg, I.zcrxId) !== 0) return -errno.EINVAL
  if ((u32(reg, I.flags) & ~(ZCRX_REG_IMPORT | ZCRX_REG_NODEV)) !== 0) return -errno.EINVAL
  if ((u32(reg, I.flags) & ZCRX_REG_IMPORT) !== 0) return importInstance(ring, reg)
  const wish = readWish(ring, structs, reg)
  return typeof wish === 'number' ? wish : openInstance(ring, bufs, wish)
}

/** Checks 8 to 17. */
function readWish(ring: IoRing, structs: UserStructs, reg: DataView): Wish | number {
  const region = structs.at(u64(reg, I.regionPtr), IO_URING_REGION_DESC.size)
  if (!region) return -errno.EFAULT
  const wanted = u32(reg, I.rqEntries)
  const hasDevice = (u32(reg, I.flags) & ZCRX_REG_NODEV) === 0
  if (u32(reg, I.ifRxq) === NO_QUEUE || wanted === 0) return -errno.EINVAL
  if (!hasDevice && (u32(reg, I.ifIdx) !== 0 || u32(reg, I.ifRxq) !== 0)) return -errno.EINVAL
  if (wanted > MOST_ENTRIES && (ring.flags & IORING_SETUP_CLAMP) === 0) return -errno.EINVAL
  const area = structs.at(u64(reg, I.areaPtr), ZCRX_AREA_REG.size)
  if (!area) return -errno.EFAULT
  if (u64(area, ZCRX_AREA_REG.rqAreaToken) !== 0n) return -errno.EINVAL
  const eventAddress = u64(reg, I.eventDesc)
  const events = eventAddress === 0n ? undefined : structs.at(eventAddress, ZCRX_EVENT_DESC.size)
  if (eventAddress !== 0n && !events) return -errno.EFAULT
  const error = events ? checkEvents(events) : 0
  if (error !== 0) return error
  const entries = 2 ** Math.ceil(Math.log2(Math.min(wanted, MOST_ENTRIES)))
  if (u64(region, IO_URING_REGION_DESC.length) < BigInt(ringBytes(entries))) return -errno.EINVAL
  return { reg, area, region, events, entries, hasDevice }
}

const ringBytes = (entries: number): number => ZCRX_RQ.rqes + entries * ZCRX_RQ.entrySize

/** Checks 18 to 32. */
function openInstance(ring: IoRing, bufs: BufTable, wish: Wish): number {
  const { application, kernel } = ring
  const region = openRegion(application, wish.region)
  if (typeof region === 'number') return region
  const stats = statsOffset(wish.events, ringBytes(wish.entries), region.length)
  if (stats < NO_STATS) {
    closeRegion(application, region)
    return stats
  }
  if (stats !== NO_STATS) application.memory.fill(region.offset + stats, 0, ZCRX_STATS.size)
  const chunk = u32(wish.reg, I.rxBufLen)
  const instance = new ZcrxInstance({
    kernel,
    application,
    bufs,
    chunkShift: chunk === 0 ? PAGE_SHIFT : 31 - Math.clz32(chunk),
    region,
    entries: wish.entries,
    events: eventOptions(wish.events, stats === NO_STATS ? 0 : region.offset + stats),
  })
  const error = fill(ring, wish, instance, chunk)
  if (error === 0) publish(ring, wish, instance)
  else instance.abandon()
  return error
}

/** Finds the device, makes the area, opens the provider: checks 27 to 30. */
function fill(ring: IoRing, wish: Wish, instance: ZcrxInstance, chunk: number): number {
  const device = wish.hasDevice ? findDevice(ring, wish) : undefined
  if (typeof device === 'number') return device
  const error =
    checkChunk(chunk, wish.hasDevice) ||
    addArea(ring.application, instance.areas, wish.area, instance.chunkShift, wish.hasDevice)
  if (error !== 0) return error
  return device ? instance.bind(device, u32(wish.reg, I.ifRxq), chunk) : 0
}

/** The device that is named, if its queue can be received into by DMA; or a negative errno. */
function findDevice(ring: IoRing, { reg }: Wish): Device | number {
  const device = ring.netns.devices.get(u32(reg, I.ifIdx))
  if (!device) return -errno.ENODEV
  return receivingDma(device, u32(reg, I.ifRxq)) ? device : -errno.EOPNOTSUPP
}

const eventOptions = (events: DataView | undefined, stats: number) =>
  events && {
    userLow: events.getInt32(ZCRX_EVENT_DESC.userData, true),
    userHigh: events.getInt32(ZCRX_EVENT_DESC.userData + 4, true),
    mask: u32(events, ZCRX_EVENT_DESC.typeMask),
    stats,
  }

/** Gives the instance its id and tells the application all that it needs. */
function publish(ring: IoRing, wish: Wish, instance: ZcrxInstance): void {
  const id = ring.addInstance(instance)
  writeOffsets(wish.reg, id, instance)
  if (instance.region.mappable) {
    const offset = IORING_OFF_ZCRX_REGION + id * 2 ** IORING_OFF_ZCRX_SHIFT
    setU64(wish.region, IO_URING_REGION_DESC.mmapOffset, BigInt(offset))
  }
  instance.events.attach(ring.completions, () => ring.onWork?.())
}
