import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { setCarrier } from '../../net/linkwatch.ts'
import { Napi } from '../../net/napi.ts'
import { allocateQueue, freeQueue, startQueue, stopQueue } from './queues.ts'
import type { RxMemory } from './rx-memory.ts'
import { nicState } from './state.ts'

/** Every receive queue that the NIC was made with gets its memory and its NAPI instance, in use or not. */
export function openNic(kernel: Core, dev: Device): number {
  const state = nicState(dev)
  const { napiKeepsId } = kernel.release.does
  const made: RxMemory[] = []
  for (let index = 0; index < dev.numRxQueues; index++) {
    if (!napiKeepsId || !state.napis[index]) state.napis[index] = new Napi(dev)
    if (!napiKeepsId) kernel.napis.number(state.napis[index])
    const config = { rxPageSize: dev.boundRxQueue(index)?.rxPageSize ?? 0 }
    const memory = allocateQueue(kernel, dev, index, config)
    if (typeof memory === 'number') {
      for (const other of made) freeQueue(kernel, other)
      return memory
    }
    made.push(memory)
  }
  for (const [index, memory] of made.entries()) startQueue(kernel, dev, index, memory)
  if (state.cable) setCarrier(kernel, dev, true)
  state.port?.wire.enable(true)
  return 0
}

/** A NIC without a cable has its carrier when it is made, and none any more once it has been down. */
export function closeNic(kernel: Core, dev: Device): void {
  const state = nicState(dev)
  state.port?.wire.enable(false)
  setCarrier(kernel, dev, false)
  const stopped = state.napis.map((_, index) => stopQueue(kernel, dev, index))
  for (const memory of stopped) if (memory) freeQueue(kernel, memory)
  state.rx.length = 0
}

/** Something with a link is connected, or taken away. */
export function setCable(kernel: Core, dev: Device, connected: boolean): void {
  nicState(dev).cable = connected
  if (dev.up) setCarrier(kernel, dev, connected)
}
