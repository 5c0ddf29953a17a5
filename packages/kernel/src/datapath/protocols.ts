/** Ethertypes of the protocols that a host takes. Source: uapi linux/if_ether.h. */
export const ETH_P_IP = 0x0800
export const ETH_P_ARP = 0x0806
export const ETH_P_IPV6 = 0x86dd
