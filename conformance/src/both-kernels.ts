import { embedded } from '@netkit/kernel'
import { linux } from '@netkit/linux'
import type { KernelProvider } from '@netkit/netlink'

const isRoot = process.platform === 'linux' && process.getuid?.() === 0
/** The guest is there for what the real kernel does. */
const isGuest = process.env.NETKIT_GUEST_TESTS !== undefined

/** The kernels that the same calls are made on: the machine's own must be driven as root. */
export const BOTH_KERNELS: readonly { readonly name: string; readonly open: () => KernelProvider }[] = [
  ...(isGuest ? [] : [{ name: 'embedded', open: embedded }]),
  ...(isRoot ? [{ name: 'linux', open: linux }] : []),
]
