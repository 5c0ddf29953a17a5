import type { BpfDoor } from './bpf.ts'
import type { CopiesDoor } from './copies.ts'
import type { EthtoolIoctlDoor } from './ethtool-ioctl.ts'
import type { HardwareDoor } from './hardware.ts'
import type { MemoryDoor } from './memory.ts'
import type { NamespacesDoor } from './namespaces.ts'
import type { NetlinkDoor, NetlinkSocketOptions } from './netlink.ts'
import type { PacketDoor } from './packet.ts'
import type { SocketsDoor } from './sockets.ts'
import type { StreamsDoor } from './streams.ts'
import type { SysctlDoor } from './sysctl.ts'
import type { XskDoor } from './xsk.ts'
import type { ZcrxDoor } from './zcrx.ts'

/**
 * Everything through which a client reaches a kernel, embedded or the machine's own. A kernel that lacks a door has it
 * undefined.
 */
export interface KernelDoors extends AsyncDisposable {
  /** `embedded` or `linux`. */
  readonly kind: string
  /** Release that the kernel answers as, e.g. `7.3`. */
  readonly release: string
  netlink(options: NetlinkSocketOptions): Promise<NetlinkDoor>
  readonly namespaces: NamespacesDoor
  readonly bpf?: BpfDoor
  readonly ethtoolIoctl?: EthtoolIoctlDoor
  readonly hardware?: HardwareDoor
  readonly packets?: PacketDoor
  /** What was copied of packets: the embedded kernel only. */
  readonly copies?: CopiesDoor
  readonly inetSockets?: SocketsDoor
  /** Sockets of TCP. */
  readonly streams?: StreamsDoor
  readonly sysctl?: SysctlDoor
  /** Memory shared with the kernel, and what needs it. */
  readonly memory?: MemoryDoor
  readonly xsk?: XskDoor
  readonly zcrx?: ZcrxDoor
  close(): Promise<void>
}

/** Makes a connection to a kernel: what `connect` of the SDK is handed. */
export type KernelProvider = () => Promise<KernelDoors>
