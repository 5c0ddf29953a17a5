import { Kernel, type RandomState, randomFrom, type SimulatedWorld, simulatedWorld } from '@netkit/kernel'
import { errno, KernelError, type StreamHandle } from '@netkit/netlink'
import type { ZcrxReceiver } from 'netkit'
import { type LeaseAt, Pod } from './pod.ts'

const MS = 1_000_000n
const CHUNK = 4096
const BUFS = 640
const STREAMS = 3
const MOST_HELD = 400
const PERIOD = 65_536
/** What streams carry, twice in a row; each begins somewhere else. */
const BYTES = Uint8Array.from({ length: 2 * PERIOD }, (_, n) => (n * 31 + ((n & (PERIOD - 1)) >> 8) * 7) & 0xff)
const startOf = (stream: number, at: number): number => (at + stream * 1021) & (PERIOD - 1)

/** A connection into the pod, and how far each side is. */
interface Stream {
  readonly number: number
  readonly near: StreamHandle
  readonly far: StreamHandle
  sent: number
  got: number
  /** Whether a request receives from it. */
  receiving: boolean
}

/** Bytes that were handed over and not given back: where they are, and what they are. */
interface Held {
  readonly offset: number
  readonly length: number
  readonly from: number
}

/**
 * An application that receives by io_uring from a leased queue, while leases, devices, the NIC and namespaces come and go by chance.
 * Throws as soon as a byte is wrong, is lost, or changes while the application has it.
 */
export class ZcrxLife {
  readonly #world: SimulatedWorld
  readonly #random: RandomState
  readonly #pod: Pod
  #zc: ZcrxReceiver | undefined
  /** What is there of the way. */
  #lessee = false
  #plugged = true
  #over = false
  #streams: Stream[] = []
  #next = 0
  readonly #byRequest = new Map<number, Stream>()
  #held: Held[] = []

  private constructor(world: SimulatedWorld, seed: number, pod: Pod) {
    this.#world = world
    this.#random = randomFrom(seed)
    this.#pod = pod
  }

  static async make(seed: number, leaseAt: LeaseAt): Promise<ZcrxLife> {
    const world = simulatedWorld(seed)
    return new ZcrxLife(world, seed, await Pod.make(leaseAt, 1500, new Kernel({ world })))
  }

  /** Nothing more can happen: the pod is gone, or its NIC. */
  get over(): boolean {
    return this.#over
  }

  below(n: number): number {
    return this.#random.next() % n
  }

  /** One event. */
  async step(): Promise<void> {
    await EVENTS[this.below(EVENTS.length)](this)
  }

  pass(ms: number): void {
    this.#world.advance(BigInt(ms) * MS)
  }

  async send(): Promise<void> {
    if (this.#streams.length === 0) return
    const stream = this.#streams[this.below(this.#streams.length)]
    const start = startOf(stream.number, stream.sent)
    const bytes = BYTES.subarray(start, start + 1 + this.below(this.below(4) === 0 ? 12_000 : 1500))
    stream.sent += await stream.far.send(bytes, { wait: false }).catch(refusedBy('EAGAIN', 'ECONNRESET', 'EPIPE'))
  }

  poll(): void {
    const zc = this.#zc
    if (!zc || this.#held.length >= MOST_HELD) return
    for (const stream of this.#streams) if (!stream.receiving) this.#receive(zc, stream)
    zc.poll({
      data: (request, offset, length) => this.#take(zc, request, offset, length),
      end: (request, result) => this.#ended(request, result),
    })
  }

  #receive(zc: ZcrxReceiver, stream: Stream): void {
    stream.receiving = true
    this.#byRequest.set(zc.receive(stream.near), stream)
  }

  #take(zc: ZcrxReceiver, request: number, offset: number, length: number): void {
    const stream = this.#byRequest.get(request)
    if (!stream) throw new Error(`data of request ${request}, which is none`)
    const from = startOf(stream.number, stream.got)
    stream.got += length
    const held = { offset, length, from }
    this.#look(zc, held, 'arrives')
    for (const one of this.#held)
      if (one.offset < offset + length && offset < one.offset + one.length)
        throw new Error(`${offset} is handed out twice`)
    this.#held.push(held)
  }

  #ended(request: number, result: number): void {
    const stream = this.#byRequest.get(request)
    this.#byRequest.delete(request)
    if (stream) stream.receiving = false
    if (result !== 0 && !ENDS.includes(-result)) throw new Error(`a request ended with ${result}`)
  }

  #look(zc: ZcrxReceiver, { offset, length, from }: Held, when: string): void {
    const bytes = zc.bytes(offset, length)
    for (let n = 0; n < length; n++)
      if (bytes[n] !== BYTES[from + n]) throw new Error(`byte ${n} of ${length} at ${offset} is wrong when it ${when}`)
  }

