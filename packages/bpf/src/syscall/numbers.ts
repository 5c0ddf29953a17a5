/** Types of programs that are known here. Source: uapi enum bpf_prog_type, spec 02 §2.1. */
export const PROG_TYPE = { socketFilter: 1, schedCls: 3, schedAct: 4, xdp: 6 } as const

/** Where programs are attached. Source: uapi enum bpf_attach_type. */
export const ATTACH_TYPE = {
  xdpDevmap: 33,
  xdpCpumap: 35,
  xdp: 37,
  tcxIngress: 46,
  tcxEgress: 47,
  netkitPrimary: 54,
  netkitPeer: 55,
} as const

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** Attach types whose target is a cgroup, by descriptor. Source: uapi enum bpf_attach_type. */
export const CGROUP_ATTACH_TYPES: ReadonlySet<number> = new Set([
  ...[0, 1, 2, 3, 6, 34, 43],
  ...range(8, 15),
  ...range(18, 22),
  ...range(29, 32),
  ...range(49, 53),
])

/** Attach types of program types that are none of the above, and that are never loaded here. */
export const OTHER_ATTACH_TYPES: ReadonlySet<number> = new Set([
  4,
  5,
  7,
  16,
  17,
  ...range(23, 28),
  36,
  38,
  ...range(58, 61),
])

/** Source: uapi enum bpf_link_type. */
export const LINK_TYPE = { xdp: 6, tcx: 11, netkit: 13 } as const

/** Source: uapi enum bpf_map_type. */
export const MAP_TYPE = {
  hash: 1,
  array: 2,
  progArray: 3,
  perfEventArray: 4,
  percpuHash: 5,
  percpuArray: 6,
  stackTrace: 7,
  cgroupArray: 8,
  lruHash: 9,
  lruPercpuHash: 10,
  lpmTrie: 11,
  arrayOfMaps: 12,
  hashOfMaps: 13,
  devmap: 14,
  sockmap: 15,
  cpumap: 16,
  xskmap: 17,
  sockhash: 18,
  cgroupStorage: 19,
  reuseportSockarray: 20,
  percpuCgroupStorage: 21,
  queue: 22,
  stack: 23,
  skStorage: 24,
  devmapHash: 25,
  structOps: 26,
  ringbuf: 27,
  inodeStorage: 28,
  taskStorage: 29,
  bloomFilter: 30,
  userRingbuf: 31,
  cgrpStorage: 32,
  arena: 33,
  insnArray: 34,
  rhash: 35,
} as const

/** Flags of attaching. Source: uapi BPF_F_REPLACE and others, spec 02 §2.1. */
export const ATTACH_FLAG = { replace: 4, before: 8, after: 16, id: 32, link: 0x2000 } as const

/** Flags of maps. Source: uapi BPF_F_NO_PREALLOC and others, spec 02 §6.1. */
export const MAP_FLAG = {
  noPrealloc: 1,
  noCommonLru: 2,
  numaNode: 4,
  rdonly: 8,
  wronly: 0x10,
  stackBuildId: 0x20,
  zeroSeed: 0x40,
  rdonlyProg: 0x80,
  wronlyProg: 0x100,
  clone: 0x200,
  mmapable: 0x400,
  preserveElems: 0x800,
  innerMap: 0x1000,
  link: 0x2000,
  pathFd: 0x4000,
  vtypeBtfObjFd: 0x8000,
  tokenFd: 0x1_0000,
  segvOnFault: 0x2_0000,
  noUserConv: 0x4_0000,
  rbOverwrite: 0x8_0000,
} as const

/** Flags of element operations. Source: uapi BPF_ANY and others, spec 02 §6.2. */
export const ELEM_FLAG = { any: 0, noExist: 1, exist: 2, lock: 4, cpu: 8, allCpus: 16 } as const

/** Flags of loading a program. Source: uapi BPF_F_STRICT_ALIGNMENT and others, spec 02 §3.1. */
export const PROG_FLAG = {
  strictAlignment: 1,
  anyAlignment: 2,
  testRndHi32: 4,
  testStateFreq: 8,
  sleepable: 16,
  xdpHasFrags: 32,
  xdpDevBoundOnly: 64,
  testRegInvariants: 128,
  tokenFd: 0x1_0000,
} as const
