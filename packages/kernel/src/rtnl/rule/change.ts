import { AF_INET, errno, FIB_RULE_PERMANENT, FR_ACT_TO_TBL, NLM_F_EXCL, RULE } from '@netkit/netlink'
import { insertRule } from '../../net/ip/rules.ts'
import { tableOf } from '../../net/ip/tables.ts'
import type { Request } from '../../net/request.ts'
import type { FamilyRoutes, Rule } from '../../net/route.ts'
import { sameWords } from '../../prefix/words.ts'
import { type RuleRequest, readRule } from './request.ts'

const R = RULE.ids
const ECN_BITS = 0x03
const ANY_UID = 0xffff_ffff

/** RTM_NEWRULE. */
export function newRule(req: Request): number {
  const read = readRule(req)
  if (typeof read === 'number') return read
  const { routes, at } = read
  if ((req.flags & NLM_F_EXCL) !== 0 && routes.rules.some((one) => isSame(one, read.rule))) return -errno.EEXIST
  const refused = checkLabels(req, at, routes) || checkTos(req, at, read.rule)
  if (refused !== 0) return refused
  const rule = withTable(req, routes, read.rule)
  if (typeof rule === 'number') return rule
  insertRule(routes, rule)
  routes.ruled = true
  const { kernel } = req.socket
  kernel.changes++
  kernel.announce.rule(req.ns, rule, 'new', req)
  return 0
}

/** RTM_DELRULE: removes the first rule that is meant. */
export function delRule(req: Request): number {
  const read = readRule(req)
  if (typeof read === 'number') return read
  const { routes, rule, saysPriority } = read
  const found = saysUnknown(read) ? undefined : routes.rules.find((one) => isMeant(one, rule, saysPriority))
  if (!found) return -errno.ENOENT
  if ((found.flags & FIB_RULE_PERMANENT) !== 0) return -errno.EPERM
  routes.rules.splice(routes.rules.indexOf(found), 1)
  // IPv6 looks at the rules only when one was added.
  if (routes.family === AF_INET) routes.ruled = true
  const { kernel } = req.socket
  kernel.changes++
  kernel.announce.rule(req.ns, found, 'gone', req)
  return 0
}

/** Whether a request asks for what no rule has here: flow labels, or some bits of no type of service. */
function saysUnknown({ at, rule }: RuleRequest): boolean {
  const labels = at[R.flowlabel] !== 0 || at[R.flowlabelMask] !== 0
  return labels || (!rule.dscp && at[R.dscpMask] !== 0)
}

function checkLabels(req: Request, at: Int32Array, { family }: FamilyRoutes): number {
  const [label, mask] = [at[R.flowlabel], at[R.flowlabelMask]]
  if (label === 0 && mask === 0) return 0
  if (family === AF_INET) {
    return req.refuse(errno.EINVAL, 'Flow label cannot be specified for IPv4 FIB rules')
  }
  if (label !== 0 && mask !== 0) return req.refuse(errno.EOPNOTSUPP, 'Flow labels in rules are not supported')
  req.extack.missType = label === 0 ? R.flowlabel : R.flowlabelMask
  return -errno.EINVAL
}

function checkTos(req: Request, at: Int32Array, { tos, dscp }: Rule): number {
  const given = req.bytes[req.start + 16 + 3]
  if ((given & ECN_BITS) !== 0) return req.refuse(errno.EINVAL, 'Invalid dsfield (tos): ECN bits must be 0')
  if (!dscp) {
    if (at[R.dscpMask] === 0) return 0
    return req.refuse(errno.EINVAL, 'Cannot specify DSCP mask without DSCP value', at[R.dscpMask])
  }
  if (given !== 0) return req.refuse(errno.EINVAL, 'Cannot specify both TOS and DSCP')
  if (at[R.dscpMask] === 0 || ((tos >> 2) & ~req.u8(at[R.dscpMask])) === 0) return 0
  return req.refuse(errno.EINVAL, 'Invalid DSCP mask', at[R.dscpMask])
}

/** A rule that asks a table makes it. IPv4 takes one that is not there where none is said. */
function withTable(req: Request, routes: FamilyRoutes, rule: Rule): Rule | number {
  if (rule.action !== FR_ACT_TO_TBL || rule.l3mdev) return rule
  if (routes.family === AF_INET) return rule.table === 0 ? { ...rule, table: emptyTable(routes) } : rule
  if (rule.table === 0) return req.refuse(errno.EINVAL, 'Invalid table')
  tableOf(routes, rule.table)
  return rule
}

function emptyTable(routes: FamilyRoutes): number {
  let id = 1
  while (routes.tables.has(id)) id++
  tableOf(routes, id)
  return id
}

const SELECTORS = [
  'iifname',
  'oifname',
  'mark',
  'mask',
  'suppressLength',
  'suppressGroup',
  'tunId',
  'l3mdev',
  'uidStart',
  'uidEnd',
  'ipProto',
  'protocol',
  'sport',
  'sportMask',
  'dport',
  'dportMask',
] as const satisfies readonly (keyof Rule)[]

const NOT_SAID: Readonly<Partial<Record<keyof Rule, unknown>>> = {
  suppressLength: -1,
  suppressGroup: -1,
  uidEnd: ANY_UID,
}

const isSaid = (rule: Rule, key: keyof Rule): boolean => {
  const value = rule[key]
  return key in NOT_SAID
    ? value !== NOT_SAID[key]
    : value !== undefined && value !== 0 && value !== 0n && value !== false
}

/** Whether a rule is the same as one that is wanted, as far as Linux compares them: what the family's part does not say may be anything. */
const isSame = (one: Rule, rule: Rule): boolean =>
  one.action === rule.action &&
  one.table === rule.table &&
  one.priority === rule.priority &&
  SELECTORS.every((key) => one[key] === rule[key]) &&
  fits(one, rule)

/** Whether a rule is one that a request to delete speaks of: what it does not say may be anything. */
const isMeant = (one: Rule, rule: Rule, saysPriority: boolean): boolean =>
  (rule.action === 0 || one.action === rule.action) &&
  (rule.table === 0 || one.table === rule.table) &&
  (!saysPriority || one.priority === rule.priority) &&
  SELECTORS.every((key) => !isSaid(rule, key) || one[key] === rule[key]) &&
  fits(one, rule)

/** What the families compare: prefixes, the type of service, the realm, where they are said. */
function fits(one: Rule, rule: Rule): boolean {
  if (rule.srcLength > 0 && (one.srcLength !== rule.srcLength || !sameWords(one.src, rule.src))) return false
  if (rule.dstLength > 0 && (one.dstLength !== rule.dstLength || !sameWords(one.dst, rule.dst))) return false
  const saysTos = rule.dscp || rule.tos !== 0
  if (saysTos && (one.dscp !== rule.dscp || one.tos !== rule.tos || one.tosMask !== rule.tosMask)) return false
  return rule.realm === 0 || one.realm === rule.realm
}
