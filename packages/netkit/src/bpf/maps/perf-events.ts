import { BPF_COMMANDS, parsePerfRecord } from '@netkit/bpf'
import type { BpfDoor, BpfPerfBuffer } from '@netkit/netlink'
import type { BpfCalls } from '../calls.ts'

/** What a program wrote on one CPU; Linux pads it with zeros so that it and a length of 4 bytes are a multiple of 8. */
export interface PerfEvent {
  readonly cpu: number
  readonly data: Uint8Array
}

/** Told of events that did not fit in the buffer of a CPU. */
export type OnLost = (cpu: number, count: number) => void

export interface PerfEventsOptions {
  /** Pages of 4096 bytes for the events of each CPU, a power of two up to 1024. Default: 8. */
  readonly pages?: number
  readonly onLost?: OnLost
}

interface Batch {
  readonly cpu: number
  readonly records: readonly Uint8Array[]
}

/**
 * What programs write to a perf event array, of all CPUs as it comes; in order for each of them: `for await (const event of events)`.
 * Close it to end that.
 */
export class PerfEvents implements AsyncDisposable {
  readonly #buffers: readonly BpfPerfBuffer[]
  readonly #onLost: OnLost | undefined
  /** What is waited for, by CPU. */
  readonly #waiting = new Map<number, Promise<Batch>>()

  private constructor(buffers: readonly BpfPerfBuffer[], onLost: OnLost | undefined) {
    this.#buffers = buffers
    this.#onLost = onLost
  }

  /** @internal Puts an event for each CPU into the array that is open as `fd`. */
  static async open(
    calls: BpfCalls,
    map: { readonly fd: number; readonly maxEntries: number },
    op: string,
    { pages, onLost }: PerfEventsOptions,
  ): Promise<PerfEvents> {
    const door = calls.door(op)
    const buffers: BpfPerfBuffer[] = []
    try {
      for (let cpu = 0; cpu < Math.min(door.cpus, map.maxEntries); cpu++) {
        const buffer = await door.perfBuffer({ cpu, pages })
        buffers.push(buffer)
        await put(calls, door, map.fd, { cpu, event: buffer.fd }, op)
      }
    } catch (e) {
      for (const buffer of buffers) await buffer.close()
      throw e
    }
    return new PerfEvents(buffers, onLost)
  }

  /** Each event once, whoever asks. */
  async *[Symbol.asyncIterator](): AsyncGenerator<PerfEvent, void, undefined> {
    while (true) {
      for (const cpu of this.#buffers.keys()) if (!this.#waiting.has(cpu)) this.#waiting.set(cpu, this.#next(cpu))
      const { cpu, records } = await Promise.race(this.#waiting.values())
      // Ended: they are closed all together.
      if (records.length === 0) return
      this.#waiting.delete(cpu)
      yield* this.#events(cpu, records)
    }
  }

  #next(cpu: number): Promise<Batch> {
    const batch = this.#buffers[cpu].next().then((records) => ({ cpu, records }))
    // Told to whoever waits for it, if anybody does.
    batch.catch(() => undefined)
    return batch
  }

  *#events(cpu: number, records: readonly Uint8Array[]): Generator<PerfEvent> {
    for (const bytes of records) {
      const record = parsePerfRecord(bytes)
      if (!record) continue
      if ('data' in record) yield { cpu, data: record.data }
      else this.#onLost?.(cpu, record.lost)
    }
  }

  async close(): Promise<void> {
    for (const buffer of this.#buffers) await buffer.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

async function put(
  calls: BpfCalls,
  door: BpfDoor,
  mapFd: number,
  { cpu, event }: { readonly cpu: number; readonly event: number },
  op: string,
): Promise<void> {
  const memory = door.memory(8)
  new Uint32Array(memory.bytes.buffer, memory.bytes.byteOffset, 2).set([cpu, event])
  const values = { mapFd, key: memory.address, value: memory.address + 4n }
  await calls.call(BPF_COMMANDS.mapUpdateElem, { op, values, memory: [memory] })
}
