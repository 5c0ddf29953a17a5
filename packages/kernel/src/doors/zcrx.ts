import {
  errno,
  IORING_OFF_CQ_RING,
  IORING_OFF_SQ_RING,
  IORING_OFF_SQES,
  IORING_OFF_ZCRX_REGION,
  IORING_OFF_ZCRX_SHIFT,
  IORING_REGISTER_QUERY,
  IORING_REGISTER_ZCRX_CTRL,
  IORING_REGISTER_ZCRX_IFQ,
  type IoUringHandle,
  KernelError,
  type MappedMemory,
  refused,
  type ZcrxDoor,
} from '@netkit/netlink'
import type { Kernel } from '../kernel.ts'
import type { OpenObject, Process } from '../net/process.ts'
import type { Region } from '../packet/memory.ts'
import { controlZcrx } from '../zcrx/control.ts'
import { IoRing } from '../zcrx/io-ring.ts'
import { queryZcrx } from '../zcrx/query.ts'
import { registerZcrx } from '../zcrx/register.ts'
import { RingMemory } from '../zcrx/ring-memory.ts'
import { UserStructs } from '../zcrx/user-structs.ts'
import { mapped } from './memory.ts'
import { namespaceOf } from './namespace-of.ts'

const NS_PER_MS = 1_000_000n

/** io_uring of an embedded kernel, for one client. */
class EmbeddedIoUring implements IoUringHandle, OpenObject {
  readonly kind = 'io_uring'
  readonly fd: number
  readonly #kernel: Kernel
  readonly #process: Process
  readonly #ring: IoRing
  readonly #structs: UserStructs
  readonly #waiting = new Set<() => void>()
  #open = true

  constructor(kernel: Kernel, process: Process, ring: IoRing) {
    this.#kernel = kernel
    this.#process = process
    this.#ring = ring
    this.#structs = new UserStructs(kernel.applicationMemory)
    this.fd = process.openFile('io_uring', this)
    ring.onWork = () => this.#wake()
  }

  hold(): void {
    // There is one descriptor.
  }

  release(): void {
    this.#open = false
    this.#ring.close()
    this.#wake()
  }

  #wake(): void {
    for (const done of this.#waiting) done()
  }

  mmap(length: number, offset: number): MappedMemory {
    const region = this.#regionAt(offset)
    if (!region || length < 1 || length > region.length) {
      throw refused(`map offset 0x${offset.toString(16)} of io_uring`, 'EINVAL')
    }
    return mapped(this.#kernel.applicationMemory, region)
  }

  #regionAt(offset: number): Region | undefined {
    const { rings, instances } = this.#ring
    if (offset === IORING_OFF_SQ_RING || offset === IORING_OFF_CQ_RING) return handOut(rings.mapped, rings.region)
    if (offset === IORING_OFF_SQES) return handOut(rings.mapped, rings.sqes)
    const step = 2 ** IORING_OFF_ZCRX_SHIFT
    const instance = instances.get((offset - IORING_OFF_ZCRX_REGION) / step)
    if (!instance?.region.mappable) return undefined
    instance.region.handedOut = true
    return instance.region.pinned
  }

  register(opcode: number, argument: number, count: number): number {
    const result = this.#open ? this.#register(opcode, argument, count) : -errno.EBADF
    this.#kernel.afterRequest()
    if (result < 0) throw new KernelError({ op: `io_uring_register ${opcode}`, errno: -result })
    return result
  }

  #register(opcode: number, argument: number, count: number): number {
    const address = BigInt(argument)
    if (opcode === IORING_REGISTER_QUERY) return count === 0 ? queryZcrx(this.#structs, address) : -errno.EINVAL
    if (opcode === IORING_REGISTER_ZCRX_IFQ) {
      if (argument === 0 || count !== 1) return -errno.EINVAL
      return registerZcrx(this.#ring, this.#structs, this.#kernel.path.packets.bufs, address)
    }
    if (opcode !== IORING_REGISTER_ZCRX_CTRL || count !== 0) return -errno.EINVAL
    return controlZcrx(this.#ring, this.#structs, address)
  }

  enter(submit: number, flags: number): number {
    const result = this.#ring.enter(this.#process, submit, flags)
    this.#kernel.stack.tcp.flush()
    return result
  }

  async wait(timeout?: number): Promise<void> {
    if (!this.#open || this.#ring.hasWork) return
    await new Promise<void>((resolve) => {
      const { world } = this.#kernel
      const done = (): void => {
        this.#waiting.delete(done)
        timer?.cancel()
        resolve()
      }
      const timer =
        timeout === undefined ? undefined : world.schedule(world.now() + BigInt(Math.round(timeout)) * NS_PER_MS, done)
      this.#waiting.add(done)
    })
  }

  close(): void {
    if (this.#open) this.#process.closeFile(this.fd)
  }
}

function handOut(mapped: Set<Region>, region: Region): Region {
  mapped.add(region)
  return region
}

/** io_uring_setup(2) of an embedded kernel, for one client. What it leaves open goes with it. */
export function zcrxDoor(kernel: Kernel, process: Process): ZcrxDoor {
  return {
    setup(entries, params, namespace) {
      const ns = namespaceOf(process, namespace, 'io_uring_setup')
      const view = new DataView(params.buffer, params.byteOffset, params.byteLength)
      const memory = RingMemory.make(kernel.applicationMemory, entries, view)
      if (typeof memory === 'number') throw new KernelError({ op: 'io_uring_setup', errno: -memory })
      return new EmbeddedIoUring(kernel, process, new IoRing(kernel, process, ns, kernel.applicationMemory, memory))
    },
    query(argument) {
      const result = queryZcrx(new UserStructs(kernel.applicationMemory), BigInt(argument))
      if (result < 0) throw new KernelError({ op: 'io_uring query', errno: -result })
    },
    closeFile(fd) {
      if (process.files.get(fd)?.type !== 'zcrx') throw refused(`close descriptor ${fd}`, 'EBADF')
      process.closeFile(fd)
      kernel.afterRequest()
    },
  }
}
