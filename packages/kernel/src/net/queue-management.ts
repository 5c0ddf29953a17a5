import type { Core } from './core.ts'
import type { Device } from './device.ts'

/** How a receive queue is to be set up. */
export interface QueueConfig {
  /** Bytes of a buffer; 0: as the driver likes. */
  readonly rxPageSize: number
}

/** What a running queue stands on: pools and rings. Its driver's own. */
export type QueueMemory = object

/**
 * How a driver restarts one receive queue while the others run. Which memory provider a queue has is read from the queue when its
 * memory is allocated. Numbers that are returned are negative errnos. Source: spec 03 §1.7.
 */
export interface QueueManagement {
  /** Buffers can be larger than a page. */
  readonly rxPageSize?: boolean
  /** Whether the queue can be set up so; 0 or a negative errno. Default: it can. */
  check?(dev: Device, index: number, config: QueueConfig): number
  allocate(kernel: Core, dev: Device, index: number, config: QueueConfig): QueueMemory | number
  free(kernel: Core, dev: Device, memory: QueueMemory): void
  start(kernel: Core, dev: Device, index: number, memory: QueueMemory): number
  /** What the queue stood on until now. If it refuses, the queue keeps running. */
  stop(kernel: Core, dev: Device, index: number): QueueMemory | number
}
