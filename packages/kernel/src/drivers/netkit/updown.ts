import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { setCarrier } from '../../net/linkwatch.ts'
import { openPair } from '../pair.ts'
import { netkitState, PAIRING_SINGLE } from './state.ts'

/** A pair has carrier while both ends are up, a single device while it is up itself. Source: spec 01 §3.10. */
export function openNetkit(kernel: Core, dev: Device): number {
  if (netkitState(dev).pairing !== PAIRING_SINGLE) return openPair(kernel, dev)
  setCarrier(kernel, dev, true)
  return 0
}
