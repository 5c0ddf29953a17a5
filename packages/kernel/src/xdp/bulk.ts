import type { Device } from '../net/device.ts'
import type { PacketPath } from '../net/path.ts'
import type { XdpProgram } from '../net/xdp.ts'
import { XDP_PASS } from '../net/xdp-run.ts'
import { PacketBatch } from '../packet/batch.ts'
import { DROP } from '../packet/drop-reason.ts'

/** Frames that are sent on together. Source: spec 02 §7.1. */
const BULK = 16

/** Frames on their way to one device. */
class Bulk {
  readonly batch = new PacketBatch(BULK)
  readonly dev: Device
  /** Where they were received, and what runs before they leave: the first frame's count for all. */
  from: Device
  program: XdpProgram | undefined

  constructor(dev: Device, from: Device, program: XdpProgram | undefined) {
    this.dev = dev
    this.from = from
    this.program = program
  }
}

/** Frames that were redirected to devices and have not left yet. */
export class BulkQueues {
  readonly #path: PacketPath
  /** One for each device that was ever redirected to, and those of them that are not empty. */
  readonly #of = new WeakMap<Device, Bulk>()
  readonly #waiting: Bulk[] = []

  constructor(path: PacketPath) {
    this.#path = path
  }

  push(dev: Device, from: Device, program: XdpProgram | undefined, handle: number): void {
    let bulk = this.#of.get(dev)
    if (bulk === undefined) {
      bulk = new Bulk(dev, from, program)
      this.#of.set(dev, bulk)
    }
    const { batch } = bulk
    if (batch.count === 0) {
      bulk.from = from
      bulk.program = program
      this.#waiting.push(bulk)
    }
    batch.push(handle)
    if (batch.room === 0) {
      this.#waiting.splice(this.#waiting.indexOf(bulk), 1)
      this.#send(bulk)
    }
  }

  flush(): void {
    const waiting = this.#waiting
    // Sending one never fills another: drivers put frames into queues and rings.
    for (const bulk of waiting) this.#send(bulk)
    waiting.length = 0
  }

  #send({ batch, dev, from, program }: Bulk): void {
    if (program !== undefined) this.#filter(batch, dev, from, program)
    if (batch.count > 0) dev.driver.xdp?.transmit?.(this.#path, dev, batch)
  }

  /** Runs the program of a map's entry over the frames; what it does not pass is dropped. */
  #filter(batch: PacketBatch, dev: Device, from: Device, program: XdpProgram): void {
    const path = this.#path
    const { handles, count } = batch
    let kept = 0
    for (let n = 0; n < count; n++) {
      const handle = handles[n]
      if (path.programs.runXdp(program, from, handle, 0, dev.ifindex) === XDP_PASS) handles[kept++] = handle
      else path.drop(dev, handle, DROP.XDP)
    }
    batch.count = kept
  }
}
