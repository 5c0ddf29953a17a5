import type { Place } from './actual.ts'
import type { StateChange } from './changes.ts'
import { type Draft, lostKey } from './draft.ts'
import { type Listed, listChanges, planList } from './ip/list-plan.ts'
import { plainRoute, routeFamily, routeKey, routeNow, routeText, sameRoute } from './ip/route.ts'
import { plainRule, ruleKey, ruleNow, ruleText } from './ip/rule.ts'
import type { RouteState, RuleState } from './schema/schema.ts'
import type { PlaceTarget } from './targets.ts'

type ListedRoute = Listed<RouteState> & { readonly lost: boolean }

/** Makes the routes of a namespace as declared; returns what is not. Of others' routes none is touched. */
export function planRoutes(draft: Draft, target: PlaceTarget, place: Place | undefined): StateChange[] {
  const there = place ? listedRoutes(draft, place) : []
  const declared = target.state.routes?.map(plainRoute)
  const wanted = declared ?? leftovers(draft, target, there, (one) => `route ${routeText(one)}`)
  if (!wanted) return []
  declared?.forEach((route, i) => {
    refuseUnknownDevices(draft, target, route, [...target.path, 'routes', i])
  })
  const matter = withoutForeign(draft, target, wanted, there)
  const standing = matter.filter((one) => !one.lost)
  const plan = planList(wanted, standing, routeKey, sameRoute)
  const base = { of: target.label, netns: place ? place.netns : target.netns, protocol: draft.protocol }
  for (const route of plan.remove) draft.add('unroute', { ...base, do: 'route remove', route })
  for (const { from, to } of plan.change) {
    // Routes of IPv6 that lead somewhere are not replaced by such that do not, nor the other way round.
    const apart = routeFamily(to) === 'inet6' && from.type !== to.type
    if (apart) draft.add('unroute', { ...base, do: 'route remove', route: from })
    draft.add('routes', { ...base, do: apart ? 'route add' : 'route replace', route: to })
  }
  for (const route of inOrder(plan.give)) draft.add('routes', { ...base, do: 'route add', route })
  return listChanges('routes', planList(wanted, matter, routeKey, sameRoute), routeText)
}

/** Routers are behind routes that lead to them. */
const inOrder = (routes: readonly RouteState[]): readonly RouteState[] => [
  ...routes.filter((one) => one.via === undefined && !one.nexthops),
  ...routes.filter((one) => one.via !== undefined || one.nexthops),
]

/** Without a list, what bears the set's number is left over: it goes with `prune`, and is told of otherwise. */
function leftovers<T>(
  { prune, undeclared }: Draft,
  { netns }: PlaceTarget,
  there: readonly Listed<T>[],
  text: (one: T) => string,
): readonly T[] | undefined {
  const ours = there.filter((one) => one.ours)
  if (ours.length === 0) return undefined
  if (prune) return []
  const where = netns === undefined ? '' : ` in ${netns}`
  for (const { state } of ours) undeclared.push(`${text(state)}${where}`)
  return undefined
}

/** The routes of a namespace that a document can say. Those with its number through devices of another set are the other's. */
function listedRoutes(draft: Draft, place: Place): ListedRoute[] {
  const devices = new Map(
    draft.actual.devices.filter((one) => one.netns === place.netns).map((one) => [one.device.ifindex, one]),
  )
  const nameOf = (ifindex: number): string | undefined => {
    if (ifindex === place.lo?.ifindex) return 'lo'
    const found = devices.get(ifindex)
    return found && (draft.targetOf(found)?.name ?? found.device.name)
  }
  return place.ip.routes.flatMap((route) => {
    const state = routeNow(route, nameOf)
    if (!state) return []
    const through = route.nexthops.flatMap(({ ifindex }) => devices.get(ifindex ?? 0) ?? [])
    const others = through.some(({ mark }) => mark !== undefined && mark.set !== draft.set)
    const bare = route.family === 'inet' && through.some((one) => draft.bare.has(one))
    const sourceless = route.prefsrc !== undefined && draft.lost.has(lostKey(place.netns, route.prefsrc))
    const lost = bare || sourceless || through.some((one) => draft.loses(one))
    return [{ state, ours: route.protocol === draft.protocol && !others, lost }]
  })
}

/** Refuses to take another's route away, which has the network, the table and the metric; `adopt` replaces it. */
function withoutForeign(
  draft: Draft,
  target: PlaceTarget,
  wanted: readonly RouteState[],
  there: readonly ListedRoute[],
): readonly ListedRoute[] {
  const mine = new Set(there.filter((one) => one.ours).map(({ state }) => routeKey(state)))
  return there.filter((one) => {
    if (one.ours) return true
    const key = routeKey(one.state)
    const at = wanted.findIndex((want) => routeKey(want) === key)
    if (at < 0 || mine.has(key)) return false
    if (draft.adopt || one.lost || sameRoute(wanted[at], one.state)) return true
    draft.faults.push({
      path: [...target.path, 'routes', at],
      message: `cannot be had: ${routeText(one.state)} is there, which is not of this set; another metric, or --adopt, which replaces it`,
    })
    return true
  })
}

function refuseUnknownDevices(draft: Draft, target: PlaceTarget, route: RouteState, path: (string | number)[]): void {
  const names = draft.namesIn(target.netns)
  const refuse = (dev: string | undefined, at: (string | number)[]) => {
    if (dev === undefined || names.has(dev)) return
    const where = target.netns === undefined ? 'here' : `in namespace ${target.netns}`
    draft.faults.push({
      path: [...at, 'dev'],
      message: `must be a device that is there or declared ${where}, not '${dev}'`,
    })
  }
  refuse(route.dev, path)
  route.nexthops?.forEach(({ dev }, i) => {
    refuse(dev, [...path, 'nexthops', i])
  })
}

/** Makes the rules of a namespace as declared; returns what is not. */
export function planRules(draft: Draft, target: PlaceTarget, place: Place | undefined): StateChange[] {
  const there: Listed<RuleState>[] = (place?.ip.rules ?? []).flatMap((rule) => {
    const state = ruleNow(rule)
    return state ? [{ state, ours: rule.protocol === draft.protocol }] : []
  })
  const wanted = target.state.rules?.map(plainRule) ?? leftovers(draft, target, there, (one) => `rule ${ruleText(one)}`)
  if (!wanted) return []
  const plan = planList(wanted, there, ruleKey, () => true)
  const base = { of: target.label, netns: place ? place.netns : target.netns, protocol: draft.protocol }
  for (const rule of plan.remove) draft.add('unrule', { ...base, do: 'rule remove', rule })
  for (const rule of plan.give) draft.add('rules', { ...base, do: 'rule add', rule })
  return listChanges('rules', plan, ruleText)
}
