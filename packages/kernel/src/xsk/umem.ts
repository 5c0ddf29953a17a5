import { errno, XDP_PACKET_HEADROOM, XDP_UMEM_FLAG, XDP_UMEM_REG } from '@netkit/netlink'
import type { ApplicationMemory } from '../packet/application-memory.ts'
import type { Region } from '../packet/memory.ts'

const PAGE = 4096
const SMALLEST_CHUNK = 2048
/** What the kernel keeps behind a frame for the list of its fragments, and the smallest frame that a chunk has to have room for. */
const FRAGMENT_LIST = 320
const SMALLEST_FRAME = 128
const MOST_CHUNKS = 0xffff_ffff
const SMALLEST_METADATA = 16
const MOST_METADATA = 256
const EVERY_FLAG = XDP_UMEM_FLAG.unalignedChunk | XDP_UMEM_FLAG.txSwCsum | XDP_UMEM_FLAG.txMetadataLen

/** `struct xdp_umem_reg` in numbers. */
export interface UmemRequest {
  readonly address: bigint
  readonly length: bigint
  readonly chunkSize: number
  readonly headroom: number
  readonly flags: number
  readonly metadataLength: number
}

/** The old form has neither flags that are known nor metadata. */
export function readUmem(bytes: Uint8Array): UmemRequest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const isNew = bytes.length >= XDP_UMEM_REG.size
  return {
    address: view.getBigUint64(XDP_UMEM_REG.addr, true),
    length: view.getBigUint64(XDP_UMEM_REG.len, true),
    chunkSize: view.getUint32(XDP_UMEM_REG.chunkSize, true),
    headroom: view.getUint32(XDP_UMEM_REG.headroom, true),
    flags: isNew ? view.getUint32(XDP_UMEM_REG.flags, true) : 0,
    metadataLength: isNew ? view.getUint32(XDP_UMEM_REG.txMetadataLen, true) : 0,
  }
}

/** What speaks against a UMEM: 0 or EINVAL. Source: spec 02 §8.2, rows 2 to 11. */
function checkUmem(wish: UmemRequest): number {
  const { address, length, chunkSize, headroom, flags, metadataLength } = wish
  const unaligned = (flags & XDP_UMEM_FLAG.unalignedChunk) !== 0
  const size = BigInt(chunkSize)
  const refused =
    chunkSize < SMALLEST_CHUNK ||
    chunkSize > PAGE ||
    (flags & ~EVERY_FLAG) !== 0 ||
    (!unaligned && (chunkSize & (chunkSize - 1)) !== 0) ||
    address % BigInt(PAGE) !== 0n ||
    address + length > 0xffff_ffff_ffff_ffffn ||
    length / BigInt(PAGE) > BigInt(MOST_CHUNKS) ||
    length / size === 0n ||
    length / size > BigInt(MOST_CHUNKS) ||
    (!unaligned && length % size !== 0n) ||
    headroom > chunkSize - XDP_PACKET_HEADROOM - FRAGMENT_LIST - SMALLEST_FRAME ||
    ((flags & XDP_UMEM_FLAG.txMetadataLen) !== 0 && !isMetadataLength(metadataLength))
  return refused ? -errno.EINVAL : 0
}

const isMetadataLength = (bytes: number): boolean =>
  bytes < MOST_METADATA && bytes % 8 === 0 && bytes >= SMALLEST_METADATA

/** The memory of an application that packets are received into and sent from, cut into chunks. */
export class Umem {
  /** Where it begins in packet memory. */
  readonly offset: number
  readonly size: number
  readonly chunkSize: number
  readonly headroom: number
  readonly unaligned: boolean
  readonly softwareChecksum: boolean
  /** 0: sockets take no TX metadata. */
  readonly metadataLength: number
  /** Some socket receives into it without copies. */
  zeroCopy = false
  readonly #application: ApplicationMemory
  readonly #pin: Region
  #users = 1

  constructor(application: ApplicationMemory, pin: Region, wish: UmemRequest) {
    this.#application = application
    this.#pin = pin
    this.offset = Number(wish.address)
    this.size = Number(wish.length)
    this.chunkSize = wish.chunkSize
    this.headroom = wish.headroom
    this.unaligned = (wish.flags & XDP_UMEM_FLAG.unalignedChunk) !== 0
    this.softwareChecksum = (wish.flags & XDP_UMEM_FLAG.txSwCsum) !== 0
    this.metadataLength = (wish.flags & XDP_UMEM_FLAG.txMetadataLen) !== 0 ? wish.metadataLength : 0
  }

  get chunks(): number {
    return Math.floor(this.size / this.chunkSize)
  }

  /** Bytes of a frame that a chunk takes. */
  get frameSize(): number {
    return this.chunkSize - this.headroom - XDP_PACKET_HEADROOM
  }

  hold(): void {
    this.#users++
  }

  release(): void {
    if (--this.#users === 0) this.#application.unpin(this.#pin)
  }
}

/** Registers memory; EINVAL, or EFAULT where no application has mapped it. */
export function makeUmem(application: ApplicationMemory, wish: UmemRequest): Umem | number {
  const refused = checkUmem(wish)
  if (refused !== 0) return refused
  const inside = wish.address + wish.length <= 0x7fff_ffffn
  const pin = inside ? application.pin(Number(wish.address), Number(wish.length)) : undefined
  return pin ? new Umem(application, pin, wish) : -errno.EFAULT
}
