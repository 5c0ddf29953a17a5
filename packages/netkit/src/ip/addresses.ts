import {
  ADDR,
  type ADDR_FLAGS,
  type AddrAttrs,
  decodeAttrs,
  ipText,
  KernelError,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  ROUTE_SCOPES,
  RT_ADDR,
} from '@netkit/netlink'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import { InputError } from '../input/input-error.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Reply } from '../request/exchange.ts'
import { broadcastText, familyName, familyNumber, type IpFamily, type Prefix, prefixOf } from './prefix.ts'

/** How far an address or a route reaches: by name, or by its number. */
export type IpScope = keyof typeof ROUTE_SCOPES | number
export type AddressFlag = keyof typeof ADDR_FLAGS

/** An address of a device, as the kernel described it. */
export interface Address {
  readonly family: IpFamily
  readonly ifindex: number
  /** The address on this end. */
  readonly address: string
  readonly prefixLength: number
  /** The other end of a link between two. */
  readonly peer: string | undefined
  readonly broadcast: string | undefined
  /** Of IPv4: the device's name, or that with a suffix. */
  readonly label: string | undefined
  readonly scope: IpScope
  readonly flags: readonly (AddressFlag | number)[]
  /** Of the route to its network; absent: the family's own. */
  readonly metric: number | undefined
  /** Seconds that are left; undefined: no end. */
  readonly validLifetime: number | undefined
  readonly preferredLifetime: number | undefined
  /** The attributes as they came. */
  readonly attrs: AddrAttrs
}

export interface ListAddressesOptions extends Where {
  /** Only those of this device. */
  readonly device?: DeviceSelector
  readonly family?: IpFamily
}

export interface AddressOptions extends Where {
  /** `10.0.0.1/24`, `2001:db8::1/64`; without a length it is the only address of its network. */
  readonly address: string
  /** The other end of a link between two; with a length, `10.0.0.2/32`, the network is the one around it. */
  readonly peer?: string
  /** `+`: the last address of the network. IPv4. Default: none. */
  readonly broadcast?: string
  /** IPv4; 1 to 15 bytes. Default: the device's name. */
  readonly label?: string
  /** Default: `host` for loopback addresses, else `universe`. IPv6 finds it out by itself. */
  readonly scope?: IpScope
  readonly metric?: number
  /** Do not look for others that have the address (IPv6). Default: false. */
  readonly nodad?: boolean
  /** Make no route to its network. Default: false. */
  readonly noprefixroute?: boolean
  /** Seconds. Default: no end. */
  readonly validLifetime?: number
  readonly preferredLifetime?: number
  /** Who makes it, a number above those of the kernel. Linux 5.18. Default: nobody says. */
  readonly protocol?: number
}

export interface FlushAddressesOptions extends Where {
  readonly family?: IpFamily
  /** Default: all. */
  readonly matching?: (address: Address) => boolean
}

export interface RemoveAddressOptions extends Where {
  /** The other end, where there is one; with its length. */
  readonly peer?: string
}

const FOREVER = 0xffff_ffff
const HEADER = 8

/** Reads RTM_NEWADDR and RTM_DELADDR. */
export function decodeAddress({ data, start, end }: Reply): Address {
  const at = start + 16
  const attrs = decodeAttrs(ADDR, data, at + HEADER, end)
  const { cacheInfo } = attrs
  const address = attrs.local ?? attrs.address ?? ''
  const lasts = (n: number | undefined): number | undefined => (n === FOREVER ? undefined : n)
  return {
    family: familyName(data.u8(at)),
    ifindex: data.u32(at + 4),
    address,
    prefixLength: data.u8(at + 1),
    peer: attrs.address === address ? undefined : attrs.address,
    broadcast: attrs.broadcast,
    label: attrs.label,
    scope: scopeName(data.u8(at + 3)),
    flags: attrs.flags ?? [],
    metric: attrs.rtPriority,
    validLifetime: lasts(cacheInfo?.valid),
    preferredLifetime: lasts(cacheInfo?.preferred),
    attrs,
  }
}

const SCOPE_NAMES = new Map(Object.entries(ROUTE_SCOPES).map(([name, n]) => [n, name as keyof typeof ROUTE_SCOPES]))
export const scopeName = (n: number): IpScope => SCOPE_NAMES.get(n as 0) ?? n
export const scopeNumber = (scope: IpScope): number => (typeof scope === 'number' ? scope : ROUTE_SCOPES[scope])

