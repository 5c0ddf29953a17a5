import type { Address, Addresses } from '../../ip/addresses.ts'
import type { Neighbour, Neighbours } from '../../ip/neighbours.ts'
import type { Route, Routes } from '../../ip/routes.ts'
import type { Rule, Rules } from '../../ip/rules.ts'
import type { Namespace } from '../../places/namespace.ts'
import { orNothing } from '../../request/or-nothing.ts'

/** The parts of a connection that tell of IP. */
export interface IpContext {
  readonly addresses: Addresses
  readonly neighbours: Neighbours
  readonly routes: Routes
  readonly rules: Rules
}

/** What IP has in a namespace. */
export interface FoundIp {
  readonly addresses: readonly Address[]
  /** Neighbours and proxies. */
  readonly neighbours: readonly Neighbour[]
  /** Of all tables. */
  readonly routes: readonly Route[]
  /** Of both families. */
  readonly rules: readonly Rule[]
}

/** Kernels without a family, or without policy rules. */
const UNKNOWN = ['EOPNOTSUPP', 'EAFNOSUPPORT'] as const

/** Asks for all of it. */
export async function findIp(ip: IpContext, namespace: Namespace, signal: AbortSignal | undefined): Promise<FoundIp> {
  const where = { in: namespace, signal }
  const all = async <T>(...asked: Promise<readonly T[]>[]): Promise<T[]> =>
    (await Promise.all(asked.map((one) => orNothing(one, ...UNKNOWN)))).flatMap((list) => list ?? [])
  return {
    addresses: await all(ip.addresses.list(where)),
    neighbours: await all(ip.neighbours.list(where), ip.neighbours.list({ ...where, proxy: true })),
    routes: await all(ip.routes.list({ ...where, table: 'all' })),
    rules: await all(ip.rules.list({ ...where, family: 'inet' }), ip.rules.list({ ...where, family: 'inet6' })),
  }
}
