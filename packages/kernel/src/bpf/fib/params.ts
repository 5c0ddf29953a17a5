/** `struct bpf_fib_lookup`: what a program asks, and where it finds the answer. Source: spec 02 §3.6. */
export const FIB = {
  FAMILY: 0,
  PROTOCOL: 1,
  SPORT: 2,
  DPORT: 4,
  /** Length of the packet; out: the MTU. */
  MTU: 6,
  IFINDEX: 8,
  /** TOS, or flow label; out: the metric of the route. */
  METRIC: 12,
  SRC: 16,
  DST: 32,
  /** In, with FIB_TBID: number of a table. */
  VLAN: 48,
  SMAC: 52,
  /** In, with FIB_MARK. */
  MARK: 52,
  DMAC: 58,
} as const
export const FIB_BYTES = 64

export const FIB_DIRECT = 1
export const FIB_OUTPUT = 2
export const FIB_SKIP_NEIGH = 4
export const FIB_TBID = 8
export const FIB_SRC = 0x10
export const FIB_MARK = 0x20
export const FIB_VLAN = 0x40
export const FIB_VLAN_INPUT = 0x80
export const FIB_FLAGS = 0xff

/** What comes of a lookup. */
export const FIB_RESULT = {
  SUCCESS: 0,
  BLACKHOLE: 1,
  UNREACHABLE: 2,
  PROHIBIT: 3,
  NOT_FORWARDED: 4,
  FORWARDING_DISABLED: 5,
  NO_NEIGHBOUR: 7,
  FRAGMENTATION_NEEDED: 8,
  NO_SOURCE: 9,
} as const
