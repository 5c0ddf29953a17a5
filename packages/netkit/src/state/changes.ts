import type { Found } from './actual.ts'
import { birthOf, policyNow, RINGS_FIELDS, SETTINGS, type Value } from './fields.ts'
import { differingImpairments } from './impairments.ts'
import { isMark } from './owner.ts'
import type { Target } from './targets.ts'

/** One field that is not as declared. */
export interface StateChange {
  /** In the entry: `mtu`, `peer.netns`, `rings.rx`. */
  readonly field: string
  /** Absent: it is new, or the kernel does not tell. */
  readonly from?: Value | readonly string[]
  /** Absent: it goes. */
  readonly to?: Value | readonly string[]
}

/** What of a device can be changed as it is, and what takes another one. */
export interface TargetChanges {
  readonly changes: readonly StateChange[]
  readonly fixed: readonly StateChange[]
}

/** Compares a device with what is declared of it. What is not declared does not differ. */
export function changesOf(target: Target, found: Found, netns: string | undefined): TargetChanges {
  const prefix = target.role === 'peer' ? 'peer.' : ''
  const changes: StateChange[] = []
  const differs = (field: string, from: Value | undefined, to: Value | undefined) => {
    if (to !== undefined && from !== to) changes.push({ field: prefix + field, from, to })
  }
  if (found.netns !== netns) changes.push({ field: `${prefix}netns`, from: found.netns ?? '', to: netns ?? '' })
  differs('name', found.device.name, target.name)
  const { state } = target
  for (const { key, now } of SETTINGS) differs(key, now(found), state[key] as Value | undefined)
  if (found.device.netkit) differs('policy', policyNow(found), state.policy)
  differs('channels', channelsNow(found), state.channels)
  for (const [key, sdk] of Object.entries(RINGS_FIELDS) as [keyof typeof RINGS_FIELDS, 'rx'][]) {
    differs(`rings.${key}`, found.rings?.[sdk], state.rings?.[key])
  }
  for (const { direction, from, to } of differingImpairments(target, found))
    differs(`impair.${direction}`, from || 'none', to || 'none')
  const names = altnamesNow(found)
  if (state.altnames && !sameNames(names, state.altnames))
    changes.push({ field: `${prefix}altnames`, from: names, to: state.altnames })
  return { changes, fixed: fixedOf(target, found, prefix) }
}

function fixedOf(target: Target, found: Found, prefix: string): StateChange[] {
  const fixed: StateChange[] = []
  for (const { key, now, does } of birthOf(target.role)) {
    const to = target.state[key] as Value | undefined
    const from = now(found)
    if (to === undefined || from === undefined) continue
    if (!(does ? does(to, from) : to === from)) fixed.push({ field: prefix + key, from, to })
  }
  return fixed
}

/** Queues in use; absent of devices without channels. */
export const channelsNow = ({ channels }: Found): number | undefined =>
  channels && (channels.combinedCount || channels.rxCount)

/** Alternative names, less the mark. */
export const altnamesNow = ({ device }: Found): string[] => device.altnames.filter((name) => !isMark(name))

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))
