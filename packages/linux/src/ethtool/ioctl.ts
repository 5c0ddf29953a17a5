import { NETLINK_GENERIC, refused } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { ETHTOOL_RXNFC, IFREQ } from '../ffi/layouts.ts'
import { AF_NETLINK, SIOCETHTOOL, SOCK_CLOEXEC, SOCK_RAW } from '../ffi/numbers.ts'

/**
 * Commands whose structure is known to be an ethtool_rxnfc, by number: the kernel writes as much as the command says, not
 * as much as there is room for, so that no other may pass. Source: uapi linux/ethtool.h.
 */
const STEERING: ReadonlySet<number> = new Set([
  0x29, // ETHTOOL_GRXFH
  0x2a, // ETHTOOL_SRXFH
  0x2d, // ETHTOOL_GRXRINGS
  0x2e, // ETHTOOL_GRXCLSRLCNT
  0x2f, // ETHTOOL_GRXCLSRULE
  0x30, // ETHTOOL_GRXCLSRLALL
  0x31, // ETHTOOL_SRXCLSRLDEL
  0x32, // ETHTOOL_SRXCLSRLINS
])
const ETHTOOL_GRXCLSRLALL = 0x30

/** Refuses commands after which the kernel might write beyond their end. */
function assertRoom(command: Uint8Array, op: string): void {
  if (command.length < 4) throw refused(op, 'EFAULT', `a command has at least 4 bytes, not ${command.length}`)
  const view = new DataView(command.buffer, command.byteOffset, command.byteLength)
  const number = view.getUint32(ETHTOOL_RXNFC.command, true)
  if (!STEERING.has(number))
    throw refused(op, 'EOPNOTSUPP', `command 0x${number.toString(16)} is not about flow steering`)
  const rules =
    number === ETHTOOL_GRXCLSRLALL && command.length >= ETHTOOL_RXNFC.size
      ? view.getUint32(ETHTOOL_RXNFC.ruleCount, true)
      : 0
  const needed = Math.max(ETHTOOL_RXNFC.size, ETHTOOL_RXNFC.locations + 4 * rules)
  if (command.length < needed) throw refused(op, 'EFAULT', `the command needs ${needed} bytes, not ${command.length}`)
}

/** Hands a command to a device of this thread's namespace and returns it as the kernel left it. Throws KernelError. */
export function ethtoolIoctl(c: Calls, device: string, command: Uint8Array): Uint8Array {
  const op = `ethtool ${device}`
  assertRoom(command, op)
  const name = new TextEncoder().encode(device)
  if (name.length === 0 || name.length >= IFREQ.nameSize) throw refused(op, 'ENODEV')
  const bytes = command.slice()
  const request = new Uint8Array(IFREQ.size)
  request.set(name, IFREQ.name)
  new DataView(request.buffer).setBigUint64(IFREQ.data, BigInt(c.address(bytes.buffer)), true)
  // Any socket will do; a netlink socket can be made where others are not built in.
  const fd = c.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC)
  if (fd < 0) throw failure(c, op)
  try {
    if (c.ioctl(fd, SIOCETHTOOL, request) < 0) throw failure(c, op)
  } finally {
    c.close(fd)
  }
  return bytes
}
