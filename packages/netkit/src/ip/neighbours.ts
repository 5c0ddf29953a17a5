import {
  AF_INET,
  AF_INET6,
  decodeAttrs,
  ipText,
  NEIGH,
  type NEIGH_EXT_FLAGS,
  NEIGH_FLAGS,
  NEIGH_STATES,
  type NeighAttrs,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RT_NEIGH,
} from '@netkit/netlink'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Reply } from '../request/exchange.ts'
import { addressOf, familyName, familyNumber, type IpFamily } from './prefix.ts'
import { protocolNumber, type RouteProtocol } from './routes.ts'

export type NeighbourState = keyof typeof NEIGH_STATES
export type NeighbourFlag = keyof typeof NEIGH_FLAGS | keyof typeof NEIGH_EXT_FLAGS

/** A neighbour on a link, as the kernel described it. */
export interface Neighbour {
  readonly family: IpFamily
  /** 0: a proxy on every device. */
  readonly ifindex: number
  readonly address: string
  /** Hardware address; absent while it is not known, and of proxies. */
  readonly lladdr: string | undefined
  /** Mostly one; none of what was not looked for yet, and of proxies. */
  readonly states: readonly NeighbourState[]
  readonly flags: readonly NeighbourFlag[]
  /** Who made it, by RTPROT_*; absent: nobody said. */
  readonly protocol: number | undefined
  /** The attributes as they came. */
  readonly attrs: NeighAttrs
}

export interface ListNeighboursOptions extends Where {
  /** Only those of this device. */
  readonly device?: DeviceSelector
  readonly family?: IpFamily
  /** The addresses that the kernel answers for in the place of others, instead of neighbours. Default: false. */
  readonly proxy?: boolean
}

export interface NeighbourOptions extends Where {
  /** Without a length. */
  readonly address: string
  /** Hardware address, which valid states need where the device does not know it by itself. */
  readonly lladdr?: string
  /** Default: `permanent`. */
  readonly state?: NeighbourState
  /** It forwards. Default: false. */
  readonly router?: boolean
  /** Something outside of the kernel learnt it. Default: false. */
  readonly externLearn?: boolean
  /** Answer for the address in the place of others; it needs no `lladdr` then. Default: false. */
  readonly proxy?: boolean
  readonly protocol?: RouteProtocol
}

const HEADER = 12

function namesIn<N extends string>(names: Readonly<Record<N, number>>, bits: number): N[] {
  return (Object.keys(names) as N[]).filter((name) => (bits & names[name]) !== 0)
}

/** Reads RTM_NEWNEIGH and RTM_DELNEIGH. */
function decodeNeighbour({ data, start, end }: Reply): Neighbour {
  const at = start + 16
  const attrs = decodeAttrs(NEIGH, data, at + HEADER, end)
  const extended = attrs.flagsExt?.filter((flag) => typeof flag === 'string') ?? []
  return {
    family: familyName(data.u8(at)),
    ifindex: data.u32(at + 4),
    address: attrs.dst ?? '',
    lladdr: attrs.lladdr,
    states: namesIn(NEIGH_STATES, data.u16(at + 8)),
    flags: [...namesIn(NEIGH_FLAGS, data.u8(at + 10)), ...extended],
    protocol: attrs.protocol,
    attrs,
  }
}

