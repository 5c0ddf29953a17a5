import { type ROUTE_SCOPES, ROUTE_TABLES } from '@netkit/netlink'
import { type IpScope, scopeName, scopeNumber } from '../../ip/addresses.ts'
import { nameIn, type RouteTableName, tableNumber } from '../../ip/routes.ts'

/** Scopes as documents call them: the widest is `global`, as with `ip`. */
export type ScopeWord = Exclude<keyof typeof ROUTE_SCOPES, 'universe'> | 'global' | number

/** The scope for the SDK, by its name where it has one. */
export const scopeOption = (word: string | number): IpScope =>
  scopeName(typeof word === 'number' ? word : scopeNumber(word === 'global' ? 0 : (word as IpScope)))

export const scopeWord = (scope: IpScope): ScopeWord => (scope === 'universe' ? 'global' : scope)

/** A table by its name where it has one. */
export const tableName = (table: string | number): RouteTableName =>
  nameIn(ROUTE_TABLES, tableNumber(table as RouteTableName))
