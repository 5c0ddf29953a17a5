import type { Credentials } from '../access/credentials.ts'
import type { DmaBuf } from './dma-buf.ts'
import type { NetNamespace } from './namespace.ts'
import type { RedirectSocket } from './xsk.ts'

/** An object that is open: of bpf(2) a program, a map, a link, types. It is held by each descriptor. */
export interface OpenObject {
  readonly kind: string
  release(): void
  hold(): void
}

/** What may be done to an object through a descriptor. */
export type FileAccess = 'read' | 'write' | 'all'

/** What a file descriptor can be, as far as requests ask. */
export type OpenFile =
  | { readonly type: 'netns'; readonly netns: NetNamespace }
  | { readonly type: 'bpf'; readonly object: OpenObject; readonly access: FileAccess }
  | { readonly type: 'socket' | 'io_uring' | 'zcrx'; readonly object: OpenObject }
  | { readonly type: 'xsk'; readonly socket: RedirectSocket; readonly close: () => void }
  | { readonly type: 'dmabuf'; readonly object: DmaBuf }
  | { readonly type: 'other'; readonly what: string }

/** Every process has its standard streams. */
const STANDARD = ['input', 'output', 'error'].map((what, fd): [number, OpenFile] => [
  fd,
  { type: 'other', what: `standard ${what}` },
])

/** A client of the kernel: a pid, who it is, the namespace it lives in, and what it has open. */
export class Process {
  readonly pid: number
  credentials: Credentials
  netns: NetNamespace
  readonly files = new Map<number, OpenFile>(STANDARD)

  constructor(pid: number, credentials: Credentials, netns: NetNamespace) {
    this.pid = pid
    this.credentials = credentials
    this.netns = netns
    netns.hold()
  }

  /** Opens a namespace under the lowest free descriptor from 3, or the given one. */
  openNamespace(netns: NetNamespace, fd?: number): number {
    netns.hold()
    return this.#install({ type: 'netns', netns }, fd)
  }

  /** Opens an object of bpf(2) under the lowest free descriptor from 3. */
  openObject(object: OpenObject, access: FileAccess = 'all'): number {
    object.hold()
    return this.#install({ type: 'bpf', object, access })
  }

  /** Opens a socket, an io_uring, or an exported instance of zero-copy receive under the lowest free descriptor from 3. */
  openFile(type: 'socket' | 'io_uring' | 'zcrx', object: OpenObject): number {
    object.hold()
    return this.#install({ type, object })
  }

  /** Opens an AF_XDP socket under the lowest free descriptor from 3. */
  openXsk(socket: RedirectSocket, close: () => void): number {
    return this.#install({ type: 'xsk', socket, close })
  }

  /** Opens memory that stands in for a device's. */
  openDmaBuf(object: DmaBuf): number {
    object.hold()
    return this.#install({ type: 'dmabuf', object })
  }

  #install(file: OpenFile, fd?: number): number {
    let n = fd ?? 3
    while (fd === undefined && this.files.has(n)) n++
    this.closeFile(n)
    this.files.set(n, file)
    return n
  }

  /** Whether there was such a descriptor. */
  closeFile(fd: number): boolean {
    const file = this.files.get(fd)
    this.files.delete(fd)
    if (file?.type === 'netns') file.netns.release()
    else if (file?.type === 'xsk') file.close()
    else if (file && file.type !== 'other') file.object.release()
    return file !== undefined
  }

  /** Closes all that is open and leaves the namespace. */
  exit(): void {
    for (const fd of [...this.files.keys()]) this.closeFile(fd)
    this.netns.release()
  }
}
