import type { KernelDoors } from '../doors/kernel.ts'
import type { NamespaceHandle, NamespaceRef, NamespacesDoor } from '../doors/namespaces.ts'
import type { NetlinkSocketOptions } from '../doors/netlink.ts'
import { refused } from '../errors.ts'
import { type Play, PlayedSocket } from './played-socket.ts'

/** A namespace of a played kernel. It remembers whether it was closed, so that tests can find what was left open. */
export class PlayedNamespace implements NamespaceHandle {
  readonly fd: number
  readonly inode: number
  closed = false

  constructor(fd: number, inode: number) {
    this.fd = fd
    this.inode = inode
  }

  async close(): Promise<void> {
    this.closed = true
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Named namespaces that hold nothing: names, numbers and open handles only. */
export class PlayedNamespaces implements NamespacesDoor {
  /** All handles that were ever opened. */
  readonly opened: PlayedNamespace[] = []
  readonly #inodes = new Map<string, number>()
  #lastInode = 4_026_531_840
  #lastFd = 99

  async create(name: string): Promise<void> {
    if (this.#inodes.has(name)) throw refused(`netns add ${name}`, 'EEXIST')
    this.#inodes.set(name, ++this.#lastInode)
  }

  async remove(name: string): Promise<void> {
    if (!this.#inodes.delete(name)) throw refused(`netns delete ${name}`, 'ENOENT')
  }

  async list(): Promise<readonly string[]> {
    return [...this.#inodes.keys()]
  }

  async open(ref: NamespaceRef): Promise<PlayedNamespace> {
    const inode = ref === 'current' ? 1 : 'pid' in ref ? 100_000 + ref.pid : this.#inodes.get(ref.name)
    if (inode === undefined) throw refused(`netns open ${(ref as { name: string }).name}`, 'ENOENT')
    const handle = new PlayedNamespace(++this.#lastFd, inode)
    this.opened.push(handle)
    return handle
  }
}

/** A kernel of which a function plays every netlink socket. Other doors are given as they are, or absent. */
export class PlayedKernel implements KernelDoors {
  readonly kind = 'played'
  readonly release = '7.3'
  readonly namespaces = new PlayedNamespaces()
  readonly sockets: PlayedSocket[] = []
  readonly ethtoolIoctl: KernelDoors['ethtoolIoctl']
  readonly hardware: KernelDoors['hardware']
  readonly packets: KernelDoors['packets']
  closed = false
  readonly #play: Play

  constructor(play: Play, doors: Partial<Pick<KernelDoors, 'ethtoolIoctl' | 'hardware' | 'packets'>> = {}) {
    this.#play = play
    this.ethtoolIoctl = doors.ethtoolIoctl
    this.hardware = doors.hardware
    this.packets = doors.packets
  }

  async netlink(options: NetlinkSocketOptions): Promise<PlayedSocket> {
    const socket = new PlayedSocket(this.#play, options, 1000 + this.sockets.length)
    this.sockets.push(socket)
    return socket
  }

  async close(): Promise<void> {
    this.closed = true
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
