import type { KernelProvider } from '@netkit/netlink'
import { LinuxDoors } from './doors.ts'
import { calls } from './ffi/calls.ts'

/**
 * The kernel of this machine, for `connect`. Each connection has its own sockets and open namespaces, and closes them when
 * it is closed. Rejects with NoLinuxError where there is none that it can call: no Linux, another architecture than x64
 * and arm64, or koffi left out.
 *
 *     await using kernel = await connect(linux())
 */
export const linux = (): KernelProvider => async () => new LinuxDoors(await calls())
