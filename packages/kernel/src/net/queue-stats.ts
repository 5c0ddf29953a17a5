import type { Device } from './device.ts'

/** Packets and bytes of one queue or of all. */
export interface Traffic {
  packets: number
  bytes: number
}

/** Frames that a receive queue lost: for want of a buffer, by the hardware, and of these for want of a posted one. */
export interface RxLosses {
  allocFail: number
  hwDrops: number
  hwDropOverruns: number
}

/** Counters by queue. What a queue that is no more in use has counted is in `base`. */
export interface QueueStatsHooks {
  rx(dev: Device, queue: number): Traffic
  tx(dev: Device, queue: number): Traffic
  baseRx(dev: Device): Traffic
  baseTx(dev: Device): Traffic
  /** Absent: the driver does not count them. */
  rxLosses?(dev: Device, queue: number): RxLosses
}
