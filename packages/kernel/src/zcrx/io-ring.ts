import {
  errno,
  IO_URING_SQE,
  IORING_ENTER_GETEVENTS,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_NOP,
  IORING_OP_RECV_ZC,
  IORING_RECVSEND_POLL_FIRST,
  IORING_SQ_TASKRUN,
} from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../net/process.ts'
import type { ApplicationMemory } from '../packet/application-memory.ts'
import type { PacketMemory } from '../packet/memory.ts'
import { CompletionRing, RINGS } from './completion-ring.ts'
import type { ZcrxInstance } from './instance.ts'
import { ReceiveAttempt } from './receive.ts'
import { AGAIN, ReceiveRequest, WAIT } from './request.ts'
import type { RingMemory } from './ring-memory.ts'
import { prepareReceive } from './submit.ts'

const SQE_WORDS = IO_URING_SQE.size >> 2

/** An instance of io_uring: its rings, the requests that wait, and what is registered for zero-copy receive. */
export class IoRing {
  readonly kernel: Core
  readonly process: Process
  /** Where devices are looked up. */
  readonly netns: NetNamespace
  readonly application: ApplicationMemory
  readonly flags: number
  readonly completions: CompletionRing
  readonly instances = new Map<number, ZcrxInstance>()
  /** Calls when something waits for {@link enter}, or is in the completion ring. */
  onWork: (() => void) | undefined
  readonly #memory: PacketMemory
  readonly #rings: RingMemory
  readonly #attempt: ReceiveAttempt
  readonly #requests = new Set<ReceiveRequest>()
  /** Requests that are to run, and those that run now. */
  #ready: ReceiveRequest[] = []
  #running: ReceiveRequest[] = []
  #closed = false

  constructor(kernel: Core, process: Process, netns: NetNamespace, application: ApplicationMemory, rings: RingMemory) {
    this.kernel = kernel
    this.process = process
    this.netns = netns
    this.application = application
    this.#memory = application.memory
    this.#rings = rings
    this.flags = rings.flags
    this.completions = new CompletionRing(this.#memory, rings.region.offset, rings.cqEntries, rings.flags)
    this.#attempt = new ReceiveAttempt(this.#memory)
  }

  get rings(): RingMemory {
    return this.#rings
  }

  get hasWork(): boolean {
    return this.#ready.length > 0 || this.completions.waiting > 0
  }

  /** Gives an instance the lowest free id. */
  addInstance(instance: ZcrxInstance): number {
    let id = 0
    while (this.instances.has(id)) id++
    this.instances.set(id, instance)
    return id
  }

  /** io_uring_enter(2) without sleeping. */
  enter(process: Process, submit: number, flags: number): number {
    if (this.#closed) return -errno.EBADF
    if (process !== this.process) return -errno.EEXIST
    if ((flags & ~IORING_ENTER_GETEVENTS) !== 0) return -errno.EINVAL
    const taken = this.#submit(submit)
    if ((flags & IORING_ENTER_GETEVENTS) !== 0) {
      this.completions.flush()
      this.#run()
    }
    return taken
  }

  #submit(most: number): number {
    const { i32 } = this.#memory
    const base = this.#rings.region.offset >> 2
    const tail = Atomics.load(i32, base + (RINGS.sqTail >> 2))
    let head = i32[base + (RINGS.sqHead >> 2)]
    const count = Math.min(most, (tail - head) >>> 0, this.#rings.sqEntries)
    for (let n = 0; n < count; n++, head = (head + 1) | 0) {
      const index = i32[base + (this.#rings.array >> 2) + (head & (this.#rings.sqEntries - 1))]
      if (index >>> 0 < this.#rings.sqEntries) this.#execute((this.#rings.sqes.offset >> 2) + index * SQE_WORDS)
      else i32[base + (RINGS.sqDropped >> 2)]++
    }
    Atomics.store(i32, base + (RINGS.sqHead >> 2), head)
    return count
  }

  #execute(at: number): void {
    const { i32 } = this.#memory
    const userLow = i32[at + (IO_URING_SQE.userData >> 2)]
    const userHigh = i32[at + (IO_URING_SQE.userData >> 2) + 1]
    const opcode = i32[at] & 0xff
    if (opcode === IORING_OP_RECV_ZC) this.#receive(at, userLow, userHigh)
    else if (opcode === IORING_OP_NOP) this.completions.finish(userLow, userHigh, 0, 0)
    else if (opcode === IORING_OP_ASYNC_CANCEL) {
      const addr = at + (IO_URING_SQE.addr >> 2)
      this.completions.finish(userLow, userHigh, this.#cancel(i32[addr], i32[addr + 1]), 0)
    } else this.completions.finish(userLow, userHigh, -errno.EINVAL, 0)
  }

  #receive(at: number, userLow: number, userHigh: number): void {
    const { i32 } = this.#memory
    const request = prepareReceive(i32, at, this.instances, this.process)
    if (!(request instanceof ReceiveRequest)) {
      this.completions.finish(userLow, userHigh, request, 0)
      return
    }
    this.#requests.add(request)
    request.unwatch = request.stream.watch(() => this.#makeReady(request))
    const pollFirst = ((i32[at] >>> 16) & IORING_RECVSEND_POLL_FIRST) !== 0
    if (pollFirst) this.#makeReady(request)
    else this.#runOne(request)
  }

  #makeReady(request: ReceiveRequest): void {
    if (request.queued) return
    request.queued = true
    this.#ready.push(request)
    Atomics.or(this.#memory.i32, (this.#rings.region.offset + RINGS.sqFlags) >> 2, IORING_SQ_TASKRUN)
    this.onWork?.()
  }

  /** Each request that is ready has one go; what becomes ready meanwhile waits for the next time. */
  #run(): void {
    const ready = this.#ready
    this.#ready = this.#running
    this.#running = ready
    Atomics.and(this.#memory.i32, (this.#rings.region.offset + RINGS.sqFlags) >> 2, ~IORING_SQ_TASKRUN)
    for (const request of ready) {
      request.queued = false
      if (this.#requests.has(request)) this.#runOne(request)
    }
    ready.length = 0
  }

  #runOne(request: ReceiveRequest): void {
    const result = request.attempt(this.#attempt, this.completions)
    if (result === AGAIN) this.#makeReady(request)
    else if (result !== WAIT) this.#end(request, result)
  }

  #end(request: ReceiveRequest, result: number): void {
    this.#requests.delete(request)
    request.unwatch?.()
    this.completions.finish(request.userLow, request.userHigh, result, 0)
    this.onWork?.()
  }

  /** Cancels the request with these user data: 0, or ENOENT. */
  #cancel(userLow: number, userHigh: number): number {
    for (const request of this.#requests) {
      if (request.userLow !== userLow || request.userHigh !== userHigh) continue
      this.#end(request, -errno.ECANCELED)
      return 0
    }
    return -errno.ENOENT
  }

  /** Source: spec 03 §1.6 A. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const instance of this.instances.values()) {
      instance.events.detach(this.completions)
      instance.unuse()
    }
    for (const request of this.#requests) this.#end(request, -errno.ECANCELED)
    for (const instance of this.instances.values()) instance.drop()
    this.instances.clear()
    this.#rings.release(this.application)
    this.kernel.afterRequest()
  }
}
