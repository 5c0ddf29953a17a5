import type { Fields } from './plain.ts'
import type { KeptWire } from './wires.ts'

/** Cursors and the clock. The first line. */
export interface KernelLine {
  readonly kernel: {
    /** Nanoseconds: since 1970 of the kernel's moment 0, and since then. */
    readonly epoch: string
    readonly now: string
    /** Release that it answers as. Absent: 7.3. */
    readonly release?: string
    readonly changes: number
    readonly nextInode: number
    readonly nextNapi: { readonly id: number; readonly pid: number }
    readonly lastPagePool: number
    readonly lastDevlink: number
  }
}

export interface NamespaceLine {
  readonly ns: number
  readonly changeCount: number
  readonly ifindexCursor: number
  readonly nsids: readonly (readonly [nsid: number, inode: number])[]
  /** Its devices in the order of registration: keeper, index, receive queues. */
  readonly devices: readonly (readonly [keeper: string, ifindex: number, queues: number])[]
}

/** All names of namespaces, in the order in which they were given. */
export interface NamesLine {
  readonly names: readonly (readonly [name: string, inode: number])[]
}

export interface DeviceLine {
  readonly dev: readonly [inode: number, ifindex: number]
  readonly is: Fields
  readonly own?: Fields
  /** Of a lessee: the queue here, and the physical queue at the other end. */
  readonly leases?: readonly (readonly [index: number, inode: number, ifindex: number, queue: number])[]
}

/** The routes of one family of a namespace, with the tables that there are, in their order. */
export interface RoutesLine {
  readonly routes: readonly unknown[]
  readonly of: readonly [inode: number, family: number]
  readonly tables: readonly number[]
}

/** What was set of IP in a namespace. What is absent is as in a new one. */
export interface IpLine {
  readonly ip: number
  readonly settings?: Fields
  readonly tcp?: Fields
  /** All rules of a family in their order, and whether anyone ever changed them. */
  readonly rules?: readonly (readonly [family: number, ruled: boolean, rules: readonly unknown[]])[]
  readonly neighbours?: readonly unknown[]
  readonly proxies?: readonly unknown[]
}

export interface WiresLine {
  readonly wires: readonly (readonly [nic: number, wire: KeptWire])[]
}

/** A line of a snapshot, which is JSON. */
export type SnapshotLine = KernelLine | NamespaceLine | NamesLine | DeviceLine | RoutesLine | IpLine | WiresLine

/** Fields of a device that are said otherwise, or not kept: counters count from the start of the kernel process. */
export const NOT_KEPT: ReadonlySet<string> = new Set([
  'driver',
  'ns',
  'ifindex',
  'counters',
  'priv',
  'napis',
  'pagePools',
  'pathNumber',
  'txOffloads',
  'mergesSegments',
  'programs',
  'xdp',
])
