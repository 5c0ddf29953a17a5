import type { NamespaceHandle } from './namespaces.ts'

/** How many bytes of packets a kernel has copied for one reason. */
export interface CopyCount {
  /** The device at which it was done. Absent: none, but by sockets and programs. */
  readonly device?: string
  /**
   * `wireIn` and `wireOut`: what hardware writes and reads, once a packet. All others are copies that software makes: `userIn` and
   * `userOut` to and from applications, `capture`, `unshare`, `linearize`, `expand`, `headers`, `fallback` for receivers
   * without copies that got memory of somebody else, `broadcast`, `program`.
   */
  readonly reason: string
  readonly bytes: number
  readonly copies: number
}

/**
 * What was copied of packets since the kernel began, counted by the kernel itself: the proof of paths that claim to copy nothing.
 * An extension: Linux counts no such thing.
 */
export interface CopiesDoor {
  /** Of the devices of a namespace and of none, by device and reason, without those that are zero. */
  read(namespace?: NamespaceHandle): Promise<readonly CopyCount[]>
}
