import { errno, IO_URING_CQE, IO_URING_PARAMS, IORING_SETUP_CQE32, ZCRX_RQ } from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReceiveQueue } from '../ip/tcp/receive-queue.ts'
import { Kernel } from '../kernel.ts'
import type { PagePool } from '../net/page-pool.ts'
import { COPY } from '../packet/copy-reason.ts'
import { PKT_FRAGMENTS, PKT_LENGTH, PKT_SHIFT } from '../packet/fields.ts'
import { CompletionRing, RINGS } from './completion-ring.ts'
import { ZcrxInstance } from './instance.ts'
import { ReceiveAttempt } from './receive.ts'
import { AGAIN, ReceiveRequest, WAIT } from './request.ts'
import { RingMemory } from './ring-memory.ts'
import type { ReceivingStream } from './stream.ts'

const CHUNK = 4096
const BUFS = 24
const ENTRIES = 16
const COMPLETIONS = 16

/** An instance with a pool that takes its bufs, a stream whose packets are made by hand, and an application that may lie. */
class Life {
  readonly kernel = new Kernel()
  readonly packets = this.kernel.path.packets
  readonly instance: ZcrxInstance
  readonly pool: PagePool
  readonly queue = new ReceiveQueue(this.packets)
  readonly ring: CompletionRing
  readonly request: ReceiveRequest
  readonly attempt: ReceiveAttempt
  /** Offsets of completions that the application has not given back. */
  readonly held: number[] = []
  /** Packets that are still under way. */
  readonly flying: number[] = []
  readonly stream: ReceivingStream
  finReceived = false
  readonly #rings: RingMemory
  readonly #refill: number
  #head = 0

