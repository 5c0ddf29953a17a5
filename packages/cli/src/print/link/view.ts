import type { LinkAttrs, LinkHeader } from '@netkit/netlink'
import type { Style } from '../style.ts'

/** A link message, decoded: what every line about a device is made of. */
export interface LinkMessage {
  readonly header: LinkHeader
  readonly attrs: LinkAttrs
}

/** How links are to be printed. */
export interface LinkView {
  readonly style: Style
  readonly details: boolean
  /** 0: no counters; 1: counters; 2: errors by kind too. */
  readonly statistics: number
  readonly human: boolean
  readonly iec: boolean
  /** Other devices of the namespace, to say their names and whether they are up. */
  link(ifindex: number): { readonly name: string; readonly flags: number } | undefined
  /** Name of the namespace that has this id. */
  namespace?(nsid: number): string | undefined
}
