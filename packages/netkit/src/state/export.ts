import { impairmentWords } from '../impairment/text.ts'
import type { Actual, Found, FoundLease } from './actual.ts'
import { altnamesNow, channelsNow } from './changes.ts'
import { exportDeviceIp, exportInside, type IpScopeOfExport } from './export-ip.ts'
import { kindOf } from './fate.ts'
import { birthOf, policyNow, RINGS_FIELDS, SETTINGS } from './fields.ts'
import { DIRECTIONS } from './impairments.ts'
import { leasesTo } from './lessor.ts'
import { birthGroup, DEFAULT_SET, type Role } from './owner.ts'
import type { LeaseState, StateDocument } from './schema/schema.ts'
import type { Section } from './targets.ts'

export interface ExportOptions {
  /** What this set owns. Default: the only set there is; with `all`: the set that the document is for, `default`. */
  readonly set?: string
  /** What nobody or another set owns, too. Default: false. */
  readonly all?: boolean
}

/** What there is, as a document that says it whole, and what it cannot say. */
export interface StateExport {
  readonly document: StateDocument
  /** Sentences about what was left out. */
  readonly omitted: readonly string[]
}

type Fields = Record<string, unknown>

/** Describes what there is. Entries are sorted, so that the same state gives the same document. */
export function exportState(actual: Actual, { set = onlySet(actual), all = false }: ExportOptions): StateExport {
  const owned = actual.devices.filter((found) => all || found.mark?.set === set)
  const mains = owned.filter((found) => isMain(found, actual))
  const shown = new Set(mains)
  for (const { nic, lessee } of actual.leases) {
    const other = lessee && actual.peers.get(lessee)
    if (lessee && (shown.has(lessee) || (other && shown.has(other)))) shown.add(nic)
  }
  const ids = idsOf([...shown].sort(byPlace), set)
  const omitted = [...omissions(actual, owned), ...hiddenLeases(actual, shown)]
  const scope = { set, all }
  const sections: Record<Section, Fields> = { nics: {}, pairs: {}, singles: {} }
  for (const [found, id] of ids) {
    const section = kindOf(found)!
    if (section !== 'pairs')
      sections[section][id] = endOf(actual, found, section === 'nics' ? 'nic' : 'single', ids, scope)
    else {
      const peer = actual.peers.get(found)!
      const end = endOf(actual, peer, 'peer', ids, scope)
      if (peer.netns === undefined && found.netns !== undefined) end.netns = null
      sections.pairs[id] = { ...endOf(actual, found, 'primary', ids, scope), peer: end }
    }
  }
  const { own, namespaces } = namespacesOf(actual, [...shown], scope, omitted)
  const parts = Object.entries({ own, namespaces, ...sections }).filter(([, value]) => filled(value))
  return { document: { version: 1, set, ...Object.fromEntries(parts) } as StateDocument, omitted }
}

/** The set that owns something here, if there is just one. */
function onlySet({ devices, places }: Actual): string {
  const sets = new Set([...devices.map(({ mark }) => mark?.set), ...places.map(({ owner }) => owner)])
  sets.delete(undefined)
  return sets.size === 1 ? [...sets][0]! : DEFAULT_SET
}

