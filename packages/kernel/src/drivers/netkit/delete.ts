import type { Device } from '../../net/device.ts'
import { netkitState } from './state.ts'

/** Either end takes the other along; they let go of each other before anything else happens. */
export function dellinkNetkit(dev: Device, doomed: Device[]): void {
  const state = netkitState(dev)
  const { peer } = state
  state.peer = undefined
  doomed.push(dev)
  if (!peer) return
  netkitState(peer).peer = undefined
  doomed.push(peer)
}
