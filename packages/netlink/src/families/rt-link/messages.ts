import {
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_SETLINK,
} from '../../uapi/rtnetlink.ts'
import type { RouteMessage } from '../family.ts'
import { LINK_HEADER } from './header.ts'
import { LINK } from './link.ts'

const link = (type: number, c: string): RouteMessage => ({ type, c, header: LINK_HEADER, attrs: LINK })

export const RT_LINK = {
  newlink: link(RTM_NEWLINK, 'RTM_NEWLINK'),
  dellink: link(RTM_DELLINK, 'RTM_DELLINK'),
  getlink: link(RTM_GETLINK, 'RTM_GETLINK'),
  setlink: link(RTM_SETLINK, 'RTM_SETLINK'),
  newlinkprop: link(RTM_NEWLINKPROP, 'RTM_NEWLINKPROP'),
  dellinkprop: link(RTM_DELLINKPROP, 'RTM_DELLINKPROP'),
} as const
