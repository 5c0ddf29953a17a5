import {
  REDIRECT_BROADCAST,
  REDIRECT_EXCLUDE_INGRESS,
  REDIRECT_MISS,
  XDP_ABORTED,
  XDP_REDIRECT,
  type XdpTarget,
  type XdpTargets,
} from '../net/xdp-run.ts'

/** Where a redirection leads: nowhere, to a device by ifindex, to an entry of a map, to all of them. */
const TO_NOTHING = 0
export const TO_IFINDEX = 1
export const TO_ENTRY = 2
export const TO_ALL = 3

const DEVICE_FLAGS = REDIRECT_BROADCAST | REDIRECT_EXCLUDE_INGRESS

/**
 * What redirect helpers note for the action XDP_REDIRECT. It is the kernel's: what one run leaves, the next finds. Entries are looked
 * up when the helper is called. Source: spec 02 §7.1.
 */
export class RedirectNote {
  kind = TO_NOTHING
  /** As Linux has it, a key too: after a miss it is what an action without a hit leads to. */
  ifindex = 0
  entry: XdpTarget | undefined
  targets: XdpTargets | undefined
  flags = 0

  toIfindex(ifindex: number, flags: number): number {
    if (flags !== 0) return XDP_ABORTED
    this.kind = TO_IFINDEX
    this.ifindex = ifindex
    return XDP_REDIRECT
  }

  /** `targets`: undefined for a map without entries here. */
  toMap(targets: XdpTargets | undefined, key: number, flags: number): number {
    const allowed = targets?.kind === 'device' ? REDIRECT_MISS | DEVICE_FLAGS : REDIRECT_MISS
    if ((flags & ~allowed) !== 0) return XDP_ABORTED
    const entry = targets?.get(key)
    const toAll = (flags & REDIRECT_BROADCAST) !== 0
    if (entry === undefined && !toAll) {
      this.kind = TO_IFINDEX
      return flags & REDIRECT_MISS
    }
    this.kind = toAll ? TO_ALL : TO_ENTRY
    this.ifindex = key
    this.entry = entry
    this.targets = targets
    this.flags = flags
    return XDP_REDIRECT
  }

  /** The verdict takes it: a second one without a helper leads nowhere. Entry and targets stay to be read. */
  take(): number {
    const { kind } = this
    this.kind = TO_NOTHING
    return kind
  }
}
