import { ARPHRD_LOOPBACK, IFF_UP } from '@netkit/netlink'
import { type Link, netkitOf } from './ask.ts'
import { demand } from './broken.ts'
import type { Machine } from './machine.ts'
import type { Place } from './place.ts'

/** A link where it lives. */
interface Found {
  readonly place: Place
  readonly link: Link
}

const nameOf = ({ place, link }: Found): string => `${link.ifname} (${link.header.ifindex}) in ${place.label}`
const isUp = (link: Link): boolean => (link.header.flags & IFF_UP) !== 0

export type Links = ReadonlyMap<Place, readonly Link[]>

/** Everything that holds of links whatever was done, as their messages show it. */
export function checkLinks(machine: Machine, thorough: boolean): Links {
  const all: Links = new Map(machine.places.map((place) => [place, place.links()]))
  for (const [place, links] of all) {
    checkNumbers(place, links)
    checkNames(place, links, thorough)
    for (const link of links) {
      checkCarrierCounts({ place, link })
      if (link.linkinfo?.kind === 'netkit' || link.linkinfo?.kind === 'veth') checkPeer(machine, all, { place, link })
    }
  }
  // Reading may have given out ids of namespaces: they are heard of before what was heard is compared.
  machine.listen()
  for (const [place, links] of all) checkHeard(machine, place, links)
  return all
}

function checkNumbers(place: Place, links: readonly Link[]): void {
  let last = 0
  for (const { header, ifname } of links) {
    demand(header.ifindex > last, () => `${place.label}: ${ifname} has ifindex ${header.ifindex}, after ${last}`)
    last = header.ifindex
  }
  demand(links[0]?.header.type === ARPHRD_LOOPBACK, () => `${place.label} begins with ${links[0]?.ifname}`)
}

function checkNames(place: Place, links: readonly Link[], thorough: boolean): void {
  const owner = new Map<string, number>()
  for (const link of links) {
    const { ifindex } = link.header
    // A device that came from elsewhere may be called what it is called besides.
    for (const name of new Set([link.ifname ?? '', ...(link.propList?.altIfname ?? [])])) {
      demand(!owner.has(name), () => `${place.label}: '${name}' is the name of ${owner.get(name)} and of ${ifindex}`)
      owner.set(name, ifindex)
    }
  }
  if (!thorough) return
  for (const [name, ifindex] of owner) {
    const found = name.length <= 15 ? place.find({ ifname: name }) : place.find({ altIfname: name })
    demand(found === ifindex, () => `${place.label}: '${name}' is ${ifindex} in the dump, but is found as ${found}`)
  }
}

/** Carrier is there when a device is made; each change of it is counted. */
function checkCarrierCounts(at: Found): void {
  const { carrier, carrierUpCount = 0, carrierDownCount = 0, carrierChanges } = at.link
  demand(carrierChanges === carrierUpCount + carrierDownCount, () => `${nameOf(at)}: carrier changes do not add up`)
  demand(carrierDownCount - carrierUpCount === (carrier ? 0 : 1), () => {
    return `${nameOf(at)}: carrier ${carrier} after it went ${carrierDownCount} times and came ${carrierUpCount} times`
  })
}

function checkPeer(machine: Machine, all: Links, at: Found): void {
  const { link } = at
  const netkit = netkitOf(link)
  if (netkit?.pairing === 'single') {
    demand(link.link === 0 && link.linkNetnsid === undefined, () => `${nameOf(at)}: a single device has a peer`)
    demand(netkit.peerPolicy === undefined && netkit.peerScrub === undefined && netkit.scrub === undefined, () => {
      return `${nameOf(at)}: a single device tells of a peer's settings`
    })
    demand(
      (link.carrier === 1) === isUp(link),
      () => `${nameOf(at)}: carrier ${link.carrier} while up is ${isUp(link)}`,
    )
    return
  }
  const peer = peerOf(machine, all, at)
  const back = peerOf(machine, all, peer)
  demand(back.place === at.place && back.link.header.ifindex === link.header.ifindex, () => {
    return `${nameOf(at)} has the peer ${nameOf(peer)}, whose peer is ${nameOf(back)}`
  })
  const carrier = isUp(link) && isUp(peer.link)
  demand((link.carrier === 1) === carrier, () => {
    return `${nameOf(at)}: carrier ${link.carrier} while up are ${isUp(link)} and ${isUp(peer.link)}`
  })
  if (netkit) checkNetkitPair(at, peer)
}

