import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { setCarrier } from '../../net/linkwatch.ts'
import { Napi } from '../../net/napi.ts'
import { nicState } from './state.ts'

/** Every receive queue that the NIC was made with gets its page pool and its NAPI instance, in use or not. */
export function openNic(kernel: Core, dev: Device): number {
  const state = nicState(dev)
  const { napiKeepsId } = kernel.release.does
  for (let index = 0; index < dev.numRxQueues; index++) {
    if (!napiKeepsId || !state.napis[index]) state.napis[index] = new Napi(dev)
    if (!napiKeepsId) kernel.napis.number(state.napis[index])
    state.pools.push(kernel.pagePools.create(dev, state.napis[index]))
  }
  for (let index = 0; index < dev.numRxQueues; index++) {
    kernel.napis.enable(state.napis[index])
    const queue = dev.rxQueue(index)
    if (queue) queue.napi = state.napis[index]
  }
  if (state.cable) setCarrier(kernel, dev, true)
  state.port?.wire.enable(true)
  return 0
}

/** A NIC without a cable has its carrier when it is made, and none any more once it has been down. */
export function closeNic(kernel: Core, dev: Device): void {
  const state = nicState(dev)
  state.port?.wire.enable(false)
  setCarrier(kernel, dev, false)
  for (const napi of state.napis) kernel.napis.disable(napi)
  for (let index = 0; index < dev.numRxQueues; index++) {
    const queue = dev.boundRxQueue(index)
    if (queue) queue.napi = undefined
  }
  for (const pool of state.pools) kernel.pagePools.destroy(pool)
  state.pools = []
}

/** Something with a link is connected, or taken away. */
export function setCable(kernel: Core, dev: Device, connected: boolean): void {
  nicState(dev).cable = connected
  if (dev.up) setCarrier(kernel, dev, connected)
}