/** IP addresses of devices: `kernel.addresses`. Each call acts in the namespace `in`, by default the client's own. */
export class Addresses {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** The addresses of all devices, or of one, in the order in which the kernel uses them. */
  list(options: ListAddressesOptions = {}): Promise<Address[]> {
    const { device, family, signal } = options
    const place = device === undefined ? options.in : placeOf(device, options.in)
    return this.#places.with(place, async (scope) => {
      const ifindex = device === undefined ? undefined : await indexOf(scope, 'address list', device, signal)
      const header = { family: family === undefined ? 0 : familyNumber(family) }
      const replies = await scope.routeDump(RT_ADDR.getaddr, header, {}, { op: 'address list', signal })
      return replies.map(decodeAddress).filter((a) => ifindex === undefined || a.ifindex === ifindex)
    })
  }

  /**
   * Gives a device an address; with it come routes to itself and to its network. Rejects with KernelError EEXIST if the
   * device has it.
   */
  add(device: DeviceSelector, options: AddressOptions): Promise<void> {
    return this.#change('add', device, options)
  }

  /** The same, but an address that the device has gets the new lifetimes and metric instead. */
  replace(device: DeviceSelector, options: AddressOptions): Promise<void> {
    return this.#change('replace', device, options)
  }

  /** Takes an address away: `10.0.0.1/24`. Rejects with KernelError EADDRNOTAVAIL if the device does not have it. */
  remove(device: DeviceSelector, address: string, options: RemoveAddressOptions = {}): Promise<void> {
    const op = `address remove ${address} from ${deviceText(device)}`
    const { family, bytes, length, peer } = endsOf(op, { address, peer: options.peer })
    return this.#places.with(placeOf(device, options.in), async (scope) => {
      const index = await indexOf(scope, op, device, options.signal)
      const header = { family: familyNumber(family), prefixLength: length, index }
      const attrs = { local: ipText(bytes), address: family === 'inet' ? (peer ?? ipText(bytes)) : undefined }
      await scope.routeCall(RT_ADDR.deladdr, 0, header, attrs, { op, signal: options.signal })
    })
  }

  /** Takes the addresses of a device away, all, those of one family, or those that match; says how many there were. */
  async flush(device: DeviceSelector, options: FlushAddressesOptions = {}): Promise<number> {
    let count = 0
    const found = await this.list({ ...options, device })
    for (const { address, prefixLength, peer } of options.matching ? found.filter(options.matching) : found) {
      try {
        await this.remove(device, `${address}/${prefixLength}`, { ...options, peer })
        count++
      } catch (e) {
        // With a primary its secondaries went.
        if (!(e instanceof KernelError && e.code === 'EADDRNOTAVAIL')) throw e
      }
    }
    return count
  }

  #change(how: 'add' | 'replace', device: DeviceSelector, o: AddressOptions): Promise<void> {
    const op = `address ${how} ${o.address} to ${deviceText(device)}`
    const prefix = endsOf(op, o)
    const attrs = attrsOf(op, o, prefix)
    const scope = o.scope ?? (prefix.family === 'inet' && prefix.bytes[0] === 127 ? 'host' : 'universe')
    return this.#places.with(placeOf(device, o.in), async (place) => {
      const index = await indexOf(place, op, device, o.signal)
      const header = {
        family: familyNumber(prefix.family),
        prefixLength: prefix.length,
        scope: scopeNumber(scope),
        index,
      }
      const flags = NLM_F_CREATE | (how === 'add' ? NLM_F_EXCL : NLM_F_REPLACE)
      await place.routeCall(RT_ADDR.newaddr, flags, header, attrs, { op, signal: o.signal })
    })
  }
}

interface Ends extends Prefix {
  readonly peer: string | undefined
}

/** The address with the length of its network, which may stand with the other end instead. */
export function endsOf(op: string, o: Pick<AddressOptions, 'address' | 'peer'>): Ends {
  const own = prefixOf(op, 'address', o.address)
  if (o.peer === undefined) return { ...own, peer: undefined }
  const other = prefixOf(op, 'peer', o.peer)
  if (other.family !== own.family) throw new InputError(op, 'peer', `must be of ${own.family}, like the address`)
  const says = (text: string): boolean => text.includes('/')
  if (says(o.peer) && says(o.address) && own.length !== other.length)
    throw new InputError(op, 'peer', `must have the length of the address, ${own.length}, or none`)
  return { ...own, length: says(o.peer) ? other.length : own.length, peer: ipText(other.bytes) }
}

function attrsOf(op: string, o: AddressOptions, prefix: Ends): AddrAttrs {
  const local = ipText(prefix.bytes)
  const v4 = prefix.family === 'inet'
  if (!v4 && o.broadcast !== undefined) throw new InputError(op, 'broadcast', 'is of IPv4 only')
  if (!v4 && o.label !== undefined) throw new InputError(op, 'label', 'is of IPv4 only')
  const flags: AddressFlag[] = []
  if (o.nodad) flags.push('nodad')
  if (o.noprefixroute) flags.push('noprefixroute')
  const limited = o.validLifetime !== undefined || o.preferredLifetime !== undefined
  const valid = o.validLifetime ?? FOREVER
  const preferred = o.preferredLifetime ?? valid
  return {
    local,
    address: prefix.peer ?? local,
    broadcast: o.broadcast === '+' ? broadcastText(prefix) : o.broadcast,
    label: o.label,
    rtPriority: o.metric,
    flags: flags.length > 0 ? flags : undefined,
    cacheInfo: limited ? { preferred, valid } : undefined,
    proto: o.protocol,
  }
}
