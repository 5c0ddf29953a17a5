/** Numbers of uapi headers, in their spelling; the same on the architectures of `machine.ts`. */

// linux/socket.h
export const AF_NETLINK = 16
export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40

// linux/net.h, asm-generic/fcntl.h
export const SOCK_RAW = 3
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000

// asm-generic/socket.h
export const SOL_SOCKET = 1
export const SO_RCVBUF = 8
export const SO_RCVBUFFORCE = 33

// linux/sched.h
export const CLONE_NEWNET = 0x40000000

// linux/mount.h
export const MS_BIND = 0x1000
export const MS_REC = 0x4000
export const MS_SHARED = 0x100000
export const MNT_DETACH = 2

// linux/nsfs.h: which kind of namespace a descriptor is, as its CLONE_ flag
export const NS_GET_NSTYPE = 0xb703

// linux/if_tun.h
export const TUNSETIFF = 0x400454ca
export const IFF_TAP = 2
export const IFF_NO_PI = 0x1000

// linux/sockios.h
export const SIOCETHTOOL = 0x8946

// linux/fcntl.h
export const F_DUPFD_CLOEXEC = 1030

// asm-generic/mman-common.h
export const PROT_READ = 1
export const PROT_WRITE = 2
export const MAP_SHARED = 1
export const MAP_PRIVATE = 2
export const MAP_FIXED = 0x10
export const MAP_ANONYMOUS = 0x20
export const MAP_POPULATE = 0x8000

// asm/unistd_64.h, asm-generic/unistd.h: bpf(2) by architecture
export const NR_BPF: Readonly<Record<string, number>> = { x64: 321, arm64: 280 }
// The same of perf_event_open(2)
export const NR_PERF_EVENT_OPEN: Readonly<Record<string, number>> = { x64: 298, arm64: 241 }
// Those of io_uring, the same on both
export const NR_IO_URING_SETUP = 425
export const NR_IO_URING_ENTER = 426
export const NR_IO_URING_REGISTER = 427
