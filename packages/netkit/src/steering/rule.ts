import type { FLOWS } from './layout.ts'

export type FlowType = keyof typeof FLOWS

/** What a packet must have, exactly, or in the bits of a mask. */
export type Match<T> = T | { readonly value: T; readonly mask: T }

/** What a rule compares; what is absent may be anything. Which of it there is depends on the kind of traffic. */
export interface RuleMatch {
  /** Source and destination address, `10.0.0.1`, or a prefix, `10.0.0.0/8`. */
  readonly srcIp?: Match<string>
  readonly dstIp?: Match<string>
  readonly srcPort?: Match<number>
  readonly dstPort?: Match<number>
  /** Type of service of IPv4, traffic class of IPv6. */
  readonly tos?: Match<number>
  readonly tclass?: Match<number>
  /** Protocol behind the IP header, of `ip4` and `ip6`, and the first four bytes behind it. */
  readonly l4proto?: Match<number>
  readonly l4Bytes?: Match<number>
  /** Security parameter index, of AH and ESP. */
  readonly spi?: Match<number>
  /** Hardware addresses and ethertype, of `ether`. */
  readonly src?: Match<string>
  readonly dst?: Match<string>
  readonly proto?: Match<number>
  /** Destination hardware address, of traffic other than `ether`. */
  readonly dstMac?: Match<string>
  /** VLAN tag control information, and its ethertype. */
  readonly vlan?: Match<number>
  readonly vlanEtype?: Match<number>
}

/** What becomes of a packet that matches. */
export type RuleAction = { readonly queue: number } | 'drop' | 'wake'

/** A rule that steers received packets, before RSS has its say (n-tuple filter). */
export interface SteeringRule {
  /** Place in the device's table; lower ones go first. */
  readonly location: number
  readonly flow: FlowType
  readonly match: RuleMatch
  readonly action: RuleAction
}

/** A rule to add. `location` absent: the device chooses, or the last free place is taken. */
export type NewRule = Omit<SteeringRule, 'location'> & { readonly location?: number }
