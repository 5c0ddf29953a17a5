import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from '../../uapi/route.ts'
import type { RouteMessage } from '../family.ts'
import { ADDR, ADDR_HEADER } from './addr.ts'

const addr = (type: number, c: string): RouteMessage => ({ type, c, header: ADDR_HEADER, attrs: ADDR })

export const RT_ADDR = {
  newaddr: addr(RTM_NEWADDR, 'RTM_NEWADDR'),
  deladdr: addr(RTM_DELADDR, 'RTM_DELADDR'),
  getaddr: addr(RTM_GETADDR, 'RTM_GETADDR'),
} as const
