import type { Credentials } from '../access/credentials.ts'
import type { NetNamespace } from './namespace.ts'

/** What a file descriptor can be, as far as netlink asks. */
export type OpenFile =
  | { readonly type: 'netns'; readonly netns: NetNamespace }
  | { readonly type: 'other'; readonly what: string }

/** A client of the kernel: a pid, who it is, the namespace it lives in, and what it has open. */
export class Process {
  readonly pid: number
  credentials: Credentials
  netns: NetNamespace
  readonly files = new Map<number, OpenFile>()

  constructor(pid: number, credentials: Credentials, netns: NetNamespace) {
    this.pid = pid
    this.credentials = credentials
    this.netns = netns
    netns.hold()
  }

  /** Opens a namespace under the lowest free descriptor from 3, or the given one. */
  openNamespace(netns: NetNamespace, fd?: number): number {
    let n = fd ?? 3
    while (fd === undefined && this.files.has(n)) n++
    this.closeFile(n)
    netns.hold()
    this.files.set(n, { type: 'netns', netns })
    return n
  }

  /** Whether there was such a descriptor. */
  closeFile(fd: number): boolean {
    const file = this.files.get(fd)
    this.files.delete(fd)
    if (file?.type === 'netns') file.netns.release()
    return file !== undefined
  }

  /** Closes all that is open and leaves the namespace. */
  exit(): void {
    for (const fd of [...this.files.keys()]) this.closeFile(fd)
    this.netns.release()
  }
}
