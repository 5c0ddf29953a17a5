import type { NetkitData } from '@netkit/netlink'
import type { DeviceSettings } from '../devices/options.ts'
import type { Found } from './actual.ts'
import { altnamesNow, channelsNow } from './changes.ts'
import { addressTarget } from './device-ip.ts'
import type { Draft } from './draft.ts'
import type { Fate } from './fate.ts'
import { policyNow, RINGS_FIELDS, SETTINGS } from './fields.ts'
import { differingImpairments } from './impairments.ts'
import { orderRelocations, type Relocation } from './order.ts'
import { birthAddress, birthGroup } from './owner.ts'
import type { StateBirth, StateRef } from './step.ts'
import type { Target } from './targets.ts'

/** Settings that cannot be given at birth, or are not to hold before all else is done. */
const LATER: ReadonlySet<string> = new Set(['up', 'alias', 'group'])
/** A peer that is not named must not take the name that the primary is to have, as the kernel's own choice may. */
const ANY_PEER = 'nkp%d'

/** Marks and moves what is there under another name or in another place. */
export function relocate(draft: Draft): void {
  const relocations: Relocation<Target>[] = []
  for (const target of draft.entries.flatMap((entry) => entry.ends)) {
    const found = draft.stays(target)
    if (!found) continue
    const { netns, device } = found
    const how = draft.matching.matches.get(target)!.how
    if (how === 'born' || how === 'adopted') {
      const ref = { netns, name: device.name, by: { ifindex: device.ifindex } }
      draft.add('mark', { of: target.label, do: 'mark', device: ref, mark: draft.markOf(target) })
    }
    const to = { netns: draft.netnsOf(target), name: target.name ?? device.name }
    if (to.netns !== netns || to.name !== device.name)
      relocations.push({ what: target, from: { netns, name: device.name }, to })
  }
  for (const { what, from, to } of orderRelocations(relocations)) {
    const device: StateRef = { ...from, by: { altname: draft.markOf(what) } }
    if (from.netns === to.netns) draft.add('relocate', { of: what.label, do: 'rename', device, to: to.name })
    else {
      // A device arrives down where it is moved to, unless the same request says otherwise.
      const up = draft.stays(what)!.device.up && what.state.up !== false
      draft.add('relocate', { of: what.label, do: 'move', device, to, up })
    }
  }
}

/** Makes an entry's devices and sets them up. */
export function addEntry(draft: Draft, { entry, leases }: Fate): void {
  const [first, peer] = entry.ends
  const of = entry.label
  const device = draft.ref(first)
  const mark = draft.markOf(first)
  const { state } = first
  const room = leases.length > 0 ? leases.length + 1 : undefined
  const kind: NetkitData = { mode: state.mode, headroom: state.headroom, tailroom: state.tailroom }
  if (entry.section === 'nics') {
    if (!draft.actual.nics) {
      const message = `is not there${device.netns === undefined ? '' : ` in namespace ${device.netns}`}, and this kernel has the hardware that it has`
      draft.faults.push({ path: entry.path, message })
    }
    const { queues, wire } = state
    const address = birthAddress(draft.set, entry.id)
    draft.add('nics', { of, do: 'nic add', device, mark, queues, address, wire })
  } else if (entry.section === 'singles') {
    const data: NetkitData = { ...kind, pairing: 'single' }
    draft.add('devices', { of, do: 'single add', device, mark, birth: birthOf(draft, first, room), data })
  } else {
    const { policy, scrub } = state
    const data = { ...kind, policy, scrub, peerPolicy: peer.state.policy, peerScrub: peer.state.scrub }
    const other = { device: draft.ref(peer), mark: draft.markOf(peer), birth: birthOf(draft, peer, room) }
    draft.add('devices', {
      of,
      do: 'pair add',
      device,
      mark,
      birth: birthOf(draft, first, undefined),
      data,
      peer: other,
    })
  }
  for (const target of entry.ends) setUp(draft, target, undefined, leases.length > 0)
  lease(draft, entry.ends.at(-1)!, leases)
}

