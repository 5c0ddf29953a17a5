import type { RestartStep } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { nicState } from './state.ts'

/** A step of a queue's restart that is to fail. Source of what follows from it: spec 03 §1.7. */
export interface RestartFault {
  readonly queue: number
  readonly step: RestartStep
  readonly errno: number
  /** How often the step is still to be done; it fails the last time. */
  left: number
}

/** A step of a restart begins: the errno, negative, with which it has to fail, or 0. */
export function takeFault(dev: Device, queue: number, step: RestartStep): number {
  const state = nicState(dev)
  if (state.faults.length === 0) return 0
  let error = 0
  for (const fault of state.faults) {
    if (fault.queue === queue && fault.step === step && --fault.left === 0) error = -fault.errno
  }
  state.faults = state.faults.filter((fault) => fault.left > 0)
  return error
}
