import { RTM_DELNSID, RTM_GETNSID, RTM_NEWNSID } from '../../uapi/rtnetlink.ts'
import type { RouteMessage } from '../family.ts'
import { NSID, NSID_HEADER } from './nsid.ts'

const nsid = (type: number, c: string): RouteMessage => ({ type, c, header: NSID_HEADER, attrs: NSID })

export const RT_NSID = {
  newnsid: nsid(RTM_NEWNSID, 'RTM_NEWNSID'),
  delnsid: nsid(RTM_DELNSID, 'RTM_DELNSID'),
  getnsid: nsid(RTM_GETNSID, 'RTM_GETNSID'),
} as const
