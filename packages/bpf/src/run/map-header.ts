/**
 * What a map handle points at. A handle is the address of this header in the machine's memory; programs get it by LD_IMM64
 * and only pass it on. All fields are u32. Whoever makes maps fills them in, engines read them to inline lookups.
 */
export const MAP_HEADER = {
  /** `BPF_MAP_TYPE_*`. */
  TYPE: 0,
  KEY_SIZE: 4,
  VALUE_SIZE: 8,
  MAX_ENTRIES: 12,
  FLAGS: 16,
  /** Number of the map, unique in the machine; 0 is none. */
  ID: 20,
  /** Array family: address of element 0 (for per-CPU arrays of CPU 0's). Fixed for the life of the map. */
  VALUES: 24,
  /** Array family: bytes from element to element. */
  STRIDE: 28,
  /** Per-CPU arrays: bytes from one CPU's elements to the next one's. */
  CPU_STRIDE: 32,
} as const
/** Bytes reserved for a header; the rest is the map's own. */
export const MAP_HEADER_BYTES = 64

/** Elements of a prog array are u32 at stride 4: the number of a loaded program (`Program.number`), 0 for an empty slot. */
export const PROG_ARRAY_EMPTY = 0
