/** Constants of neighbours: uapi linux/neighbour.h and linux/rtnetlink.h, in their spelling. */
export const RTM_NEWNEIGH = 28
export const RTM_DELNEIGH = 29
export const RTM_GETNEIGH = 30
export const RTNLGRP_NEIGH = 3

export const NTF_USE = 0x01
export const NTF_SELF = 0x02
export const NTF_MASTER = 0x04
export const NTF_PROXY = 0x08
export const NTF_EXT_LEARNED = 0x10
export const NTF_OFFLOADED = 0x20
export const NTF_STICKY = 0x40
export const NTF_ROUTER = 0x80
/** In NDA_FLAGS_EXT. */
export const NTF_EXT_MANAGED = 0x01
export const NTF_EXT_LOCKED = 0x02
export const NTF_EXT_VALIDATED = 0x04
