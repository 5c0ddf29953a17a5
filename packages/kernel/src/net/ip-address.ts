import type { Words } from '../prefix/words.ts'

/** No end: the lifetime of an address that stays. Seconds. */
export const FOREVER = 0xffff_ffff

/** What addresses of both families have. */
interface Lasting {
  prefixLength: number
  /** IFA_F_*. */
  flags: number
  scope: number
  /** Metric of the route to its prefix; 0: the family's own. */
  metric: number
  /** Who made it, IFAPROT_*; 0 is not told. */
  proto: number
  /** Seconds from `updated`; FOREVER: no end. */
  valid: number
  preferred: number
  /** Hundredths of a second on the kernel's clock. */
  created: number
  updated: number
}

/** An IPv4 address of a device; addresses as 32 bits, signed. */
export interface V4Address extends Lasting {
  local: number
  /** The other end of a point-to-point link, else the same as `local`. */
  address: number
  broadcast: number
  label: string
}

/** An IPv6 address of a device. */
export interface V6Address extends Lasting {
  readonly local: Words
  peer: Words | undefined
  /** When the next step of looking for duplicates is due, in hundredths of a second; 0: none. */
  dadAt: number
  /** Probes that are still to be sent. */
  dadProbes: number
}
