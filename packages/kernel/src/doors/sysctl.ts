import { KernelError, refused, type SysctlDoor } from '@netkit/netlink'
import { CAP_NET_ADMIN } from '../access/capability.ts'
import { capableIn } from '../access/credentials.ts'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../net/process.ts'
import { readSysctl, writeSysctl } from '../net/sysctl.ts'
import { namespaceOf } from './namespace-of.ts'

const NO_SUCH = 'there is no such setting here'

/** Settings of namespaces, for one client of an embedded kernel. */
export const sysctlDoor = (kernel: Kernel, process: Process): SysctlDoor => ({
  async read(name, namespace) {
    const op = `read ${name}`
    const value = readSysctl(namespaceOf(process, namespace, op), name)
    if (value === undefined) throw refused(op, 'ENOENT', NO_SUCH)
    return value
  },
  async write(name, value, namespace) {
    const op = `set ${name}`
    const ns = namespaceOf(process, namespace, op)
    if (!capableIn(process.credentials, ns.userNs, CAP_NET_ADMIN)) {
      throw refused(op, 'EPERM', 'CAP_NET_ADMIN is required')
    }
    const result = writeSysctl(kernel, ns, name, value)
    if (result < 0) {
      const missing = readSysctl(ns, name) === undefined
      throw new KernelError({ op, errno: -result, extack: missing ? NO_SUCH : `'${value}' is out of range` })
    }
    kernel.afterRequest()
  },
})