  constructor() {
    const { kernel, packets } = this
    const application = kernel.applicationMemory
    const area = application.map(BUFS * CHUNK)!
    const region = application.map(4096)!
    application.pin(region.offset, 4096)
    this.#refill = region.offset
    this.instance = new ZcrxInstance({
      kernel,
      application,
      bufs: packets.bufs,
      chunkShift: 12,
      region: { pinned: region, offset: region.offset, length: 4096, mappable: false, handedOut: false },
      entries: ENTRIES,
      events: undefined,
    })
    application.pin(area.offset, area.length)
    this.instance.areas.add(area, area.offset, area.length)
    const device = kernel.initialNs.loopback!
    this.pool = kernel.pagePools.createFor(device, this.instance, { queue: 0, bufferSize: CHUNK }) as PagePool
    const params = new DataView(new ArrayBuffer(IO_URING_PARAMS.size))
    params.setUint32(IO_URING_PARAMS.flags, IORING_SETUP_CQE32, true)
    this.#rings = RingMemory.make(application, COMPLETIONS / 2, params) as RingMemory
    this.ring = new CompletionRing(packets.memory, this.#rings.region.offset, COMPLETIONS, IORING_SETUP_CQE32)
    this.attempt = new ReceiveAttempt(packets.memory)
    const queue = this.queue
    const life = this
    this.stream = {
      receiveQueue: queue,
      get finReceived() {
        return life.finReceived
      },
      receiveShut: false,
      unconnected: false,
      takeError: () => 0,
      consume: (bytes) => queue.consume(bytes),
      watch: () => () => undefined,
    }
    this.request = new ReceiveRequest(7, 0, this.stream, this.instance, 0)
  }

  /** The NIC receives payload into a buf; false without one. */
  arrive(length: number): boolean {
    const { packets, pool } = this
    const buf = pool.alloc()
    if (buf < 0) return false
    expect(packets.bufs.userRefs[buf]).toBe(0)
    expect(packets.bufs.poolRefs[buf]).toBe(1)
    const handle = packets.alloc(0)
    const { fields } = packets.table
    const fragment = packets.fragments.alloc(packets.bufs.offset(buf), length, packets.bufs.fragmentOwner, buf)
    fields[(handle << PKT_SHIFT) + PKT_FRAGMENTS] = fragment
    fields[(handle << PKT_SHIFT) + PKT_LENGTH] = length
    this.flying.push(handle)
    return true
  }

  /** The oldest packet that is under way arrives at the socket, or is lost. */
  land(lost: boolean): void {
    const handle = this.flying.shift()
    if (handle === undefined) return
    if (lost) this.packets.free(handle)
    else this.queue.push(handle)
  }

  /** A packet in memory of the kernel. */
  arriveElsewhere(length: number): void {
    this.queue.push(this.packets.allocFromArray(new Uint8Array(length).fill(length), COPY.userIn))
  }

  receive(): number {
    return this.request.attempt(this.attempt, this.ring)
  }

  /** The application takes what is completed. */
  take(): number {
    const { i32 } = this.packets.memory
    const base = this.#rings.region.offset >> 2
    let count = 0
    while (i32[base + (RINGS.cqTail >> 2)] !== this.#head) {
      const at = base + (RINGS.cqes >> 2) + (this.#head++ & (COMPLETIONS - 1)) * 8
      const length = i32[at + (IO_URING_CQE.res >> 2)]
      const offset = i32[at + (IO_URING_CQE.off >> 2)]
      expect(length).toBeGreaterThan(0)
      expect(offset + length).toBeLessThanOrEqual(BUFS * CHUNK)
      expect((offset % CHUNK) + length).toBeLessThanOrEqual(CHUNK)
      this.held.push(offset)
      count++
    }
    i32[base + (RINGS.cqHead >> 2)] = this.#head
    return count
  }

  /** An entry in the refill ring, whatever it says; whether there was room. */
  refill(low: number, high = 0, pad = 0): boolean {
    const { i32 } = this.packets.memory
    const base = this.#refill >> 2
    const tail = i32[base + (ZCRX_RQ.tail >> 2)]
    if (tail - i32[base] >= ENTRIES) return false
    const at = base + (ZCRX_RQ.rqes >> 2) + (tail & (ENTRIES - 1)) * 4
    i32.set([low, high, 0, pad], at)
    i32[base + (ZCRX_RQ.tail >> 2)] = tail + 1
    return true
  }

  giveBack(): void {
    if (this.held.length > 0 && this.refill(this.held[0])) this.held.shift()
  }

  /** Every buf is in one place: free, in the pool, or copied into and with the application. */
  check(): void {
    const { bufs } = this.packets
    const [{ bufs: area, free, freeCount }] = this.instance.areas.list
    const isFree = new Set(free.subarray(0, freeCount))
    expect(isFree.size).toBe(freeCount)
    let copied = 0
    for (let buf = area.first; buf < area.first + area.count; buf++) {
      if (isFree.has(buf)) {
        expect([bufs.homes[buf], bufs.userRefs[buf]]).toEqual([0, 0])
      } else {
        expect(bufs.userRefs[buf]).toBeLessThanOrEqual(bufs.poolRefs[buf])
        if (bufs.homes[buf] === 0) copied++
      }
    }
    expect(freeCount + this.pool.inflight + copied).toBe(BUFS)
  }

  /** Ends everything, and looks that nothing is left anywhere. */
  end(): void {
    while (this.flying.length > 0) this.land(true)
    this.queue.clear()
    this.instance.unuse()
    this.kernel.pagePools.destroy(this.pool)
    expect(this.pool.inflight).toBe(0)
    expect(this.instance.areas.list[0].freeCount).toBe(BUFS)
    expect(this.packets.fragments.inUse).toBe(0)
    expect(this.packets.table.inUse).toBe(0)
    this.instance.drop()
    expect(this.packets.bufs.areas).toBe(0)
  }
}

type Step = readonly [string, number]
const STEPS: Readonly<Record<string, (life: Life, n: number) => void>> = {
  arrive: (life, n) => void life.arrive((n % CHUNK) + 1),
  land: (life) => life.land(false),
  lose: (life) => life.land(true),
  elsewhere: (life, n) => life.arriveElsewhere((n % 9000) + 1),
  receive: (life) => void life.receive(),
  take: (life) => void life.take(),
  giveBack: (life) => life.giveBack(),
  forge: (life, n) => void life.refill(n * 512, 0),
  forgeFar: (life, n) => void life.refill(n * CHUNK, n << 16),
  forgePad: (life, n) => void life.refill(0, 0, n),
  flush: (life) => life.instance.flush(),
}

describe('the life of bufs', () => {
  it('has each in one place, whatever the application gives back', () => {
    const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(16_000))
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 400 }), (steps) => {
        const life = new Life()
        for (const [name, n] of steps) {
          STEPS[name](life, n)
          life.check()
        }
        life.end()
      }),
      { numRuns: 120 },
    )
  })
})

