import type { Policy } from '../../attr/policy.ts'
import { policyOf } from '../../attr/table.ts'
import { RULE } from './rule.ts'

const NAME: Policy = { type: 'string', max: 15 }
const DSCP: Policy = { type: 'u8', max: 63n }
const pair = (bytes: number): Policy => ({ type: 'unspec', min: bytes })

/** What is checked of rules in requests. Source: what Linux 7.3 answers. */
export const RULE_POLICY = {
  ...policyOf(RULE, {
    iifname: NAME,
    oifname: NAME,
    goto: true,
    priority: true,
    fwmark: true,
    flow: true,
    tunId: true,
    suppressIfgroup: true,
    suppressPrefixlen: true,
    table: true,
    fwmask: true,
    l3mdev: true,
    uidRange: pair(8),
    protocol: true,
    ipProto: true,
    sportRange: pair(4),
    dportRange: pair(4),
    dscp: DSCP,
    flowlabel: { type: 'be32' },
    flowlabelMask: { type: 'be32' },
    sportMask: true,
    dportMask: true,
    dscpMask: DSCP,
  }),
  /** Attributes from here on are checked strictly. */
  strictFrom: RULE.ids.dscp,
}
