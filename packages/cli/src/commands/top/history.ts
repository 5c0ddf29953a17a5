import type { DeviceRates, Rates } from './rates.ts'

/** Samples that are kept of each row: what a trend shows. */
export const TREND = 20
const LEVELS = ' ▁▂▃▄▅▆▇█'

export const deviceKey = ({ device }: DeviceRates): string => `${device.netns}/${device.ifindex}`
export const queueKey = (device: DeviceRates, id: number): string => `${deviceKey(device)}/${id}`

const volume = (r: Rates): number => r.rxBits + r.txBits

/** What rows carried in the last samples, in both directions. */
export class History {
  #rows = new Map<string, readonly number[]>()

  add(devices: readonly DeviceRates[]): void {
    const rows = new Map<string, readonly number[]>()
    const put = (key: string, rates: Rates) =>
      rows.set(key, [...(this.#rows.get(key) ?? []), volume(rates)].slice(-TREND))
    for (const device of devices) {
      put(deviceKey(device), device)
      for (const queue of device.queues) put(queueKey(device, queue.queue.id), queue)
    }
    this.#rows = rows
  }

  /** The largest of the kept values. */
  peak(key: string): number {
    return Math.max(0, ...(this.#rows.get(key) ?? []))
  }

  /** A row's values as a line of blocks, `peak` as high as a line. */
  trend(key: string, peak: number): string {
    const values = this.#rows.get(key) ?? []
    const blocks = values.map(
      (v) => LEVELS[v === 0 || peak === 0 ? 0 : Math.max(1, Math.min(8, Math.round((v / peak) * 8)))],
    )
    return blocks.join('').padStart(TREND)
  }
}
