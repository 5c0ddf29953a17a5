/**
 * Constants and layouts of io_uring as far as zero-copy receive needs them: uapi linux/io_uring.h, linux/io_uring/zcrx.h,
 * linux/io_uring/query.h. Layouts give the byte offset of each field and the structure's size.
 */

/** Flags of io_uring_setup(2). */
export const IORING_SETUP_CQSIZE = 1 << 3
export const IORING_SETUP_CLAMP = 1 << 4
export const IORING_SETUP_CQE32 = 1 << 11
export const IORING_SETUP_SINGLE_ISSUER = 1 << 12
export const IORING_SETUP_DEFER_TASKRUN = 1 << 13
export const IORING_SETUP_NO_MMAP = 1 << 14
export const IORING_SETUP_CQE_MIXED = 1 << 18

export const IORING_ENTER_GETEVENTS = 1

/** Offsets for mmap of a ring; both rings are behind the first one. Zero-copy regions begin at IORING_OFF_ZCRX_REGION, 64 KiB an id. */
export const IORING_OFF_SQ_RING = 0
export const IORING_OFF_CQ_RING = 0x8000000
export const IORING_OFF_SQES = 0x10000000
export const IORING_OFF_ZCRX_REGION = 0x30000000
export const IORING_OFF_ZCRX_SHIFT = 16

export const IORING_SQ_CQ_OVERFLOW = 1 << 1
export const IORING_SQ_TASKRUN = 1 << 2

/** Flags of completions. */
export const IORING_CQE_F_MORE = 1 << 1
export const IORING_CQE_F_SKIP = 1 << 5
export const IORING_CQE_F_32 = 1 << 15

export const IORING_OP_NOP = 0
export const IORING_OP_ASYNC_CANCEL = 14
export const IORING_OP_RECV_ZC = 58

export const IOSQE_BUFFER_SELECT = 1 << 5
export const IORING_RECVSEND_POLL_FIRST = 1 << 0
export const IORING_RECV_MULTISHOT = 1 << 1

export const IORING_REGISTER_ZCRX_IFQ = 32
export const IORING_REGISTER_QUERY = 35
export const IORING_REGISTER_ZCRX_CTRL = 36

/** Flags of a registration and of an area. */
export const ZCRX_REG_IMPORT = 1
export const ZCRX_REG_NODEV = 2
export const IORING_ZCRX_AREA_DMABUF = 1
export const IORING_MEM_REGION_TYPE_USER = 1
/** Bits 63 to 48 of an offset number the area. */
export const IORING_ZCRX_AREA_SHIFT = 48n

export const ZCRX_CTRL_FLUSH_RQ = 0
export const ZCRX_CTRL_EXPORT = 1
export const ZCRX_CTRL_ARM_EVENT = 2
export const ZCRX_CTRL_ADD_AREA = 3

/** Events, and the bits that ask for them are 1 << event. */
export const ZCRX_EVENT_ALLOC_FAIL = 0
export const ZCRX_EVENT_COPY = 1
export const ZCRX_EVENT_DESC_STATS = 1

/** `struct io_uring_params`; offsets of rings are in `sqOff` and `cqOff`. */
export const IO_URING_PARAMS = {
  size: 120,
  sqEntries: 0,
  cqEntries: 4,
  flags: 8,
  features: 20,
  reserved: 28,
  sqOff: 40,
  cqOff: 80,
} as const

/** Fields of `struct io_sqring_offsets` and `struct io_cqring_offsets`, each 40 bytes. */
export const IO_SQRING_OFFSETS = {
  head: 0,
  tail: 4,
  ringMask: 8,
  ringEntries: 12,
  flags: 16,
  dropped: 20,
  array: 24,
  userAddr: 32,
} as const
export const IO_CQRING_OFFSETS = {
  head: 0,
  tail: 4,
  ringMask: 8,
  ringEntries: 12,
  overflow: 16,
  cqes: 20,
  flags: 24,
  userAddr: 32,
} as const

/** `struct io_uring_sqe`, as RECV_ZC reads it. */
export const IO_URING_SQE = {
  size: 64,
  opcode: 0,
  flags: 1,
  ioprio: 2,
  fd: 4,
  off: 8,
  addr: 16,
  len: 24,
  msgFlags: 28,
  userData: 32,
  zcrxId: 44,
  addr3: 48,
} as const

/** `struct io_uring_cqe`; `off` is in the second half of a completion of 32 bytes. */
export const IO_URING_CQE = { size: 16, userData: 0, res: 8, flags: 12, off: 16, pad: 24 } as const

/** `struct io_uring_zcrx_ifq_reg` */
export const ZCRX_IFQ_REG = {
  size: 96,
  ifIdx: 0,
  ifRxq: 4,
  rqEntries: 8,
  flags: 12,
  areaPtr: 16,
  regionPtr: 24,
  offsets: 32,
  zcrxId: 64,
  rxBufLen: 68,
  eventDesc: 72,
  reserved: 80,
} as const

/** `struct io_uring_zcrx_area_reg` */
export const ZCRX_AREA_REG = {
  size: 48,
  addr: 0,
  len: 8,
  rqAreaToken: 16,
  flags: 24,
  dmabufFd: 28,
  reserved: 32,
} as const

/** `struct io_uring_region_desc` */
export const IO_URING_REGION_DESC = {
  size: 64,
  userAddr: 0,
  length: 8,
  flags: 16,
  id: 20,
  mmapOffset: 24,
  reserved: 32,
} as const

/** What completions tell that are events, and where counters are kept. */
export const ZCRX_EVENT_DESC = {
  size: 96,
  userData: 0,
  typeMask: 8,
  flags: 12,
  statsOffset: 16,
  reserved: 24,
} as const
export const ZCRX_STATS = { size: 16, copyCount: 0, copyBytes: 8 } as const

/** `struct zcrx_ctrl`; the union of what operations take begins at `data`. */
export const ZCRX_CTRL = { size: 72, zcrxId: 0, op: 4, reserved: 8, data: 24 } as const

/** The refill ring: its header, then entries of 16 bytes. */
export const ZCRX_RQ = { head: 0, tail: 64, rqes: 128, entrySize: 16, off: 0, length: 8, pad: 12 } as const

/** `struct io_uring_query_hdr`, of a list of queries. */
export const IO_URING_QUERY_HDR = { size: 40, next: 0, data: 8, op: 16, length: 20, result: 24, reserved: 28 } as const
export const IO_URING_QUERY_OPCODES = 0
export const IO_URING_QUERY_ZCRX = 1
export const IO_URING_QUERY_ZCRX_EVENT = 3
/** `struct io_uring_query_zcrx`; a shorter answer leaves the end as it was. */
export const IO_URING_ZCRX_QUERY = {
  size: 40,
  registerFlags: 0,
  areaFlags: 8,
  ctrlOpcodes: 16,
  features: 20,
  ringHeaderSize: 24,
  ringHeaderAlignment: 28,
} as const
export const ZCRX_FEATURE_RX_PAGE_SIZE = 1
export const ZCRX_FEATURE_EVENT = 2