/** Of a pair, the primary speaks for both. */
function isMain(found: Found, { peers }: Actual): boolean {
  const { netkit } = found.device
  return found.isNic || netkit?.pairing === 'single' || (netkit?.primary === 1 && peers.has(found))
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const byPlace = (a: Found, b: Found): number =>
  order(a.netns ?? '', b.netns ?? '') || order(a.device.name, b.device.name)

/** The keys of entries: those that the set gave them, or names. */
function idsOf(shown: readonly Found[], set: string): Map<Found, string> {
  const ids = new Map<Found, string>()
  const taken = new Set<string>()
  const take = (found: Found, ...wanted: string[]) => {
    const id = wanted.find((one) => !taken.has(one)) ?? `${wanted[0]}.${taken.size}`
    taken.add(id)
    ids.set(found, id)
  }
  for (const found of shown) if (found.mark?.set === set) take(found, found.mark.id)
  for (const found of shown) {
    if (ids.has(found)) continue
    const name = plain(found.device.name)
    take(found, name, plain(`${found.netns ?? 'own'}.${found.device.name}`).slice(0, 64))
  }
  return new Map([...ids].sort(([, a], [, b]) => order(a, b)))
}

const plain = (name: string): string => name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').replace(/^[.-]/, '_')

function endOf(
  actual: Actual,
  found: Found,
  role: Role,
  ids: ReadonlyMap<Found, string>,
  scope: IpScopeOfExport,
): Fields {
  const { device, netns, mark } = found
  const fields: Fields = { name: device.name, netns }
  for (const { key, now, usual } of birthOf(role)) if (now(found) !== usual) fields[key] = now(found)
  if (device.netkit && device.netkit.pairing !== 'single') fields.policy = policyNow(found)
  for (const { key, now, usual } of SETTINGS) if (now(found) !== usual) fields[key] = now(found)
  if (device.netkit && device.netkit.mode !== 'l2') fields.address = undefined
  if (mark && device.attrs.group === birthGroup(mark.set, mark.id, role)) fields.group = 0
  const altnames = altnamesNow(found)
  if (altnames.length > 0) fields.altnames = altnames
  if (role === 'nic') Object.assign(fields, hardwareOf(found))
  Object.assign(fields, exportDeviceIp(found.ip, device.name, mark?.set === scope.set, scope))
  const leases = leasesTo(actual, found)
  if (leases.length > 0) fields.leases = leases.map((lease) => leaseOf(lease, ids))
  return present(fields)
}

function hardwareOf(found: Found): Fields {
  const channels = channelsNow(found)
  const split = found.rings?.tcpDataSplit
  const rings: Fields = {}
  for (const [key, sdk] of Object.entries(RINGS_FIELDS)) rings[key] = found.rings?.[sdk]
  if (split !== 'enabled' && split !== 'disabled') rings['tcp-data-split'] = undefined
  const known = present(rings)
  return {
    channels: channels === found.device.attrs.numRxQueues ? undefined : channels,
    rings: Object.keys(known).length > 0 ? known : undefined,
    impair: impairOf(found),
  }
}

function impairOf({ impairments }: Found): Fields | undefined {
  const impaired = DIRECTIONS.flatMap((direction) => {
    const options = impairments?.[direction]
    return options ? [[direction, impairmentWords(options)]] : []
  })
  return impaired.length > 0 ? Object.fromEntries(impaired) : undefined
}

const leaseOf = ({ nic, queue }: FoundLease, ids: ReadonlyMap<Found, string>): LeaseState => ({
  nic: ids.get(nic)!,
  queue,
})

const filled = (fields: Fields): Fields | undefined => (Object.keys(fields).length > 0 ? fields : undefined)

const present = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined))

/** Those that the set made, those that something of it is in; all of them if so asked. */
function namespacesOf(
  actual: Actual,
  mains: readonly Found[],
  scope: IpScopeOfExport,
  omitted: string[],
): { own: Fields; namespaces: Fields } {
  const shown = new Set(mains.flatMap((found) => [found, actual.peers.get(found) ?? found]))
  const needed = new Set([...shown].map((found) => found.netns))
  const namespaces: Fields = {}
  let own: Fields = {}
  for (const place of actual.places) {
    const { netns, lo, owner } = place
    const { lo: loopback, ...inside } = exportInside(actual, place, shown, scope, omitted)
    const holds = Object.keys(loopback).length + Object.keys(inside).length > 0
    // It is not for a document to take a machine's own loopback down.
    const up = lo?.up === true && (scope.all || holds) ? { up: true } : {}
    if (netns === undefined) own = present({ lo: filled({ ...up, ...loopback }), ...inside })
    else if (scope.all || owner === scope.set || needed.has(netns) || holds)
      namespaces[netns] = { lo: { up: lo?.up ?? false, ...loopback }, ...inside }
  }
  return { own, namespaces }
}

function omissions({ peers }: Actual, owned: readonly Found[]): string[] {
  return owned.flatMap((found) => {
    const { device, netns } = found
    if (!device.netkit || device.netkit.pairing === 'single' || peers.has(found)) return []
    return [
      `${device.name}${netns === undefined ? '' : ` in ${netns}`}: its other end is in a namespace that has no name here`,
    ]
  })
}

/** NICs that are down may have given queues away. */
function hiddenLeases({ devices }: Actual, shown: ReadonlySet<Found>): string[] {
  const room = devices.some((d) => d.device.netkit && (d.device.attrs.numRxQueues ?? 1) > 1)
  if (!room) return []
  return [...shown]
    .filter((found) => found.isNic && !found.device.up)
    .map(({ device }) => `${device.name} is down: kernels tell of leases of NICs that are up only`)
}
