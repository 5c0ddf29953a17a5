import { RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE } from '../../uapi/route.ts'
import type { RouteMessage } from '../family.ts'
import { RULE, RULE_HEADER } from './rule.ts'

const rule = (type: number, c: string): RouteMessage => ({ type, c, header: RULE_HEADER, attrs: RULE })

export const RT_RULE = {
  newrule: rule(RTM_NEWRULE, 'RTM_NEWRULE'),
  delrule: rule(RTM_DELRULE, 'RTM_DELRULE'),
  getrule: rule(RTM_GETRULE, 'RTM_GETRULE'),
} as const
