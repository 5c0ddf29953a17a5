import type { KernelProvider } from '@netkit/netlink'
import { Kernel } from './kernel.ts'
import { FamilyIds } from './places/families.ts'
import type { KernelWarning } from './request/refusal.ts'

export interface ConnectOptions {
  /** Told what the kernel says to requests that it carries out all the same. Default: nobody is told. */
  readonly onWarning?: (warning: KernelWarning) => void
}

/**
 * Connects to a kernel: `await using kernel = await connect(embedded())`. The provider says which one; nothing is asked
 * of it before the first call.
 */
export async function connect(provider: KernelProvider, options: ConnectOptions = {}): Promise<Kernel> {
  return new Kernel({ doors: await provider(), families: new FamilyIds(), onWarning: options.onWarning })
}
