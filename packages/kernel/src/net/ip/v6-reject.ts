import { IFF_LOOPBACK, RTN_BLACKHOLE, RTN_LOCAL, RTN_THROW } from '@netkit/netlink'
import type { Device } from '../device.ts'
import type { Route } from '../route.ts'
import { isLoopback6 } from './v6-scope.ts'

/** Types of routes that lead nowhere. */
export const rejects = (type: number): boolean => type >= RTN_BLACKHOLE && type <= RTN_THROW

/** Whether a route leads nowhere: by its type, or because it would lead from the loopback to itself. */
export function leadsNowhere({ type, dst }: Pick<Route, 'type' | 'dst'>, dev: Device | undefined): boolean {
  if (rejects(type)) return true
  if (type === RTN_LOCAL || isLoopback6(dst)) return false
  return ((dev?.flags ?? 0) & IFF_LOOPBACK) !== 0
}
