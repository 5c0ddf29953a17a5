import type { Members, ValuesOf } from '@netkit/bpf'
import type { Core } from '../../net/core.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Process } from '../../net/process.ts'
import type { BpfObjects } from '../objects/objects.ts'
import type { ClientMemory } from './memory.ts'

/** One call of bpf(2). */
export interface BpfCall<M extends Members = Members> {
  readonly kernel: Core
  readonly objects: BpfObjects
  readonly process: Process
  /** Where devices are looked up. */
  readonly netns: NetNamespace
  /** The arguments of the command, as values. */
  readonly attr: ValuesOf<M>
  readonly memory: ClientMemory
  /** Writes results into the client's `union bpf_attr`, as far as that reaches. */
  write(values: Partial<ValuesOf<M>>): void
}

/** Answers a command: 0, a new file descriptor, or a negative errno. */
export type BpfHandler<M extends Members> = (call: BpfCall<M>) => number
