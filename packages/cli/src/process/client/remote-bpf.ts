import { type BpfDoor, type BpfMemory, type BpfPerfBuffer, type BpfRing, KernelError } from '@netkit/netlink'
import { unpackList } from '../wire/attachments.ts'
import type { ClientConnection } from './connection.ts'
import { namespaceArg } from './remote-namespaces.ts'

/** Where a client's first memory seems to lie, and the space between two of them. */
const FIRST_ADDRESS = 0x7f00_0000_0000n
const PAGE = 4096n

/** A ring buffer that is read in the kernel process. */
class RemoteRing implements BpfRing {
  readonly #connection: ClientConnection
  readonly #ring: number
  #closed = false

  constructor(connection: ClientConnection, ring: number) {
    this.#connection = connection
    this.#ring = ring
  }

  async next(): Promise<readonly Uint8Array[]> {
    if (this.#closed) return []
    const { attachments } = await this.#connection.call('bpf.ring.next', { ring: this.#ring })
    return unpackList(attachments[0])
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (!this.#connection.closed) await this.#connection.call('bpf.ring.close', { ring: this.#ring })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** A perf buffer that is read in the kernel process. */
class RemotePerfBuffer extends RemoteRing implements BpfPerfBuffer {
  readonly fd: number

  constructor(connection: ClientConnection, ring: number, fd: number) {
    super(connection, ring)
    this.fd = fd
  }
}

/** bpf(2) of the kernel process: what addresses lead to is sent along, and what was written there comes back. */
export function remoteBpf(connection: ClientConnection): BpfDoor {
  let address = FIRST_ADDRESS
  return {
    // An embedded kernel runs on one CPU.
    cpus: 1,
    pins: {
      list: async () => (await connection.call('bpf.pins')).value.paths as readonly string[],
      makeFolder: async () => undefined,
      remove: async (path) => void (await connection.call('bpf.unpin', { path })),
    },
    memory(size): BpfMemory {
      const memory = { address, bytes: new Uint8Array(size) }
      address += (BigInt(size) / PAGE + 2n) * PAGE
      return memory
    },
    async call(command, attr, { memory = [], namespace } = {}) {
      const args = {
        command,
        namespace: namespaceArg(namespace),
        memory: memory.map((part) => part.address.toString(16)),
      }
      const { value, attachments } = await connection.call('bpf.call', args, [
        attr,
        ...memory.map(({ bytes }) => bytes),
      ])
      attr.set(attachments[0])
      for (const [i, part] of (value.changed as number[]).entries()) memory[part].bytes.set(attachments[i + 1])
      const result = Number(value.result)
      if (result < 0) throw new KernelError({ op: `bpf command ${command}`, errno: -result })
      return result
    },
    async closeFile(fd) {
      await connection.call('bpf.close', { fd })
    },
    async ring(fd) {
      const { value } = await connection.call('bpf.ring', { fd })
      return new RemoteRing(connection, Number(value.ring))
    },
    async tracePipe() {
      const { value } = await connection.call('bpf.trace')
      return new RemoteRing(connection, Number(value.ring))
    },
    async perfBuffer({ cpu = 0, pages = 8 } = {}) {
      const { value } = await connection.call('bpf.perf', { cpu, pages })
      return new RemotePerfBuffer(connection, Number(value.ring), Number(value.fd))
    },
  }
}