function peerOf(machine: Machine, all: Links, at: Found): Found {
  const { place, link } = at
  const home =
    link.linkNetnsid === undefined ? place : machine.places.find((other) => place.nsidOf(other) === link.linkNetnsid)
  demand(home !== undefined, () => `${nameOf(at)}: its peer's namespace ${link.linkNetnsid} does not exist`)
  const peer = all.get(home!)?.find((other) => other.header.ifindex === link.link)
  demand(
    peer !== undefined,
    () => `${nameOf(at)}: there is no ${link.link} in ${home?.label}, which should be its peer`,
  )
  demand(peer?.linkinfo?.kind === link.linkinfo?.kind, () => `${nameOf(at)}: its peer is a ${peer?.linkinfo?.kind}`)
  return { place: home!, link: peer! }
}

function checkNetkitPair(at: Found, peer: Found): void {
  const [a, b] = [netkitOf(at.link), netkitOf(peer.link)]
  demand(
    a?.mode === b?.mode && a?.pairing === 'pair' && b?.pairing === 'pair',
    () => `${nameOf(at)}: ends of two kinds`,
  )
  demand((a?.primary ?? 0) + (b?.primary ?? 0) === 1, () => `${nameOf(at)}: not one primary end`)
  demand(a?.peerPolicy === b?.policy && a?.peerScrub === b?.scrub, () => {
    return `${nameOf(at)}: it tells of its peer what that does not tell of itself`
  })
}

/** What notifications tell even while a device is down. */
const ALWAYS_TOLD = [
  'ifname',
  'mtu',
  'address',
  'broadcast',
  'txqlen',
  'operstate',
  'qdisc',
  'numRxQueues',
  'numTxQueues',
] as const
/** What they tell only of a device that is up. */
const TOLD_WHILE_UP = ['group', 'ifalias', 'linkmode'] as const
/** The same, of devices whose carrier can be set by a request; of others it changes only when they are heard of anyway. */
const CARRIER = ['carrier', 'carrierChanges'] as const
const CARRIER_BY_REQUEST = 'dummy'

/** Whoever has only listened knows what a dump shows. */
function checkHeard(machine: Machine, place: Place, links: readonly Link[]): void {
  const { heard } = place
  const list = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b).join(' ')
  const compare = (what: string, told: Iterable<number>, shown: Iterable<number>) => {
    demand(list(told) === list(shown), () => `${place.label}: ${what} heard of: ${list(told)}; shown: ${list(shown)}`)
  }
  compare(
    'links',
    heard.links.keys(),
    links.map((l) => l.header.ifindex),
  )
  compare('nsids', heard.nsids, place.nsids())
  compare('devices', heard.devices, place.devices())
  compare('page pools', heard.pools, place.pools())
  for (const link of links) {
    const told = heard.links.get(link.header.ifindex)!
    const differs = (key: string, a: unknown, b: unknown) =>
      demand(JSON.stringify(a) === JSON.stringify(b), () => {
        return `${nameOf({ place, link })}: ${key} is ${JSON.stringify(b)}, last heard was ${JSON.stringify(a)}`
      })
    differs('flags', told.header.flags, link.header.flags)
    for (const key of ALWAYS_TOLD) differs(key, told[key], link[key])
    differs('kind', told.linkinfo?.kind, link.linkinfo?.kind)
    if (link.linkinfo?.kind !== CARRIER_BY_REQUEST || isUp(link))
      for (const key of CARRIER) differs(key, told[key], link[key])
    if (!isUp(link)) continue
    for (const key of TOLD_WHILE_UP) differs(key, told[key], link[key])
    if (!machine.altNamesUntold) differs('alternative names', told.propList?.altIfname, link.propList?.altIfname)
  }
}
