/** States of a neighbour, as NDA_STATE has them. Source: uapi linux/neighbour.h. */
export const NUD_NONE = 0
export const NUD_INCOMPLETE = 0x01
export const NUD_REACHABLE = 0x02
export const NUD_STALE = 0x04
export const NUD_DELAY = 0x08
export const NUD_PROBE = 0x10
export const NUD_FAILED = 0x20
export const NUD_NOARP = 0x40
export const NUD_PERMANENT = 0x80

/** Its hardware address is there to be used. */
export const NUD_VALID = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY
/** It is used without a doubt. */
export const NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE
/** Time changes it. */
export const NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE

/** Flags of a neighbour (NTF_*) that are kept. */
export const NTF_EXT_LEARNED = 0x10
/** Extended: somebody else looks whether the neighbour is there. */
export const NTF_EXT_EXT_VALIDATED = 0x04
export const NTF_ROUTER = 0x80

/** How an update is meant. */
/** Replaces an address that is known. */
export const UPDATE_OVERRIDE = 0x1
/** Does not replace the address of a neighbour that is known to be there, but begins to doubt it. */
export const UPDATE_WEAK_OVERRIDE = 0x2
/** Says whether it is a router, see UPDATE_ROUTER. */
export const UPDATE_OVERRIDE_ROUTER = 0x4
export const UPDATE_ROUTER = 0x8
/** Its flags have changed: that is told even if nothing else has. */
export const UPDATE_TOLD = 0x20
/** Asked for by an administrator. */
export const UPDATE_ADMIN = 0x10
