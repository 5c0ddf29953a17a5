import type { Device } from '../net/device.ts'

/** Numbers under which packets know the devices that they are at. A device has one from its first packet until it is gone. */
export class DeviceNumbers {
  readonly #devices: (Device | undefined)[] = [undefined]
  readonly #free: number[] = []

  /** The device's number, from 1. */
  of(dev: Device): number {
    return dev.pathNumber !== 0 ? dev.pathNumber : this.#assign(dev)
  }

  #assign(dev: Device): number {
    const number = this.#free.pop() ?? this.#devices.length
    this.#devices[number] = dev
    dev.pathNumber = number
    return number
  }

  get(number: number): Device | undefined {
    return this.#devices[number]
  }

  /** The device is gone. No packet may be at it any more. */
  forget(dev: Device): void {
    if (dev.pathNumber === 0) return
    this.#devices[dev.pathNumber] = undefined
    this.#free.push(dev.pathNumber)
    dev.pathNumber = 0
  }
}
