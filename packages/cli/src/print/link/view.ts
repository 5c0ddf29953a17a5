import type { LinkAttrs } from '@netkit/netlink'
import type { ProgramInfo } from 'netkit'
import type { Style } from '../style.ts'

/** What a kernel told about a device: what every line about it is made of. A `Device` of the SDK is one. */
export interface LinkMessage {
  readonly ifindex: number
  /** Hardware type, ARPHRD_*. */
  readonly type: number
  /** IFF_*. */
  readonly flags: number
  readonly attrs: Omit<LinkAttrs, 'afSpec'>
  /** Settings of the address families. */
  readonly afSpec: LinkAttrs['afSpec']
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
  /** A program by its id, where that can be asked. */
  program?(id: number): ProgramInfo | undefined
  /** Name of the namespace that has this id. */
  namespace?(nsid: number): string | undefined
}