describe('a request', () => {
  it('asks for one entry for each completion, and hands a buf over as often as there are fragments in it', () => {
    const life = new Life()
    life.arrive(100)
    life.land(false)
    expect(life.receive()).toBe(WAIT)
    expect([life.take(), life.held.length]).toEqual([1, 1])
    const buf = life.instance.areas.decode(life.held[0], 0)
    expect([life.packets.bufs.userRefs[buf], life.packets.bufs.poolRefs[buf]]).toEqual([1, 1])
    life.giveBack()
    life.instance.flush()
    expect(life.packets.bufs.userRefs[buf]).toBe(0)
    life.end()
  })

  it('ends with ENOSPC where completions have no room, ENOMEM where copies have none, and keeps the data', () => {
    const full = new Life()
    for (let n = 0; n < COMPLETIONS + 1; n++) {
      full.arrive(1)
      full.land(false)
    }
    expect([full.receive(), full.receive()]).toEqual([AGAIN, -errno.ENOSPC])
    expect([full.take(), full.queue.bytes]).toEqual([COMPLETIONS, 1])
    full.end()
    const dry = new Life()
    while (dry.arrive(1));
    dry.arriveElsewhere(10)
    expect([dry.receive(), dry.queue.bytes]).toEqual([-errno.ENOMEM, 10])
    dry.end()
  })

  it('takes a fragment of someone else for EFAULT', () => {
    const life = new Life()
    const other = new Life()
    const { packets } = life
    const area = life.kernel.applicationMemory.map(CHUNK)!
    const foreign = packets.bufs.addArea({ free: () => undefined }, area.offset, CHUNK, 12)
    packets.bufs.poolRefs[foreign.first] = 1
    const handle = packets.alloc(0)
    const fragment = packets.fragments.alloc(area.offset, 10, packets.bufs.fragmentOwner, foreign.first)
    packets.table.fields[(handle << PKT_SHIFT) + PKT_FRAGMENTS] = fragment
    packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH] = 10
    life.queue.push(handle)
    expect([life.receive(), life.queue.bytes]).toEqual([-errno.EFAULT, 10])
    other.end()
  })

  it('looks at 21 packets at a time, and goes on', () => {
    const life = new Life()
    for (let n = 0; n < 22; n++) life.arriveElsewhere(1)
    expect(life.receive()).toBe(AGAIN)
    // Sixteen completions have room: that stops it first.
    expect(life.queue.bytes).toBe(22 - COMPLETIONS)
    life.take()
    expect(life.receive()).toBe(WAIT)
    life.end()
  })

  it('ends with 0 when the other side has', () => {
    const life = new Life()
    life.arriveElsewhere(5000)
    life.finReceived = true
    expect(life.receive()).toBe(AGAIN)
    expect(life.take()).toBe(2)
    expect(life.receive()).toBe(0)
    life.end()
  })
})

describe('the refill ring', () => {
  it('ignores a run of more than was handed out, as a whole', () => {
    const life = new Life()
    life.arrive(10)
    life.land(false)
    life.receive()
    life.take()
    const [offset] = life.held
    for (const low of [offset, offset + 1]) life.refill(low)
    const buf = life.instance.areas.decode(offset, 0)
    while (life.pool.alloc() >= 0);
    expect(life.packets.bufs.userRefs[buf]).toBe(1)
    life.refill(offset)
    expect(life.pool.alloc()).toBe(buf)
  })
})
