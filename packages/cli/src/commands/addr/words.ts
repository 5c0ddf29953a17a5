import { ROUTE_SCOPES } from '@netkit/netlink'
import type { IpFamily } from 'netkit'
import { ipPrefix, namedNumber } from '../../grammar/ip-values.ts'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import { deviceName, integer, text } from '../../grammar/values.ts'
import type { Words } from '../../grammar/words.ts'
import type { Session } from '../session.ts'

const FOREVER = 0xffff_ffff

/** Seconds, or `forever`. */
const lifetime: Value<number | undefined> = {
  name: 'SECONDS',
  allowed: "a number of seconds from 0 to 4294967294, or 'forever'",
  source: ['forever'],
  parse: (word) => (word === 'forever' ? FOREVER : integer('SECONDS', 0, FOREVER - 1).parse(word)),
}

const broadcast: Value<string> = {
  name: '{ ADDR | + }',
  allowed: "an IPv4 address, or '+' for the last one of the network",
  parse: (word) => (word === '+' || /^\d+(\.\d+){3}$/.test(word) ? word : undefined),
}

const scopes = { ...ROUTE_SCOPES, global: ROUTE_SCOPES.universe }
export const scope = namedNumber(scopes, 'SCOPE', 255)

/** The SDK knows the widest scope by one name. */
export const scopeNumber = (said: keyof typeof scopes | number | undefined): number | undefined =>
  said === undefined || typeof said === 'number' ? said : scopes[said]

export const local = {
  value: ipPrefix('ADDR/LEN'),
  positional: true,
  required: true,
  aliases: ['local'],
  doc: 'the address and the length of its network; without a length it is alone',
} as const

export const onDevice = { value: deviceName(), required: true, doc: 'the device' } as const

export const otherEnd = {
  value: ipPrefix('ADDR[/LEN]'),
  aliases: ['remote'],
  doc: 'the other end of a link between two; a length is that of the network',
} as const

/** What can be said of an address. */
export const addressWords = {
  address: local,
  dev: onDevice,
  peer: otherEnd,
  broadcast: { value: broadcast, aliases: ['brd'], doc: 'broadcast address (IPv4)' },
  label: { value: text('LABEL'), doc: "a name for it (IPv4): the device's, or that with a suffix" },
  scope: { value: scope, doc: 'how far it reaches (IPv4): global, link, host' },
  metric: { value: integer('METRIC', 0, FOREVER), doc: 'metric of the route to its network' },
  valid_lft: { value: lifetime, doc: 'when it ends' },
  preferred_lft: { value: lifetime, doc: 'until when it is used for what is new' },
  nodad: { doc: 'do not look for others that have it (IPv6)' },
  noprefixroute: { doc: 'make no route to its network' },
  proto: { value: integer('PROTO', 0, 255), doc: 'who makes it, by a number; default: nobody says' },
} satisfies Words

export const familyWords = {
  inet: { aliases: ['-4'], doc: 'only IPv4' },
  inet6: { aliases: ['-6'], doc: 'only IPv6' },
} satisfies Words

/** Which family was asked for: by a word, otherwise by an option of the line. */
export function familyOf(
  args: { readonly inet?: true; readonly inet6?: true },
  { options }: Pick<Session, 'options'>,
): IpFamily | undefined {
  if (args.inet && args.inet6) throw new UsageError("'inet' and 'inet6' exclude each other")
  return args.inet ? 'inet' : args.inet6 ? 'inet6' : options.family
}
