import type { Device } from './device.ts'
import { removeFrom } from './remove-from.ts'

/** Ids below are those of processors in Linux. */
const FIRST_ID = 8193

/** A polling context of a driver: it works for one or more queues of its device while that is up. */
export class Napi {
  readonly device: Device
  /** 0 until it is enabled for the first time; kept from then on. */
  id = 0
  irq: number | undefined
  /** 0: no thread of its own, 1: a thread, 2: a thread that keeps polling. */
  threaded = 0
  /** Process of its thread while it is enabled. */
  pid: number | undefined
  /** Empty polls before interrupts are enabled again. */
  deferHardIrqs = 0
  /** Nanoseconds; 64 bits. */
  groFlushTimeout = 0n
  irqSuspendTimeout = 0n

  constructor(device: Device) {
    this.device = device
  }
}

/** All NAPI instances that are enabled, by id. */
export class NapiTable {
  readonly #byId = new Map<number, Napi>()
  #nextId = FIRST_ID
  #nextPid = 2

  get(id: number): Napi | undefined {
    return this.#byId.get(id)
  }

  /** What is given out next: an id, and the pid of a thread. */
  get next(): { readonly id: number; readonly pid: number } {
    return { id: this.#nextId, pid: this.#nextPid }
  }

  set next({ id, pid }: { readonly id: number; readonly pid: number }) {
    this.#nextId = id
    this.#nextPid = pid
  }

  /** Gives an instance its id. */
  number(napi: Napi): void {
    napi.id = this.#nextId++
  }

  enable(napi: Napi): void {
    if (napi.id === 0) this.number(napi)
    this.#byId.set(napi.id, napi)
    napi.device.napis ??= []
    napi.device.napis.push(napi)
    this.setThreaded(napi, napi.threaded)
  }

  disable(napi: Napi): void {
    this.#byId.delete(napi.id)
    removeFrom(napi.device.napis, napi)
    napi.pid = undefined
  }

  /** Gives it a thread, or takes it away. */
  setThreaded(napi: Napi, mode: number): void {
    napi.threaded = mode
    if (mode === 0) napi.pid = undefined
    else napi.pid ??= this.#nextPid++
  }
}
