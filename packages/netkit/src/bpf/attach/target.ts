import type { AttachName } from '@netkit/bpf'
import type { NamespaceHandle } from '@netkit/netlink'
import type { Devices } from '../../devices/devices.ts'
import { type DeviceSelector, placeOf } from '../../devices/selector.ts'
import type { NamespaceTarget } from '../../places/namespace.ts'
import type { BpfCalls } from '../calls.ts'

/** Where programs are attached. */
export interface AttachTarget {
  /** Of a netkit pair always the primary, also for `netkit_peer`. */
  readonly device: DeviceSelector
  readonly at: AttachName
  /** The namespace that the device is looked up in. Default: the one that the client itself lives in. */
  readonly in?: NamespaceTarget
}

/** Runs `act` with the index of the device, and the namespace that it is in. Rejects with KernelError ENODEV. */
export async function atDevice<T>(
  calls: BpfCalls,
  devices: Devices,
  { device, in: wanted }: Pick<AttachTarget, 'device' | 'in'>,
  act: (ifindex: number, namespace: NamespaceHandle | undefined) => Promise<T>,
): Promise<T> {
  const target = placeOf(device, wanted)
  const ifindex = typeof device === 'number' ? device : (await devices.get(device, { in: target })).ifindex
  return await calls.within(target, (namespace) => act(ifindex, namespace))
}
