import {
  IFF_ALLMULTI,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_PROMISC,
  IFF_UP,
  LINK,
  type LinkAttrs,
  type NamedRow,
} from '@netkit/netlink'
import { checkAttr, checkKeys, type Purpose } from '../input/check.ts'
import { InputError, shown } from '../input/input-error.ts'
import { checkAltname, checkName } from '../input/names.ts'
import type { BirthSettings, DeviceFlags, DeviceSettings } from './options.ts'

/** Switches: their bit, and whether the bit means the opposite. */
const FLAGS: Readonly<Record<keyof DeviceFlags, { readonly bit: number; readonly inverted?: true }>> = {
  up: { bit: IFF_UP },
  arp: { bit: IFF_NOARP, inverted: true },
  multicast: { bit: IFF_MULTICAST },
  promisc: { bit: IFF_PROMISC },
  allmulticast: { bit: IFF_ALLMULTI },
  dynamic: { bit: IFF_DYNAMIC },
}

/** Options that are attributes of the link table, by the attribute's name. */
const PLAIN = {
  name: 'ifname',
  alias: 'ifalias',
  mtu: 'mtu',
  address: 'address',
  broadcast: 'broadcast',
  txqlen: 'txqlen',
  group: 'group',
  linkmode: 'linkmode',
  operstate: 'operstate',
  gsoMaxSize: 'gsoMaxSize',
  gsoMaxSegs: 'gsoMaxSegs',
  groMaxSize: 'groMaxSize',
  gsoIpv4MaxSize: 'gsoIpv4MaxSize',
  groIpv4MaxSize: 'groIpv4MaxSize',
  numRxQueues: 'numRxQueues',
  numTxQueues: 'numTxQueues',
} as const satisfies Readonly<Record<string, keyof LinkAttrs>>

const FLAG_KEYS = Object.keys(FLAGS) as (keyof DeviceFlags)[]
const PLAIN_KEYS = Object.keys(PLAIN) as (keyof typeof PLAIN)[]
const BIRTH_ONLY = ['numRxQueues', 'numTxQueues', 'ifindex', 'altnames']

/** The options that can be given at birth, and those that can be set later. */
export const BIRTH_KEYS: readonly string[] = [...PLAIN_KEYS, ...FLAG_KEYS, 'ifindex', 'altnames']
export const SETTING_KEYS: ReadonlySet<string> = new Set([
  ...BIRTH_KEYS.filter((k) => !BIRTH_ONLY.includes(k)),
  'master',
])

const at = (path: string, key: string): string => (path ? `${path}.${key}` : key)

/** Refuses options that are unknown, of the wrong type or out of range. */
export function checkSettings(
  op: string,
  path: string,
  settings: object,
  purpose: Purpose,
  known: ReadonlySet<string>,
): void {
  if (typeof settings !== 'object' || settings === null)
    throw new InputError(op, path || 'options', `must be an object, not ${shown(settings)}`)
  checkKeys(op, path, settings, known)
  const values = settings as Readonly<Record<string, unknown>>
  for (const key of FLAG_KEYS) {
    const value = values[key]
    if (value !== undefined && typeof value !== 'boolean')
      throw new InputError(op, at(path, key), `must be true or false, not ${shown(value)}`)
  }
  for (const key of PLAIN_KEYS) {
    const value = values[key]
    if (value === undefined) continue
    if (key === 'name') checkName(op, at(path, key), value)
    else checkAttr(op, at(path, key), rowOf(PLAIN[key]), value, purpose)
  }
  checkAlias(op, at(path, 'alias'), values.alias)
  checkIfindex(op, at(path, 'ifindex'), values.ifindex)
  if (values.altnames !== undefined) {
    if (!Array.isArray(values.altnames))
      throw new InputError(op, at(path, 'altnames'), `must be a list, not ${shown(values.altnames)}`)
    values.altnames.forEach((name, i) => {
      checkAltname(op, `${at(path, 'altnames')}[${i}]`, name)
    })
  }
}

/** What the flags of a request's header say: the bits that change, and what they become. */
export function flagsOf(settings: DeviceFlags): { flags: number; change: number } {
  let flags = 0
  let change = 0
  for (const key of FLAG_KEYS) {
    const value = settings[key]
    if (value === undefined) continue
    const { bit, inverted } = FLAGS[key]
    change |= bit
    if (value !== (inverted === true)) flags |= bit
  }
  return { flags, change }
}

/** Whether a device's flags are as this switch demands. */
export const hasFlag = (flags: number, key: keyof DeviceFlags): boolean =>
  ((flags & FLAGS[key].bit) !== 0) !== (FLAGS[key].inverted === true)

/** The attributes that these options become, `alias` and switches aside where they are sent apart. */
export function attrsOf(settings: BirthSettings | DeviceSettings): LinkAttrs {
  const values = settings as Readonly<Record<string, unknown>>
  const attrs: Record<string, unknown> = {}
  for (const key of PLAIN_KEYS) if (values[key] !== undefined) attrs[PLAIN[key]] = values[key]
  return attrs as LinkAttrs
}

/** Name of the attribute that an option is sent as. */
export const attrNameOf = (key: string): (typeof PLAIN)[keyof typeof PLAIN] | undefined =>
  PLAIN[key as keyof typeof PLAIN]

/** Whether an option is a switch. */
export const isFlag = (key: string): key is keyof DeviceFlags => Object.hasOwn(FLAGS, key)

const rows = new Map<string, NamedRow>(LINK.byId.flatMap((row) => (row ? [[row.key, row]] : [])))
const rowOf = (key: string): NamedRow => rows.get(key)!

const ALIAS_BYTES = 255

function checkAlias(op: string, option: string, alias: unknown): void {
  if (typeof alias !== 'string') return
  const bytes = new TextEncoder().encode(alias).length
  if (bytes > ALIAS_BYTES) throw new InputError(op, option, `must have at most ${ALIAS_BYTES} bytes, not ${bytes}`)
}

function checkIfindex(op: string, option: string, ifindex: unknown): void {
  if (ifindex === undefined) return
  if (typeof ifindex === 'number' && Number.isInteger(ifindex) && ifindex > 0 && ifindex <= 0x7fff_ffff) return
  throw new InputError(op, option, `must be an integer from 1 to 2147483647, not ${shown(ifindex)}`)
}
