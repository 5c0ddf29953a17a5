import { closeSync, fstatSync } from 'node:fs'
import { errno, type NamespaceHandle, type NamespaceRef, refused } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { CLONE_NEWNET, NS_GET_NSTYPE } from '../ffi/numbers.ts'
import { isRefusal, NETNS_DIR, openFile, THREAD_NETNS } from './files.ts'
import { assertName } from './names.ts'

/** A network namespace that this program has open. */
export class LinuxNamespace implements NamespaceHandle {
  readonly fd: number
  readonly inode: number
  readonly #onClose: (handle: LinuxNamespace) => void
  #closed = false

  constructor(fd: number, onClose: (handle: LinuxNamespace) => void) {
    this.fd = fd
    this.inode = fstatSync(fd).ino
    this.#onClose = onClose
  }

  get isClosed(): boolean {
    return this.#closed
  }

  async close(): Promise<void> {
    // Once only: the descriptor may be another one's by now.
    if (this.#closed) return
    this.#closed = true
    closeSync(this.fd)
    this.#onClose(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function pathOf(ref: NamespaceRef): { readonly path: string; readonly op: string } {
  if (ref === 'current') return { path: THREAD_NETNS, op: 'open the namespace of this program' }
  if ('pid' in ref) return { path: `/proc/${ref.pid}/ns/net`, op: `open the namespace of process ${ref.pid}` }
  const op = `open namespace ${ref.name}`
  assertName(ref.name, op)
  return { path: `${NETNS_DIR}/${ref.name}`, op }
}

/** Opens a namespace and returns its descriptor. */
export function openNamespace(c: Calls, ref: NamespaceRef): number {
  const { path, op } = pathOf(ref)
  let fd: number
  try {
    fd = openFile(path, op)
  } catch (e) {
    if (typeof ref === 'object' && 'pid' in ref && isRefusal(e, 'ENOENT')) throw refused(op, 'ESRCH')
    if (typeof ref === 'object' && 'name' in ref && isRefusal(e, 'ENOENT'))
      throw refused(op, 'ENOENT', 'there is no namespace with this name')
    throw e
  }
  try {
    // What is left of a name whose mount has gone is a plain file.
    if (!isNetworkNamespace(c, fd, op)) throw refused(op, 'EINVAL', `${path} is no network namespace`)
    return fd
  } catch (e) {
    closeSync(fd)
    throw e
  }
}

const NO_NAMESPACE: ReadonlySet<number> = new Set([errno.EBADF, errno.ENOTTY, errno.EINVAL])

/** Whether a descriptor stands for a network namespace. Throws KernelError where that may not even be asked. */
export function isNetworkNamespace(c: Calls, fd: number, op: string): boolean {
  const type = c.ioctl(fd, NS_GET_NSTYPE, null)
  if (type < 0 && !NO_NAMESPACE.has(c.errno())) throw failure(c, op, 'what kind of namespace it is cannot be asked')
  return type === CLONE_NEWNET
}
