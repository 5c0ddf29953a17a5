import {
  checkAttrs,
  errno,
  NETDEV_PAGE_POOL,
  NETDEV_PAGE_POOL_INFO,
  NETDEV_PAGE_POOL_STATS,
  policyOf,
  STRICT,
  type Writer,
} from '@netkit/netlink'
import type { PagePool } from '../../net/page-pool.ts'
import type { PagePoolStats } from '../../net/page-pool-stats.ts'
import { type GenlCall, missing, reply, requireAttrs } from '../call.ts'
import { findNested } from '../nested.ts'
import { DeviceDump, FailedDump, type WriteRecord } from '../record-dump.ts'
import { writeProvider } from './provider.ts'

const P = NETDEV_PAGE_POOL.ids
const I = NETDEV_PAGE_POOL_INFO.ids
const S = NETDEV_PAGE_POOL_STATS.ids

/** What a dump of statistics can be narrowed down to. */
const OF_DEVICE = policyOf(NETDEV_PAGE_POOL_INFO, { ifindex: true })

const NS_PER_S = 1_000_000_000n

const COUNTERS: readonly (keyof PagePoolStats)[] = [
  'allocFast',
  'allocSlow',
  'allocSlowHighOrder',
  'allocEmpty',
  'allocRefill',
  'allocWaive',
  'recycleCached',
  'recycleCacheFull',
  'recycleRing',
  'recycleRingFull',
  'recycleReleasedRefcnt',
]

/** Source: spec 01 §4.6. */
export function writePagePool(w: Writer, pool: PagePool): void {
  w.attrUint(P.id, pool.id)
  if (!pool.orphaned) w.attrU32(P.ifindex, pool.device?.ifindex ?? 0)
  if (pool.napi !== undefined && pool.napi.id !== 0) w.attrUint(P.napiId, pool.napi.id)
  w.attrUint(P.inflight, pool.inflight)
  w.attrUint(P.inflightMem, pool.inflightMem)
  if (pool.detachedAt !== undefined) w.attrUint(P.detachTime, Number(pool.detachedAt / NS_PER_S))
  writeProvider(w, pool.provider, P)
}

function writePagePoolStats(w: Writer, pool: PagePool): void {
  const info = w.beginNest(S.info)
  w.attrUint(I.id, pool.id)
  if (!pool.orphaned) w.attrU32(I.ifindex, pool.device?.ifindex ?? 0)
  w.end(info)
  for (const counter of COUNTERS) w.attrUint(S[counter], pool.stats[counter])
}

/** The pool with an id, if its device is in the requester's namespace. */
function wantedPool({ req, kernel }: GenlCall, attr: number): PagePool | undefined {
  const pool = kernel.pagePools.get(req.uint(attr))
  return pool?.device?.ns === req.ns ? pool : undefined
}

function dumpPools(call: GenlCall, ifindex: number, write: (w: Writer, pool: PagePool) => void): number {
  const { req } = call
  const only = ifindex === 0 ? undefined : req.u32(ifindex)
  return req.socket.startDump(
    // The newest first, as Linux lists them.
    new DeviceDump(call, only, (dev) =>
      (dev.pagePools ?? []).toReversed().map(
        (p): WriteRecord =>
          (w) =>
            write(w, p),
      ),
    ),
  )
}

export function getPagePool(call: GenlCall): number {
  const { req, attrs } = call
  const error = requireAttrs(req, attrs, [P.id])
  if (error !== 0) return error
  const pool = wantedPool(call, attrs[P.id])
  return pool ? reply(call, (w) => writePagePool(w, pool)) : -errno.ENOENT
}

export const dumpPagePools = (call: GenlCall): number => dumpPools(call, call.attrs[P.ifindex], writePagePool)

export function getPagePoolStats(call: GenlCall): number {
  const { req, attrs } = call
  const error = requireAttrs(req, attrs, [S.info])
  if (error !== 0) return error
  const info = findNested(req, attrs[S.info], NETDEV_PAGE_POOL_INFO.policy.maxId)
  if (info[I.id] === 0) return missing(req, I.id, attrs[S.info])
  if (info[I.ifindex] !== 0) return req.refuse(errno.EINVAL, 'selecting by ifindex not supported', info[I.ifindex])
  const pool = wantedPool(call, info[I.id])
  return pool ? reply(call, (w) => writePagePoolStats(w, pool)) : -errno.ENOENT
}

/** By the device at most; a dump of one pool is refused at its end. */
export function dumpPagePoolStats(call: GenlCall): number {
  const { req, attrs } = call
  if (attrs[S.info] === 0) return dumpPools(call, 0, writePagePoolStats)
  const info = new Int32Array(OF_DEVICE.maxId + 1)
  const error = checkAttrs(req, attrs[S.info] + 4, req.attrEnd(attrs[S.info]), OF_DEVICE, STRICT, info)
  if (error !== 0) return req.socket.startDump(new FailedDump(req, error))
  return dumpPools(call, info[I.ifindex], writePagePoolStats)
}
