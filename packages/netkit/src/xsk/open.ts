import {
  AF_XDP,
  type KernelDoors,
  type MappedMemory,
  type MemoryDoor,
  type NamespaceHandle,
  refused,
  SOCK_RAW,
  SOCKADDR_XDP,
  SOL_XDP,
  XDP_ADDRESS_BYTES,
  XDP_BIND,
  XDP_DESC_BYTES,
  XDP_MMAP_OFFSETS,
  XDP_OPTION,
  XDP_PGOFF,
  XDP_UMEM_FLAG,
  XDP_UMEM_REG,
  type XskDoor,
  type XskHandle,
} from '@netkit/netlink'
import type { RingPlace } from './layout.ts'

/** The doors that a socket needs. */
export function doorsFor(doors: KernelDoors, op: string): { readonly memory: MemoryDoor; readonly xsk: XskDoor } {
  const { memory, xsk } = doors
  if (memory && xsk) return { memory, xsk }
  throw refused(op, 'EOPNOTSUPP', `no memory can be shared with the ${doors.kind} kernel the way it is reached`)
}

export interface UmemShape {
  readonly chunks: number
  readonly chunkSize: number
  readonly headroom: number
  readonly unaligned: boolean
  readonly metadataLength: number
}

/** Memory that is registered with a socket as its UMEM. */
export function registerUmem(memory: MemoryDoor, handle: XskHandle, shape: UmemShape): MappedMemory {
  const mapped = memory.map(shape.chunks * shape.chunkSize)
  const bytes = new Uint8Array(XDP_UMEM_REG.size)
  const view = new DataView(bytes.buffer)
  const unaligned = shape.unaligned ? XDP_UMEM_FLAG.unalignedChunk : 0
  const metadata = shape.metadataLength > 0 ? XDP_UMEM_FLAG.txMetadataLen : 0
  view.setBigUint64(XDP_UMEM_REG.addr, BigInt(mapped.address), true)
  view.setBigUint64(XDP_UMEM_REG.len, BigInt(shape.chunks * shape.chunkSize), true)
  view.setUint32(XDP_UMEM_REG.chunkSize, shape.chunkSize, true)
  view.setUint32(XDP_UMEM_REG.headroom, shape.headroom, true)
  view.setUint32(XDP_UMEM_REG.flags, unaligned | metadata, true)
  view.setUint32(XDP_UMEM_REG.txMetadataLen, shape.metadataLength, true)
  try {
    handle.setsockopt(SOL_XDP, XDP_OPTION.umemReg, bytes)
  } catch (error) {
    mapped.unmap()
    throw error
  }
  return mapped
}

type RingName = 'rx' | 'tx' | 'fill' | 'completion'

const RINGS = {
  rx: { option: XDP_OPTION.rxRing, at: XDP_PGOFF.rx, order: 0, bytes: XDP_DESC_BYTES },
  tx: { option: XDP_OPTION.txRing, at: XDP_PGOFF.tx, order: 1, bytes: XDP_DESC_BYTES },
  fill: { option: XDP_OPTION.umemFillRing, at: XDP_PGOFF.fill, order: 2, bytes: XDP_ADDRESS_BYTES },
  completion: { option: XDP_OPTION.umemCompletionRing, at: XDP_PGOFF.completion, order: 3, bytes: XDP_ADDRESS_BYTES },
} as const

/** A ring that was made and mapped. */
export interface MadeRing {
  readonly mapped: MappedMemory
  readonly place: RingPlace
}

/** Makes a ring and maps it where the kernel says that its parts are. */
export function makeRing(handle: XskHandle, name: RingName, entries: number): MadeRing {
  const ring = RINGS[name]
  const count = new Uint8Array(4)
  new DataView(count.buffer).setInt32(0, entries, true)
  handle.setsockopt(SOL_XDP, ring.option, count)
  const offsets = handle.getsockopt(SOL_XDP, XDP_OPTION.mmapOffsets, XDP_MMAP_OFFSETS.size)
  const view = new DataView(offsets.buffer, offsets.byteOffset, offsets.length)
  const [producer, consumer, first, flags] = [0, 1, 2, 3].map((n) =>
    Number(view.getBigUint64((ring.order * 4 + n) * 8, true)),
  )
  const mapped = handle.mmap(first + entries * ring.bytes, ring.at)
  const word = (offset: number): number => (mapped.offset + offset) / 4
  const place = {
    entries,
    producer: word(producer),
    consumer: word(consumer),
    first: word(first),
    flags: word(flags),
  }
  return { mapped, place }
}

/** How a socket is bound. */
export interface BindWish {
  readonly ifindex: number
  readonly queue: number
  readonly mode: 'zero-copy' | 'copy' | 'any'
  readonly needWakeup: boolean
  readonly multiBuffer: boolean
  /** Descriptor of a socket whose UMEM is shared. */
  readonly sharedWith: number | undefined
}

const MODES = { 'zero-copy': XDP_BIND.zerocopy, copy: XDP_BIND.copy, any: 0 } as const

export function bindTo(handle: XskHandle, wish: BindWish): void {
  const address = new Uint8Array(SOCKADDR_XDP.size)
  const view = new DataView(address.buffer)
  const own =
    MODES[wish.mode] | (wish.needWakeup ? XDP_BIND.useNeedWakeup : 0) | (wish.multiBuffer ? XDP_BIND.useSg : 0)
  view.setUint16(SOCKADDR_XDP.family, AF_XDP, true)
  view.setUint16(SOCKADDR_XDP.flags, wish.sharedWith === undefined ? own : XDP_BIND.sharedUmem, true)
  view.setUint32(SOCKADDR_XDP.ifindex, wish.ifindex, true)
  view.setUint32(SOCKADDR_XDP.queueId, wish.queue, true)
  view.setUint32(SOCKADDR_XDP.sharedUmemFd, wish.sharedWith ?? 0, true)
  handle.bind(address)
}

export const openHandle = (door: XskDoor, namespace: NamespaceHandle | undefined): XskHandle =>
  door.socket(SOCK_RAW, 0, namespace)
