/**
 * The buffer of a perf event as perf_event_open(2) describes it: a page of its own with the positions, and behind it the data, a power of
 * two. Positions count bytes and never go back. Records begin with a header of 8 bytes: type u32, misc u16, size u16.
 */
export const PERF = {
  /** u64 each, in the first page: behind what was written, behind what was read, where the data is, and how much. */
  HEAD: 1024,
  TAIL: 1032,
  DATA_OFFSET: 1040,
  DATA_SIZE: 1048,
  /** Records that were lost since the last one; in bytes of the page that Linux keeps free. */
  LOST: 2048,
  DATA: 4096,
  HEADER: 8,
  RECORD_LOST: 2,
  RECORD_SAMPLE: 9,
  /** Bytes of a record of type LOST: header, id u64, count u64. */
  LOST_BYTES: 24,
} as const
