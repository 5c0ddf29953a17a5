import type { KernelProvider } from '@netkit/netlink'
import type { Kernel } from 'netkit'

/** The hardware around a kernel: where the kinds differ, and the only place. */
export interface Lab {
  /** A physical NIC appears in the namespace of this name, as `eth%d`. */
  plug(namespace: string, queues: number): Promise<void>
  /** The NIC of this device is pulled out. */
  unplug(namespace: string, device: string): Promise<void>
  /** Pulls out what is left. */
  clear(): Promise<void>
}

/** A kernel that the suite can run on. */
export interface KernelKind {
  readonly name: string
  readonly provider: () => KernelProvider
  readonly lab: (kernel: Kernel) => Lab
  /** Milliseconds without an event after which there will be no more: real kernels put off news of carriers for a second. */
  readonly quiet: number
  /** Rows that this kernel cannot be asked about, by their names, and why. */
  readonly skips: Readonly<Record<string, string>>
}
