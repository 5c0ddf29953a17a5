import { BPF_COMMANDS, INFO_SIZE, MAP_INFO, MAP_TYPE, makeStruct, readStruct, takeRecords } from '@netkit/bpf'
import { type BpfRing, refused } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { F_DUPFD_CLOEXEC } from '../ffi/numbers.ts'
import { Readiness } from '../netlink/readiness.ts'
import { bpfCall } from './call.ts'
import { type Mapped, mapFile } from './mapping.ts'

const PAGE = 4096
const OP = 'read a ring buffer'

/** Bytes of data of the ring that is open as `fd`. Throws KernelError: EINVAL for what is none. */
function ringSize(c: Calls, fd: number): number {
  const info = new Uint8Array(INFO_SIZE.map)
  const { id, attr } = BPF_COMMANDS.objGetInfoByFd
  const at = BigInt(c.address(info.buffer))
  bpfCall(c, id, makeStruct(attr, { bpfFd: fd, infoLen: info.length, info: at }))
  const { type, maxEntries } = readStruct(MAP_INFO, info)
  if (type !== MAP_TYPE.ringbuf) throw refused(OP, 'EINVAL', 'the map is none')
  return maxEntries
}

/** The reader of a ring buffer: its pages are mapped, and the event loop waits for the kernel to say that there is more. */
export class LinuxRing implements BpfRing {
  readonly #calls: Calls
  readonly #fd: number
  readonly #size: number
  readonly #consumer: Mapped
  readonly #producer: Mapped
  readonly #readiness: Readiness
  readonly #onClose: (ring: LinuxRing) => void
  readonly #waiting: ((records: readonly Uint8Array[]) => void)[] = []
  #closed = false

  /** Throws KernelError: EBADF, EINVAL, EPERM. */
  constructor(c: Calls, fd: number, onClose: (ring: LinuxRing) => void) {
    this.#calls = c
    this.#onClose = onClose
    this.#size = ringSize(c, fd)
    this.#fd = c.fcntl(fd, F_DUPFD_CLOEXEC, 3)
    if (this.#fd < 0) throw failure(c, OP)
    try {
      this.#consumer = mapFile(c, this.#fd, OP, { offset: 0, length: PAGE, writable: true })
      this.#producer = this.#mapProducer()
    } catch (e) {
      c.close(this.#fd)
      throw e
    }
    this.#readiness = new Readiness(c, this.#fd, () => this.#deliver())
  }

  #mapProducer(): Mapped {
    try {
      return mapFile(this.#calls, this.#fd, OP, { offset: PAGE, length: PAGE + 2 * this.#size, writable: false })
    } catch (e) {
      this.#consumer.unmap()
      throw e
    }
  }

  async next(): Promise<readonly Uint8Array[]> {
    if (this.#closed) return []
    const records = this.#take()
    if (records.length > 0) return records
    return await new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#readiness.wait()
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#readiness.close()
    this.#calls.close(this.#fd)
    this.#consumer.unmap()
    this.#producer.unmap()
    for (const resolve of this.#waiting.splice(0)) resolve([])
    this.#onClose(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #deliver(): void {
    if (this.#closed) return
    const records = this.#waiting.length > 0 ? this.#take() : []
    if (records.length > 0) this.#waiting.shift()?.(records)
    if (this.#waiting.length > 0) this.#readiness.wait()
    else this.#readiness.nobodyWaits()
  }

  #take(): Uint8Array[] {
    return takeRecords({
      consumer: { buffer: this.#consumer.buffer, offset: 0 },
      producer: { buffer: this.#producer.buffer, offset: 0 },
      size: this.#size,
    })
  }
}
