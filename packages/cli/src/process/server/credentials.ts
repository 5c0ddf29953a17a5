import { ALL_CAPABILITIES, type Credentials, NO_CAPABILITIES } from '@netkit/kernel'
import { refused } from '@netkit/netlink'
import type { ArgumentReader } from './arguments.ts'

/** Capabilities by their bit. Source: uapi linux/capability.h. */
const NAMES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST ' +
  'NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE ' +
  'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM ' +
  'BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
const BITS = new Map(NAMES.split(' ').map((name, bit) => [`CAP_${name}`, bit]))
const CAP_SETUID = 7

const has = (set: bigint, bit: number): boolean => (set & (1n << BigInt(bit))) !== 0n

function capabilitySet(op: string, list: readonly unknown[]): bigint {
  let set = NO_CAPABILITIES
  for (const one of list) {
    const bit = typeof one === 'string' ? BITS.get(one) : one
    if (typeof bit !== 'number' || !Number.isInteger(bit) || bit < 0 || bit >= BITS.size) {
      throw refused(op, 'EINVAL', `${JSON.stringify(one)} is not a capability`)
    }
    set |= 1n << BigInt(bit)
  }
  return set
}

/**
 * Who a client wants to be, who may be `at most` this: it can give up capabilities and become another user, and gains nothing.
 * Whoever becomes another user without saying what to keep keeps no capability, as in Linux. Throws KernelError EPERM, EINVAL.
 */
export function lessen(most: Credentials, wanted: ArgumentReader | undefined): Credentials {
  if (!wanted) return most
  const { op } = wanted
  const uid = wanted.optionalInteger('uid') ?? most.uid
  if (uid !== most.uid && !has(most.capabilities, CAP_SETUID)) throw refused(op, 'EPERM', 'CAP_SETUID is required')
  const kept = uid === most.uid ? most.capabilities : uid === 0 ? ALL_CAPABILITIES : NO_CAPABILITIES
  const capabilities = wanted.has('capabilities') ? capabilitySet(op, wanted.list('capabilities')) : kept
  if ((capabilities & ~most.capabilities) !== 0n) throw refused(op, 'EPERM', 'capabilities can be given up, not gained')
  return { uid, capabilities, userNs: most.userNs }
}