function birthOf(draft: Draft, { state, entry, role, name }: Target, room: number | undefined): StateBirth {
  const settings: Record<string, unknown> = {}
  for (const { key, sdk } of SETTINGS) if (!LATER.has(key)) settings[sdk] = state[key]
  return {
    ...settings,
    name: name ?? ANY_PEER,
    group: birthGroup(draft.set, entry.id, role),
    numRxQueues: state.numrxqueues ?? room,
    numTxQueues: state.numtxqueues,
  }
}

/** Changes an entry's devices as they are. */
export function keepEntry(draft: Draft, { entry, leases }: Fate): void {
  const policies: { policy?: 'forward' | 'blackhole'; peerPolicy?: 'forward' | 'blackhole' } = {}
  for (const target of entry.ends) {
    const found = draft.stays(target)
    if (!found) continue
    setUp(draft, target, found, leases.length > 0)
    const { policy } = target.state
    if (policy !== undefined && policy !== policyNow(found))
      policies[target.role === 'peer' ? 'peerPolicy' : 'policy'] = policy
  }
  const [first] = entry.ends
  if (Object.keys(policies).length > 0)
    draft.add('settings', { of: entry.label, do: 'policy', device: draft.ref(first), data: policies })
  lease(draft, entry.ends.at(-1)!, leases)
}

/** What is set on a device, whether it was just made or has been there. */
function setUp(draft: Draft, target: Target, found: Found | undefined, waits: boolean): void {
  const { state, label: of } = target
  const device = draft.ref(target)
  const channels = found && channelsNow(found)
  if (state.channels !== undefined && state.channels !== (channels ?? state.queues))
    draft.add('settings', { of, do: 'channels', device, count: state.channels })
  const rings = Object.entries(RINGS_FIELDS).flatMap(([key, sdk]) => {
    const value = state.rings?.[key as keyof typeof RINGS_FIELDS]
    return value === undefined || value === found?.rings?.[sdk] ? [] : [[sdk, value]]
  })
  if (rings.length > 0) draft.add('settings', { of, do: 'rings', device, settings: Object.fromEntries(rings) })
  for (const { direction, words } of differingImpairments(target, found))
    draft.add('settings', { of, do: 'impair', device, direction, impairment: words })
  const { up, ...settings } = settingsOf(draft, target, found)
  const together = up !== undefined && !(waits && up)
  const now = together ? { ...settings, up } : settings
  if (Object.keys(now).length > 0) draft.add('settings', { of, do: 'set', device, settings: now })
  nameOtherwise(draft, target, found)
  addressTarget(draft, target, found)
  if (up !== undefined && !together) {
    const phase = target.role === 'nic' ? 'settings' : 'up'
    draft.add(phase, { of, do: 'set', device, settings: { up } })
  }
}

function settingsOf(draft: Draft, target: Target, found: Found | undefined): DeviceSettings {
  const { state, role, entry } = target
  const settings: Record<string, unknown> = {}
  for (const { key, sdk, now } of SETTINGS) {
    const to = state[key]
    const given = !found && !LATER.has(key) && role !== 'nic'
    if (to !== undefined && !given && to !== (found && now(found))) settings[sdk] = to
  }
  const born = birthGroup(draft.set, entry.id, role)
  if (role !== 'nic' && (!found || found.device.attrs.group === born)) settings.group = state.group ?? 0
  if (!found && state.up === false) settings.up = undefined
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function nameOtherwise(draft: Draft, target: Target, found: Found | undefined): void {
  const { state, label: of } = target
  if (!state.altnames) return
  const now = found ? altnamesNow(found) : []
  const more = state.altnames.filter((name) => !now.includes(name))
  const less = now.filter((name) => !state.altnames!.includes(name))
  const device = draft.ref(target)
  if (less.length > 0) draft.add('settings', { of, do: 'altname remove', device, altnames: less })
  if (more.length > 0) draft.add('settings', { of, do: 'altname add', device, altnames: more })
}

function lease(draft: Draft, target: Target, leases: Fate['leases']): void {
  for (const { lease, lessor } of leases) {
    const { entry, found } = lessor
    const nic = entry ? draft.ref(entry.ends[0]) : { netns: found.netns, name: found.device.name }
    draft.add('leases', { of: target.label, do: 'lease', device: draft.ref(target), nic, queue: lease.queue })
  }
}
