import {
  AF_INET,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RTN_BROADCAST,
  RTN_MULTICAST,
  RTN_UNICAST,
} from '@netkit/netlink'
import type { Device } from '../device.ts'
import type { NetNamespace } from '../namespace.ts'
import { Flow, sharedFound } from './flow.ts'
import { inTable } from './lookup.ts'

/** The least scope that a route of each type may have. */
export const LEAST_SCOPE: readonly number[] = [
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_NOWHERE,
]

/** 0.0.0.0. The rest of 0.0.0.0/8 are addresses like others. */
export const isZeronet = (address: number): boolean => address === 0
/** 127.0.0.0/8. */
export const isLoopback = (address: number): boolean => address >>> 24 === 127
/** 224.0.0.0/4. */
export const isMulticast = (address: number): boolean => address >>> 28 === 14
/** 255.255.255.255. */
export const isLimitedBroadcast = (address: number): boolean => address === -1

const flow = new Flow()
const found = sharedFound()

/** What an address is to this namespace, RTN_*. `dev`: only what is so on that device counts. */
export function addressType(ns: NetNamespace, address: number, dev?: Device, table = RT_TABLE_LOCAL): number {
  if (isZeronet(address) || isLimitedBroadcast(address)) return RTN_BROADCAST
  if (isMulticast(address)) return RTN_MULTICAST
  const known = ns.ip.v4.tables.get(table)
  if (known === undefined) return RTN_BROADCAST
  flow.reset(AF_INET).dst[0] = address
  if (inTable(known, flow, found) !== 0 || found.route === undefined) return RTN_UNICAST
  return dev === undefined || found.nexthop?.device === dev ? found.route.type : RTN_UNICAST
}
