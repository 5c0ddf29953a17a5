import { type NamespaceHandle, type NamespaceRef, type NamespacesDoor, refused } from '@netkit/netlink'
import type { Kernel } from '../kernel.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../net/process.ts'

const MAX_NAME = 255

/** A namespace that a client has open. */
class Handle implements NamespaceHandle {
  readonly fd: number
  readonly inode: number
  readonly #process: Process
  readonly #kernel: Kernel
  #closed = false

  constructor(kernel: Kernel, process: Process, fd: number, inode: number) {
    this.#kernel = kernel
    this.#process = process
    this.fd = fd
    this.inode = inode
  }

  async close(): Promise<void> {
    // Once only: the descriptor may be another one's by now.
    if (this.#closed) return
    this.#closed = true
    if (this.#process.closeFile(this.fd)) this.#kernel.settle()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Whether namespaces can be called that: a file name. */
const isFileName = (name: string): boolean =>
  name.length > 0 && name.length <= MAX_NAME && name !== '.' && name !== '..' && !/[/\0]/.test(name)

/** Named namespaces of an embedded kernel, for one client. */
export function namespacesDoor(kernel: Kernel, process: Process): NamespacesDoor {
  const find = (ref: NamespaceRef): NetNamespace => {
    if (ref === 'current') return process.netns
    if ('name' in ref) {
      const ns = kernel.names.get(ref.name)
      if (!ns) throw refused(`open namespace ${ref.name}`, 'ENOENT', 'there is no namespace with this name')
      return ns
    }
    const other = kernel.processes.get(ref.pid)
    if (!other) throw refused(`open namespace of process ${ref.pid}`, 'ESRCH')
    return other.netns
  }
  const demandAdmin = (op: string): void => {
    if (!kernel.mayAdminister(process.credentials)) throw refused(op, 'EPERM', 'CAP_SYS_ADMIN is required')
  }
  return {
    async create(name) {
      const op = `create namespace ${name}`
      if (!isFileName(name)) throw refused(op, 'EINVAL', `'${name}' is no file name of 1 to ${MAX_NAME} characters`)
      demandAdmin(op)
      if (kernel.names.get(name)) throw refused(op, 'EEXIST', 'a namespace with this name exists')
      kernel.names.add(name, kernel.createNamespace(process.credentials.userNs))
      kernel.afterRequest()
    },
    async remove(name) {
      const op = `remove namespace ${name}`
      demandAdmin(op)
      if (!kernel.names.delete(name)) throw refused(op, 'ENOENT', 'there is no namespace with this name')
      kernel.changes++
      kernel.settle()
      kernel.afterRequest()
    },
    list: async () => kernel.names.list(),
    async open(ref) {
      const ns = find(ref)
      return new Handle(kernel, process, process.openNamespace(ns), ns.inode)
    },
  }
}
