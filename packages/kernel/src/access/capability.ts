/** Capabilities that the kernel asks for, by their bit. Source: uapi linux/capability.h. */
export const CAP_NET_BIND_SERVICE = 10
export const CAP_NET_BROADCAST = 11
export const CAP_NET_ADMIN = 12
export const CAP_NET_RAW = 13
export const CAP_SYS_ADMIN = 21
export const CAP_PERFMON = 38
export const CAP_BPF = 39

export const ALL_CAPABILITIES = (1n << 41n) - 1n
export const NO_CAPABILITIES = 0n

/** `set` without one capability. */
export const without = (set: bigint, capability: number): bigint => set & ~(1n << BigInt(capability))
