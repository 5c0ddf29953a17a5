import type { Counts, DeviceSample, QueueSample, Sample } from './sample.ts'

/** Per second. */
export interface Rates {
  readonly rxPackets: number
  readonly rxBits: number
  readonly txPackets: number
  readonly txBits: number
  readonly drops: number
}

export interface QueueRates extends Rates {
  readonly queue: QueueSample
}

export interface DeviceRates extends Rates {
  readonly device: DeviceSample
  readonly queues: readonly QueueRates[]
}

const BITS = 8

/** How fast counters have grown between two samples. What was not there before, or began anew, has not. */
export function ratesBetween(before: Sample, after: Sample): DeviceRates[] {
  const seconds = (after.time - before.time) / 1000
  return after.devices.map((device) => {
    const old = before.devices.find((d) => d.ifindex === device.ifindex && d.netns === device.netns)
    return {
      ...between(old, device, seconds),
      device,
      queues: device.queues.map((queue) => ({
        ...between(
          old?.queues.find((q) => q.id === queue.id),
          queue,
          seconds,
        ),
        queue,
      })),
    }
  })
}

function between(before: Counts | undefined, after: Counts, seconds: number): Rates {
  const rate = (key: keyof Counts) => (before && seconds > 0 ? Math.max(0, (after[key] - before[key]) / seconds) : 0)
  return {
    rxPackets: rate('rxPackets'),
    rxBits: rate('rxBytes') * BITS,
    txPackets: rate('txPackets'),
    txBits: rate('txBytes') * BITS,
    drops: rate('drops'),
  }
}

/** Ways to sort devices, and what each goes by. */
export const SORTS = {
  rx: (d: DeviceRates) => d.rxBits,
  tx: (d: DeviceRates) => d.txBits,
  drops: (d: DeviceRates) => d.drops,
  name: undefined,
} as const
export type Sort = keyof typeof SORTS

/** Largest first, or by name. Sorting is stable: what is equal does not dance. */
export function sorted(devices: readonly DeviceRates[], sort: Sort): DeviceRates[] {
  const by = SORTS[sort]
  if (by) return devices.toSorted((a, b) => by(b) - by(a))
  const key = ({ device }: DeviceRates) => `${device.netns}\0${device.name}`
  return devices.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

export const isIdle = (r: Rates): boolean => r.rxPackets === 0 && r.txPackets === 0 && r.drops === 0
