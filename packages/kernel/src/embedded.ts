import type { KernelProvider } from '@netkit/netlink'
import { openDoors } from './doors/open.ts'
import { Kernel, type KernelOptions } from './kernel.ts'

export interface EmbeddedOptions extends KernelOptions {
  /** A kernel that is there already. Default: a new one, shared by all connections made through the same provider. */
  readonly kernel?: Kernel
}

/**
 * The embedded kernel, for `connect`. Each connection is a client of its own: root in the initial namespace.
 *
 *     await using kernel = await connect(embedded())
 */
export function embedded(options: EmbeddedOptions = {}): KernelProvider {
  let kernel = options.kernel
  return async () => {
    kernel ??= new Kernel(options)
    return openDoors(kernel, kernel.createProcess())
  }
}
