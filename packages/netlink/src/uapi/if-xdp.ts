/** AF_XDP. Source: uapi linux/if_xdp.h, spec 02 §8.1 to §8.3. */
export const AF_XDP = 44
export const SOL_XDP = 283
export const SOCK_RAW = 3

export const XDP_OPTION = {
  mmapOffsets: 1,
  rxRing: 2,
  txRing: 3,
  umemReg: 4,
  umemFillRing: 5,
  umemCompletionRing: 6,
  statistics: 7,
  options: 8,
  maxTxSkbBudget: 9,
} as const

/** Flags of `struct sockaddr_xdp`. */
export const XDP_BIND = { sharedUmem: 1, copy: 2, zerocopy: 4, useNeedWakeup: 8, useSg: 16 } as const
/** Flags of `struct xdp_umem_reg`. */
export const XDP_UMEM_FLAG = { unalignedChunk: 1, txSwCsum: 2, txMetadataLen: 4 } as const
/** Options of a descriptor: another buffer of the packet follows; there are metadata before the data. */
export const XDP_DESC = { continued: 1, txMetadata: 2 } as const
/** Flag of rings: the kernel does not look at it by itself. */
export const XDP_RING_NEED_WAKEUP = 1
/** Flag of XDP_OPTIONS: bound without copies. */
export const XDP_OPTIONS_ZEROCOPY = 1
/** Flags of TX metadata. */
export const XDP_TXMD = { timestamp: 1, checksum: 2, launchTime: 4 } as const

/** Offsets for mmap(2). */
export const XDP_PGOFF = { rx: 0, tx: 0x8000_0000, fill: 0x1_0000_0000, completion: 0x1_8000_0000 } as const

/** Where things are in the memory of a ring, in bytes. */
export const XDP_RING = { producer: 0, consumer: 128, flags: 196, entries: 320 } as const
/** Bytes of an entry of the RX and TX rings, and of the fill and completion rings. */
export const XDP_DESC_BYTES = 16
export const XDP_ADDRESS_BYTES = 8

export const SOCKADDR_XDP = { size: 16, family: 0, flags: 2, ifindex: 4, queueId: 8, sharedUmemFd: 12 } as const
export const XDP_UMEM_REG = {
  size: 32,
  /** Of the first version, without the length of metadata. */
  oldSize: 24,
  addr: 0,
  len: 8,
  chunkSize: 16,
  headroom: 20,
  flags: 24,
  txMetadataLen: 28,
} as const
/** Six u64; the first version had three. */
export const XDP_STATISTICS = { size: 48, oldSize: 24 } as const
/** Four times producer, consumer, descriptors and flags, u64 each; the first version had no flags. */
export const XDP_MMAP_OFFSETS = { size: 128, oldSize: 96 } as const

/** Bytes before the data of a received frame, beside the UMEM's headroom. */
export const XDP_PACKET_HEADROOM = 256

export const POLLIN = 1
export const POLLOUT = 4
export const MSG_DONTWAIT = 0x40
