import type { NamespaceHandle } from './namespaces.ts'

/** Settings of a network namespace by the names of sysctl(8): `net.ipv4.ip_forward`. What Linux has under /proc/sys. */
export interface SysctlDoor {
  /** The value as text, without the newline. ENOENT for a name that there is not. */
  read(name: string, namespace?: NamespaceHandle): Promise<string>
  /** ENOENT for a name that there is not, EINVAL for a value that is none or out of range, EPERM without CAP_NET_ADMIN. */
  write(name: string, value: string, namespace?: NamespaceHandle): Promise<void>
}
