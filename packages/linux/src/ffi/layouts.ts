/**
 * C structures that system calls take, as 64-bit little-endian machines lay them out: sizes and offsets in bytes. On the
 * architectures of `machine.ts` they are all the same.
 */

/** Source: uapi linux/netlink.h, struct sockaddr_nl. */
export const SOCKADDR_NL = { size: 12, family: 0, pid: 4, groups: 8 } as const

/** Source: libc's sys/socket.h, struct msghdr. */
export const MSGHDR = {
  size: 56,
  name: 0,
  nameLength: 8,
  iov: 16,
  iovCount: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
} as const

/** Source: uapi linux/uio.h, struct iovec. */
export const IOVEC = { size: 16, base: 0, length: 8 } as const

/** Source: libc's sys/socket.h, struct cmsghdr; its data follows, and the next one starts at a multiple of 8. */
export const CMSGHDR = { size: 16, length: 0, level: 8, type: 12 } as const

/** Source: uapi linux/if.h, struct ifreq. */
export const IFREQ = { size: 40, name: 0, nameSize: 16, data: 16 } as const

/** Source: uapi linux/ethtool.h, struct ethtool_rxnfc; `locations` is an array of u32 that follows. */
export const ETHTOOL_RXNFC = { size: 192, command: 0, ruleCount: 184, locations: 188 } as const
