import { type BpfCommand, type Members, makeStruct, readStruct, type ValuesOf } from '@netkit/bpf'
import { type BpfDoor, type BpfMemory, KernelError, type NamespaceHandle, refused } from '@netkit/netlink'
import type { NamespaceTarget } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { meaningOf } from './meanings.ts'

/** What came of a command: what bpf(2) returned, and its arguments as the kernel left them. */
export interface BpfAnswer<M extends Members> {
  readonly result: number
  readonly attr: ValuesOf<M>
}

export interface BpfRequest<M extends Members> {
  /** What is tried, as a user would say it. */
  readonly op: string
  readonly values: Partial<ValuesOf<M>>
  /** What addresses in the values lead to. */
  readonly memory?: readonly BpfMemory[]
  readonly namespace?: NamespaceHandle
}

const encoder = new TextEncoder()

/** bpf(2) in values instead of bytes, over the door of a kernel. */
export class BpfCalls {
  readonly #places: Places

  constructor(places: Places) {
    this.#places = places
  }

  get places(): Places {
    return this.#places
  }

  /** The kernel's door. Throws KernelError EOPNOTSUPP where it has none. */
  door(op: string): BpfDoor {
    const { doors } = this.#places.context
    if (doors.bpf) return doors.bpf
    throw refused(op, 'EOPNOTSUPP', `the ${doors.kind} kernel is reached without a door for eBPF`)
  }

  /** Carries out a command. Rejects with KernelError, in the words of `op`. */
  async call<M extends Members>(command: BpfCommand<M>, request: BpfRequest<M>): Promise<BpfAnswer<M>> {
    const { refusal, ...answer } = await this.attempt(command, request)
    if (refusal) throw refusal
    return answer
  }

  /** The same, but a refusal is told beside what the kernel wrote before it. */
  async attempt<M extends Members>(
    { id, attr }: BpfCommand<M>,
    { op, values, memory, namespace }: BpfRequest<M>,
  ): Promise<BpfAnswer<M> & { readonly refusal?: KernelError }> {
    const bytes = makeStruct(attr, values)
    try {
      const result = await this.door(op).call(id, bytes, { memory, namespace })
      return { result, attr: readStruct(attr, bytes) }
    } catch (cause) {
      if (!(cause instanceof KernelError)) throw cause
      const extack = cause.extack ?? meaningOf(id, cause.code)
      const refusal = new KernelError({ op, errno: cause.errno, extack, cause })
      return { result: -cause.errno, attr: readStruct(attr, bytes), refusal }
    }
  }

  /** Memory that holds these bytes. */
  bytes(op: string, bytes: Uint8Array): BpfMemory {
    const memory = this.door(op).memory(bytes.length)
    memory.bytes.set(bytes)
    return memory
  }

  /** Memory that holds a text, ended by a zero. */
  text(op: string, text: string): BpfMemory {
    return this.bytes(op, encoder.encode(`${text}\0`))
  }

  /** Runs `act` in a namespace; the handle is undefined where the client's own is meant. */
  async within<T>(
    target: NamespaceTarget | undefined,
    act: (namespace: NamespaceHandle | undefined) => Promise<T>,
  ): Promise<T> {
    if (target === undefined) return await act(undefined)
    return await this.#places.opened(target, ({ handle }) => act(handle))
  }
}
