/**
 * Attach types of XDP programs beyond Linux's, far from any number that it will give away. Kernels take them for unknown ones (EINVAL)
 * unless the extension `netkit-xdp` was asked for. Egress: what an AF_XDP application sends through a single device; inject: what the
 * device's own stack sends, into the application's RX ring. Source: spec 03 §8.1.
 */
export const EXTENSION_ATTACH_TYPE = { xdpNetkitEgress: 0x6e6b_0001, xdpNetkitInject: 0x6e6b_0002 } as const
