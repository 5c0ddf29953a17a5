import { type EthtoolIoctlDoor, errno, KernelError, refused } from '@netkit/netlink'
import { CAP_NET_ADMIN } from '../access/capability.ts'
import { capableIn } from '../access/credentials.ts'
import { isChange } from '../drivers/nic/rxnfc.ts'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../net/process.ts'
import { namespaceOf } from './namespace-of.ts'

/** SIOCETHTOOL of an embedded kernel, for one client. */
export function ethtoolIoctlDoor(kernel: Kernel, process: Process): EthtoolIoctlDoor {
  return {
    async ethtool(device, command, namespace) {
      const op = `ethtool ${device}`
      const ns = namespaceOf(process, namespace, op)
      if (command.length < 4) throw refused(op, 'EFAULT', `a command has at least 4 bytes, not ${command.length}`)
      const bytes = command.slice()
      const number = new DataView(bytes.buffer).getUint32(0, true)
      const dev = ns.names.get(device)
      if (!dev) throw refused(op, 'ENODEV', `there is no device ${device}`)
      if (isChange(number) && !capableIn(process.credentials, ns.userNs, CAP_NET_ADMIN)) throw refused(op, 'EPERM')
      const result = dev.driver.ethtool?.ioctl?.(kernel, dev, bytes) ?? -errno.EOPNOTSUPP
      if (result < 0) throw new KernelError({ op, errno: -result })
      kernel.afterRequest()
      return bytes
    },
  }
}
