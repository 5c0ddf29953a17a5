import type { NetNamespace } from '../namespace.ts'
import type { FamilyRoutes, Rule } from '../route.ts'

/** The priority of a rule that is added without one: before the second rule. */
export function defaultPriority({ rules }: FamilyRoutes): number {
  const second = rules[1]
  return second === undefined || second.priority === 0 ? 0 : second.priority - 1
}

/** Puts a rule behind those whose priority is not greater. */
export function insertRule(routes: FamilyRoutes, rule: Rule): void {
  const at = routes.rules.findIndex((one) => one.priority > rule.priority)
  routes.rules.splice(at < 0 ? routes.rules.length : at, 0, rule)
}

/** Whether the rule that a goto leads to is there. */
export const isResolved = ({ ip }: NetNamespace, { family, target }: Rule): boolean =>
  (family === ip.v4.family ? ip.v4 : ip.v6).rules.some((one) => one.priority === target)