/** Neighbours on links (ARP, NDP): `kernel.neighbours`. Each call acts in the namespace `in`, by default the client's own. */
export class Neighbours {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** What is known of neighbours, IPv4 first; in no particular order otherwise. */
  list(options: ListNeighboursOptions = {}): Promise<Neighbour[]> {
    const { device, family, proxy, signal } = options
    const place = device === undefined ? options.in : placeOf(device, options.in)
    const op = 'neighbour list'
    return this.#places.with(place, async (scope) => {
      const ifindex = device === undefined ? undefined : await indexOf(scope, op, device, signal)
      const header = { family: family === undefined ? 0 : familyNumber(family), flags: proxy ? NEIGH_FLAGS.proxy : 0 }
      const replies = await scope.routeDump(RT_NEIGH.getneigh, header, { ifindex }, { op, signal })
      // Other families than those of IP have neighbours, too: forwarding databases of bridges.
      return replies.filter(({ data, start }) => isIp(data.u8(start + 16))).map(decodeNeighbour)
    })
  }

  /** Makes a neighbour. Rejects with KernelError EEXIST if the device has it; a proxy that is there is changed. */
  add(device: DeviceSelector, options: NeighbourOptions): Promise<void> {
    return this.#change('add', NLM_F_EXCL, device, options)
  }

  /** The same, but in the place of one that the device has. */
  replace(device: DeviceSelector, options: NeighbourOptions): Promise<void> {
    return this.#change('replace', NLM_F_REPLACE, device, options)
  }

  /** The same, but only if there is one: otherwise KernelError ENOENT. */
  change(device: DeviceSelector, options: NeighbourOptions): Promise<void> {
    return this.#change('change', NLM_F_REPLACE, device, options, 0)
  }

  /** One neighbour. Rejects with KernelError ENOENT if the device does not know it. */
  get(device: DeviceSelector, address: string, options: Where & { readonly proxy?: boolean } = {}): Promise<Neighbour> {
    const op = `neighbour get ${address} on ${deviceText(device)}`
    const bytes = addressOf(op, 'address', address)
    return this.#places.with(placeOf(device, options.in), async (scope) => {
      const ifindex = await indexOf(scope, op, device, options.signal)
      const header = { family: familyOf(bytes), ifindex, flags: options.proxy ? NEIGH_FLAGS.proxy : 0 }
      const call = scope.routeCall(RT_NEIGH.getneigh, 0, header, { dst: ipText(bytes) }, { op, signal: options.signal })
      return decodeNeighbour((await call)[0])
    })
  }

  /** Forgets a neighbour, or ends being a proxy. Rejects with KernelError ENOENT if there is none. */
  remove(device: DeviceSelector, address: string, options: Where & { readonly proxy?: boolean } = {}): Promise<void> {
    const op = `neighbour remove ${address} from ${deviceText(device)}`
    const bytes = addressOf(op, 'address', address)
    return this.#places.with(placeOf(device, options.in), async (scope) => {
      const ifindex = await indexOf(scope, op, device, options.signal)
      const header = { family: familyOf(bytes), ifindex, flags: options.proxy ? NEIGH_FLAGS.proxy : 0 }
      await scope.routeCall(RT_NEIGH.delneigh, 0, header, { dst: ipText(bytes) }, { op, signal: options.signal })
    })
  }

  #change(
    how: string,
    flag: number,
    device: DeviceSelector,
    o: NeighbourOptions,
    create: number = NLM_F_CREATE,
  ): Promise<void> {
    const op = `neighbour ${how} ${o.address} on ${deviceText(device)}`
    const bytes = addressOf(op, 'address', o.address)
    const flags =
      (o.router ? NEIGH_FLAGS.router : 0) |
      (o.externLearn ? NEIGH_FLAGS.extern_learn : 0) |
      (o.proxy ? NEIGH_FLAGS.proxy : 0)
    const protocol = o.protocol === undefined ? undefined : protocolNumber(o.protocol)
    return this.#places.with(placeOf(device, o.in), async (scope) => {
      const ifindex = await indexOf(scope, op, device, o.signal)
      const header = { family: familyOf(bytes), ifindex, state: NEIGH_STATES[o.state ?? 'permanent'], flags }
      const attrs = { dst: ipText(bytes), lladdr: o.lladdr, protocol }
      await scope.routeCall(RT_NEIGH.newneigh, create | flag, header, attrs, { op, signal: o.signal })
    })
  }
}

const familyOf = (bytes: Uint8Array): number => familyNumber(bytes.length === 4 ? 'inet' : 'inet6')
const isIp = (family: number): boolean => family === AF_INET || family === AF_INET6
