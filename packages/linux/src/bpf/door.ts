import {
  type BpfCallOptions,
  type BpfDoor,
  type BpfMapping,
  type BpfMappingOptions,
  type BpfMemory,
  type BpfPerfBuffer,
  type BpfPerfOptions,
  type BpfRing,
  type NamespaceHandle,
  refused,
} from '@netkit/netlink'
import type { Calls } from '../ffi/calls.ts'
import { bpfCall, opensFile } from './call.ts'
import { readConfiguration } from './configuration.ts'
import { possibleCpus } from './cpus.ts'
import { LinuxMapping } from './mapping.ts'
import { LinuxPerfBuffer } from './perf.ts'
import { linuxPins } from './pins.ts'
import { LinuxReader } from './reader.ts'
import { mapRing } from './ring.ts'
import { openTracePipe } from './trace-pipe.ts'

/** Runs something in a namespace, or here. */
type Within = <T>(namespace: NamespaceHandle | undefined, op: string, act: () => T) => T

/** bpf(2) of the machine for one connection, which owns the descriptors. */
export class LinuxBpfDoor implements BpfDoor {
  readonly pins = linuxPins
  readonly #calls: Calls
  #cpus: number | undefined
  readonly #within: Within
  readonly #files = new Set<number>()
  readonly #rings = new Set<LinuxReader>()

  constructor(c: Calls, within: Within) {
    this.#calls = c
    this.#within = within
  }

  get cpus(): number {
    this.#cpus ??= possibleCpus()
    return this.#cpus
  }

  async configuration(): Promise<string> {
    return readConfiguration()
  }

  memory(size: number): BpfMemory {
    const buffer = new ArrayBuffer(Math.max(size, 1))
    return { address: BigInt(this.#calls.address(buffer)), bytes: new Uint8Array(buffer, 0, size) }
  }

  /** The kernel reads and writes wherever the addresses lead: `memory` keeps what is there alive. */
  async call(command: number, attr: Uint8Array, { namespace }: BpfCallOptions = {}): Promise<number> {
    const result = this.#within(namespace, `bpf command ${command}`, () => bpfCall(this.#calls, command, attr))
    if (opensFile(command)) this.#files.add(result)
    return result
  }

  async closeFile(fd: number): Promise<void> {
    if (!this.#files.delete(fd)) throw refused(`close descriptor ${fd}`, 'EBADF')
    this.#calls.close(fd)
  }

  async ring(fd: number): Promise<BpfRing> {
    const ring = new LinuxReader(this.#calls, mapRing(this.#calls, fd), (closed) => this.#rings.delete(closed))
    this.#rings.add(ring)
    return ring
  }

  async tracePipe(): Promise<BpfRing> {
    const reader = new LinuxReader(this.#calls, openTracePipe(this.#calls), (closed) => this.#rings.delete(closed))
    this.#rings.add(reader)
    return reader
  }

  async perfBuffer(options: BpfPerfOptions = {}): Promise<BpfPerfBuffer> {
    const buffer = new LinuxPerfBuffer(this.#calls, options, (closed) => this.#rings.delete(closed))
    this.#rings.add(buffer)
    return buffer
  }

  async map(fd: number, options: BpfMappingOptions): Promise<BpfMapping> {
    return new LinuxMapping(this.#calls, fd, options)
  }

  /** Closes all that is open. */
  async close(): Promise<void> {
    for (const ring of [...this.#rings]) await ring.close()
    for (const fd of this.#files) this.#calls.close(fd)
    this.#files.clear()
  }
}
