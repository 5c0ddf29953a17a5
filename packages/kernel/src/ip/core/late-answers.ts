import { IFF_UP } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { StackClock } from './clock.ts'

/** Answers of one device that may wait; what comes beyond is not answered. Source: net.ipv4.neigh.default.proxy_qlen, 64. */
const MOST = 65
const MS_PER_TICK = 10

/** Answers for others that wait: whoever has the address himself shall be the first. Source: RFC 4861 §7.2.8. */
export class LateAnswers {
  readonly #clock: StackClock
  readonly #waiting = new Map<Device, number>()

  constructor(clock: StackClock) {
    this.#clock = clock
  }

  /** Gives an answer at some moment within `delay` hundredths of a second, if the device is still up and where it was. */
  add(dev: Device, delay: number, answer: () => void): void {
    const waiting = this.#waiting.get(dev) ?? 0
    if (waiting >= MOST) return
    this.#waiting.set(dev, waiting + 1)
    const { ns } = dev
    this.#clock.after(this.#clock.random() % (delay * MS_PER_TICK), () => {
      this.#done(dev)
      if (dev.ns === ns && dev.inet !== undefined && (dev.flags & IFF_UP) !== 0) answer()
    })
  }

  #done(dev: Device): void {
    const waiting = (this.#waiting.get(dev) ?? 1) - 1
    if (waiting === 0) this.#waiting.delete(dev)
    else this.#waiting.set(dev, waiting)
  }
}
