import { type NamespaceHandle, refused } from '@netkit/netlink'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../net/process.ts'

/** The namespace that a client means by a handle; its own without one. Throws KernelError EBADF. */
export function namespaceOf(process: Process, handle: NamespaceHandle | undefined, op: string): NetNamespace {
  if (!handle) return process.netns
  const file = process.files.get(handle.fd)
  if (file?.type === 'netns') return file.netns
  throw refused(op, 'EBADF', `no namespace is open under descriptor ${handle.fd}`)
}
