import type { NamespaceHandle } from './namespaces.ts'

/** The ethtool commands that Linux has no netlink for: flow steering rules. Source: uapi linux/ethtool.h, SIOCETHTOOL. */
export interface EthtoolIoctlDoor {
  /**
   * Hands a command structure (its first u32 is the command, e.g. ETHTOOL_SRXCLSRLINS) to a device by name and returns the
   * structure as the kernel left it, as long as it was given. Throws KernelError: ENODEV, EOPNOTSUPP, EPERM, and what the
   * command refuses.
   */
  ethtool(device: string, command: Uint8Array, namespace?: NamespaceHandle): Promise<Uint8Array>
}
