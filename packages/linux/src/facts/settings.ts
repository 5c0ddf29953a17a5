import { readFileSync } from 'node:fs'

/** Files under /proc/sys, by the name that they have here. Source: admin guide of Linux, sysctl/net and sysctl/kernel. */
export const SETTINGS = {
  /** Bytes that a socket's receive buffer may be given without CAP_NET_ADMIN. */
  receiveBufferMax: 'net/core/rmem_max',
  /** 0 off, 1 on, 2 with traces: whether BPF programs are compiled. */
  bpfJit: 'net/core/bpf_jit_enable',
  /** 0: everybody may load BPF programs; 1 and 2: only with CAP_BPF. */
  unprivilegedBpfDisabled: 'kernel/unprivileged_bpf_disabled',
  /** How many user namespaces one user may make; 0: none. */
  userNamespacesMax: 'user/max_user_namespaces',
  /** How many network namespaces one user may make. */
  networkNamespacesMax: 'user/max_net_namespaces',
  /** 0: everybody may use io_uring; 1: a group; 2: nobody. */
  ioUringDisabled: 'kernel/io_uring_disabled',
} as const

export type SettingName = keyof typeof SETTINGS

/** Undefined where it is not there or may not be read. */
export function readSetting(name: SettingName): number | undefined {
  try {
    const value = Number(readFileSync(`/proc/sys/${SETTINGS[name]}`, 'utf8'))
    return Number.isFinite(value) ? value : undefined
  } catch {
    return undefined
  }
}
