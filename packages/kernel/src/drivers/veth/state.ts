import type { Device } from '../../net/device.ts'

/** What a veth device has of its own. */
export interface VethState {
  peer: Device | undefined
}

export const makeVethState = (): VethState => ({ peer: undefined })
export const vethState = (dev: Device): VethState => dev.priv as VethState
