import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from '../../uapi/neighbour.ts'
import type { RouteMessage } from '../family.ts'
import { NEIGH, NEIGH_HEADER } from './neigh.ts'

const neigh = (type: number, c: string): RouteMessage => ({ type, c, header: NEIGH_HEADER, attrs: NEIGH })

export const RT_NEIGH = {
  newneigh: neigh(RTM_NEWNEIGH, 'RTM_NEWNEIGH'),
  delneigh: neigh(RTM_DELNEIGH, 'RTM_DELNEIGH'),
  getneigh: neigh(RTM_GETNEIGH, 'RTM_GETNEIGH'),
} as const