  giveBack(): void {
    const zc = this.#zc
    if (!zc || this.#held.length === 0) return
    const at = this.below(this.#held.length)
    const held = this.#held[at]
    this.#look(zc, held, 'is given back')
    if (!zc.giveBack(held.offset)) return
    this.#held[at] = this.#held[this.#held.length - 1]
    this.#held.pop()
  }

  /** It gives back what it does not have: it has seen all completions, and the kernel takes the entry before there are more. */
  forge(): void {
    this.poll()
    const chunk = this.below(BUFS)
    if (this.#held.length >= MOST_HELD) return
    if (this.#held.some(({ offset }) => Math.floor(offset / CHUNK) === chunk)) return
    this.#zc?.giveBack(chunk * CHUNK + this.below(CHUNK))
    this.flush()
  }

  flush(): void {
    this.#zc?.flush()
  }

  async connect(): Promise<void> {
    if (this.#streams.length === STREAMS || !this.#plugged) return
    const { near, far } = await this.#pod.connect()
    this.#streams.push({ number: this.#next++, near, far, sent: 0, got: 0, receiving: false })
  }

  async disconnect(): Promise<void> {
    const [stream] = this.#streams.splice(this.below(Math.max(1, this.#streams.length)), 1)
    if (!stream) return
    await stream.far.close()
    await stream.near.close()
  }

  async open(): Promise<void> {
    if (this.#zc || !this.#lessee) return
    this.#zc = await this.#pod.open({ areaBytes: BUFS * CHUNK, refillEntries: 256, completions: 1024 })
  }

  /** Sequence A. What was received and not handed over is memory that nobody can read: its streams end. */
  async close(): Promise<void> {
    if (!this.#zc) return
    for (const held of this.#held) this.#look(this.#zc, held, 'is left behind')
    await this.#zc.close()
    this.#zc = undefined
    this.#held = []
    this.#byRequest.clear()
    while (this.#streams.length > 0) await this.disconnect()
  }

  async lease(): Promise<void> {
    if (this.#lessee || !this.#plugged) return
    await this.#pod.lease()
    this.#lessee = true
  }

  /** Sequence D; of a pair both ends go, and the way with them. */
  async deleteLessee(): Promise<void> {
    if (!this.#lessee) return
    this.#lessee = false
    await this.#pod.sdk.devices.remove(this.#pod.lessee, { in: 'pod' })
    if (this.#pod.leaseAt === 'peer') this.#over = true
  }

  /** Sequence E. */
  async unplug(): Promise<void> {
    const nics = await this.#pod.sdk.nics.list()
    this.#plugged = false
    this.#over = true
    await this.#pod.sdk.nics.remove(nics[0].id)
  }

  /** Sequence F. */
  async deletePod(): Promise<void> {
    this.#over = true
    await this.#pod.sdk.namespaces.remove('pod')
  }

  /** Down and up again: queues start anew, with the same bufs. */

  /** Sequence G, of the lessee: it goes to another namespace and comes back. */
  async move(): Promise<void> {
    const { sdk, lessee, leaseAt } = this.#pod
    if (!this.#lessee || leaseAt === 'peer') return
    await sdk.devices.move(lessee, { to: 'far', in: 'pod' })
    await sdk.devices.move(lessee, { to: 'pod', in: 'far' })
    await sdk.devices.set(lessee, { up: true }, { in: 'pod' })
  }

  /** Everything is closed: whatever happened, nothing is left anywhere. */
  async end(): Promise<void> {
    await this.close()
    while (this.#streams.length > 0) await this.disconnect()
    await this.#pod.sdk.close()
    this.pass(300_000)
    const { packets } = this.#pod.kernel.path
    const left = { areas: packets.bufs.areas, users: packets.bufs.userRefs.reduce((sum, count) => sum + count, 0) }
    if (left.areas !== 0 || left.users !== 0) throw new Error(`left behind: ${JSON.stringify(left)}`)
  }
}

/** What a request may end with: no room for a copy or for completions, a stream that is closed, a namespace that is gone. */
const ENDS: readonly number[] = [
  errno.ENOMEM,
  errno.ENOSPC,
  errno.ECONNRESET,
  errno.ENETDOWN,
  errno.ENOTCONN,
  errno.EPIPE,
]

const refusedBy =
  (...codes: readonly string[]) =>
  (error: unknown): number => {
    if (error instanceof KernelError && codes.includes(error.code)) return 0
    throw error
  }

/** What happens, as often as it is listed. */
const EVENTS: readonly ((life: ZcrxLife) => void | Promise<void>)[] = (
  [
    [2400, (life) => life.send()],
    [1600, (life) => life.poll()],
    [5000, (life) => life.giveBack()],
    [400, (life) => life.forge()],
    [80, (life) => life.flush()],
    [400, (life) => life.pass(1 + life.below(400))],
    [30, (life) => life.connect()],
    [4, (life) => life.disconnect()],
    [60, (life) => life.lease()],
    [60, (life) => life.open()],
    [3, (life) => life.close()],
    [2, (life) => life.deleteLessee()],
    [2, (life) => life.move()],
    [1, (life) => life.unplug()],
    [1, (life) => life.deletePod()],
  ] as const satisfies readonly (readonly [number, (life: ZcrxLife) => void | Promise<void>])[]
).flatMap(([times, event]): ((life: ZcrxLife) => void | Promise<void>)[] => new Array(times).fill(event))
