import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from '../../uapi/route.ts'
import type { RouteMessage } from '../family.ts'
import { ROUTE, ROUTE_HEADER } from './route.ts'

const route = (type: number, c: string): RouteMessage => ({ type, c, header: ROUTE_HEADER, attrs: ROUTE })

export const RT_ROUTE = {
  newroute: route(RTM_NEWROUTE, 'RTM_NEWROUTE'),
  delroute: route(RTM_DELROUTE, 'RTM_DELROUTE'),
  getroute: route(RTM_GETROUTE, 'RTM_GETROUTE'),
} as const
