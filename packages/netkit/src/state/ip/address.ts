import { ipText } from '@netkit/netlink'
import { InputError } from '../../input/input-error.ts'
import { type Address, type AddressOptions, endsOf } from '../../ip/addresses.ts'
import { addressOf, broadcastText, networkText, type Prefix } from '../../ip/prefix.ts'
import type { AddressState } from '../schema/schema.ts'
import { scopeOption, scopeWord } from './names.ts'
import { fieldsText, present } from './text.ts'

const OP = 'address'
const ENDLESS = Number.POSITIVE_INFINITY

/** An address in the one form in which it is compared: what goes without saying is left out. Throws InputError. */
export function plainAddress(said: string | AddressState): AddressState {
  const o: AddressState = typeof said === 'string' ? { address: said } : said
  const ends = endsOf(OP, o)
  const v4 = ends.family === 'inet'
  for (const field of ['broadcast', 'label', 'scope'] as const)
    if (!v4 && o[field] !== undefined) throw new InputError(OP, field, 'is of IPv4 only')
  const [valid, preferred] = lifetimes(o)
  if (preferred > valid) throw new InputError(OP, 'preferred-lft', `must be at most valid-lft, ${valid}`)
  if (valid === 0) throw new InputError(OP, 'valid-lft', 'must be at least 1')
  const local = ipText(ends.bytes)
  const usualScope = v4 && ends.bytes[0] === 127 ? 'host' : 'global'
  const scope = o.scope === undefined ? usualScope : scopeWord(scopeOption(o.scope))
  return present({
    address: ends.peer === undefined ? `${local}/${ends.length}` : local,
    peer: ends.peer && `${ends.peer}/${ends.length}`,
    broadcast: broadcastWord(o.broadcast, ends),
    label: o.label,
    scope: scope === usualScope ? undefined : scope,
    metric: o.metric,
    'valid-lft': valid === ENDLESS ? undefined : valid,
    'preferred-lft': preferred === valid ? undefined : preferred,
    nodad: o.nodad || undefined,
    noprefixroute: o.noprefixroute || undefined,
  })
}

function broadcastWord(said: string | undefined, ends: Prefix): string | undefined {
  if (said === undefined || said === '+') return said
  const address = ipText(addressOf(OP, 'broadcast', said))
  return address === broadcastText(ends) ? '+' : address
}

const lifetimes = (o: AddressState): [valid: number, preferred: number] => {
  const valid = o['valid-lft'] ?? ENDLESS
  return [valid, o['preferred-lft'] ?? valid]
}

/** An address that a device has. `device`: how it is called, as its addresses are unless they are called otherwise. */
export function addressNow(a: Address, device: string): AddressState {
  const v4 = a.family === 'inet'
  return plainAddress({
    address: a.peer === undefined ? `${a.address}/${a.prefixLength}` : a.address,
    peer: a.peer && `${a.peer}/${a.prefixLength}`,
    broadcast: a.broadcast,
    label: a.label === device ? undefined : a.label,
    scope: v4 ? scopeWord(a.scope) : undefined,
    metric: a.metric,
    'valid-lft': a.validLifetime,
    'preferred-lft': a.preferredLifetime,
    nodad: a.flags.includes('nodad'),
    noprefixroute: a.flags.includes('noprefixroute'),
  })
}

/** The kernel made it: for itself, by what a router said, or as a link-local or temporary one. It does not say so of 127.0.0.1. */
export const isKernelMade = ({ address, attrs, family, flags }: Address): boolean =>
  String(attrs.proto).startsWith('kernel-') ||
  (family === 'inet6' && flags.includes('secondary')) ||
  (address === '127.0.0.1' && attrs.proto === undefined)

/** What cannot be changed of an address that is there. */
export const addressIdentity = (plain: AddressState): string =>
  JSON.stringify({ ...plain, metric: undefined, 'valid-lft': undefined, 'preferred-lft': undefined })

/** Whether what can be changed is as it is to be. Lifetimes pass: what is left may be less. */
export function lastsAs(wanted: AddressState, now: AddressState): boolean {
  const [wants, has] = [lifetimes(wanted), lifetimes(now)]
  const endsToo = (i: number): boolean => (wants[i] === ENDLESS ? has[i] === ENDLESS : has[i] <= wants[i])
  return wanted.metric === now.metric && endsToo(0) && endsToo(1)
}

/** The network whose first address is its primary; undefined of IPv6, which has none. */
export function networkOf(plain: AddressState): string | undefined {
  const ends = endsOf(OP, plain)
  if (ends.family !== 'inet') return undefined
  const other: Prefix =
    plain.peer === undefined ? ends : { ...endsOf(OP, { address: plain.peer }), length: ends.length }
  return `${networkText(other)}/${ends.length}`
}

/** What the SDK makes of it. */
export const addressOptions = (plain: AddressState, protocol: number): AddressOptions => ({
  address: plain.address,
  peer: plain.peer,
  broadcast: plain.broadcast,
  label: plain.label,
  scope: plain.scope === undefined ? undefined : scopeOption(plain.scope),
  metric: plain.metric,
  validLifetime: plain['valid-lft'],
  preferredLifetime: plain['preferred-lft'],
  nodad: plain.nodad,
  noprefixroute: plain.noprefixroute,
  protocol,
})

/** `10.0.0.1/24 broadcast +` */
export const addressText = ({ address, ...rest }: AddressState): string => `${address}${fieldsText(rest)}`
