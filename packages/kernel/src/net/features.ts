import { hasSince } from '@netkit/netlink'
import { byRelease } from '../release/builds.ts'
import type { Release } from '../release/release.ts'
import type { Core } from './core.ts'
import { type Device, TX_UNKNOWN } from './device.ts'

/** The offloads that a device can have, by their bit; where there is no name, there is no such offload. Source: ethtool's string set `features` of Linux 7.3. */
const FEATURE_NAMES: readonly string[] = [
  'tx-scatter-gather',
  'tx-checksum-ipv4',
  '',
  'tx-checksum-ip-generic',
  'tx-checksum-ipv6',
  'highdma',
  'tx-scatter-gather-fraglist',
  'tx-vlan-hw-insert',
  'rx-vlan-hw-parse',
  'rx-vlan-filter',
  'vlan-challenged',
  'tx-generic-segmentation',
  '',
  '',
  'rx-gro',
  'rx-lro',
  'tx-tcp-segmentation',
  'tx-gso-robust',
  'tx-tcp-ecn-segmentation',
  'tx-tcp-mangleid-segmentation',
  'tx-tcp6-segmentation',
  'tx-fcoe-segmentation',
  'tx-gre-segmentation',
  'tx-gre-csum-segmentation',
  'tx-ipxip4-segmentation',
  'tx-ipxip6-segmentation',
  'tx-udp_tnl-segmentation',
  'tx-udp_tnl-csum-segmentation',
  'tx-gso-partial',
  'tx-tunnel-remcsum-segmentation',
  'tx-sctp-segmentation',
  'tx-esp-segmentation',
  '',
  'tx-udp-segmentation',
  'tx-gso-list',
  'tx-tcp-accecn-segmentation',
  'tx-checksum-fcoe-crc',
  'tx-checksum-sctp',
  'rx-ntuple-filter',
  'rx-hashing',
  'rx-checksum',
  'tx-nocache-copy',
  'loopback',
  'rx-fcs',
  'rx-all',
  'tx-vlan-stag-hw-insert',
  'rx-vlan-stag-hw-parse',
  'rx-vlan-stag-filter',
  'l2-fwd-offload',
  'hw-tc-offload',
  'esp-hw-offload',
  'esp-tx-csum-hw-offload',
  'rx-udp_tunnel-port-offload',
  'tls-hw-tx-offload',
  'tls-hw-rx-offload',
  'rx-gro-hw',
  '',
  'rx-gro-list',
  'macsec-hw-offload',
  'rx-udp-gro-forwarding',
  'hsr-tag-ins-offload',
  'hsr-tag-rm-offload',
  'hsr-fwd-offload',
  'hsr-dup-offload',
]

/** What stood elsewhere before a release, by position. */
const FORMER_NAMES: readonly { readonly before: string; readonly names: Readonly<Record<number, string>> }[] = [
  {
    before: '7.3',
    names: { 35: 'tx-checksum-fcoe-crc', 36: 'tx-checksum-sctp', 37: '', 56: 'tls-hw-record' },
  },
]

/** The offloads of each release, by their position. */
export const featureNames = byRelease((release) => {
  const former = FORMER_NAMES.filter(({ before }) => !hasSince(release, before)).map(({ names }) => names)
  return Object.assign([...FEATURE_NAMES], ...former) as readonly string[]
})

const BIT_OF = new Map(FEATURE_NAMES.map((name, bit) => [name, 1n << BigInt(bit)]))

/** A set of offloads as bits, from names separated by white space. */
export function featureSet(names: string): bigint {
  let set = 0n
  for (const name of names.trim().split(/\s+/)) {
    const bit = BIT_OF.get(name)
    if (bit === undefined) throw new TypeError(`no feature is called '${name}'`)
    set |= bit
  }
  return set
}

/** For each release whose positions are not our bits: the bit at each position; 0 where we have none. */
const BITS_AT = byRelease((release) =>
  featureNames[release].some((name, at) => name !== FEATURE_NAMES[at])
    ? featureNames[release].map((name) => (name === '' ? 0n : (BIT_OF.get(name) ?? 0n)))
    : undefined,
)
const ALL = (1n << BigInt(FEATURE_NAMES.length)) - 1n
/** Those that there are in a release. */
const KNOWN = byRelease((release) => BITS_AT[release]?.reduce((all, bit) => all | bit, 0n) ?? ALL)

/** A set of offloads as a release has it on the wire. */
export const atPositions = (set: bigint, { name }: Release): bigint =>
  BITS_AT[name]?.reduce((bits, bit, at) => ((set & bit) === 0n ? bits : bits | (1n << BigInt(at))), 0n) ?? set

/** The set that bits on the wire of a release stand for. */
export const fromPositions = (bits: bigint, { name }: Release): bigint =>
  BITS_AT[name]?.reduce((set, bit, at) => ((bits >> BigInt(at)) & 1n ? set | bit : set), 0n) ?? bits

/** What a driver makes of a new device: what users can switch, what is on, and what is said to be wanted. */
export interface Features {
  readonly hw: bigint
  readonly active: bigint
  readonly wanted: bigint
  /** What it was before a release. */
  readonly earlier?: Features & { readonly before: string }
}

/** The same of one device, after someone has switched something. */
export interface FeatureSwitches {
  wanted: bigint
  active: bigint
}

/** Nothing of this can ever be switched. */
export const NEVER_CHANGE = featureSet('vlan-challenged')

const NONE: Features = { hw: 0n, active: 0n, wanted: 0n }

/** The offloads of a device as they are. */
export function featuresOf(dev: Device, release: Release): Features {
  const declared = dev.driver.features ?? NONE
  const { earlier } = declared
  const made = earlier && !release.has(earlier.before) ? earlier : declared
  const known = KNOWN[release.name]
  const { wanted, active } = dev.featureSwitches ?? made
  const hw = made.hw & known & ~dev.withheldFeatures
  return { hw, wanted: wanted & known, active: active & known }
}

const ANY_TCP = featureSet(
  'tx-tcp-segmentation tx-tcp-ecn-segmentation tx-tcp-mangleid-segmentation tx-tcp6-segmentation',
)
const TCP4 = featureSet('tx-tcp-segmentation tx-tcp-ecn-segmentation')

/** What does not work without something else, which turns it off. `needs`: one of these. In the order of application. */
const DEPENDENCIES: readonly { readonly off: bigint; readonly needs: bigint }[] = [
  { off: ANY_TCP, needs: featureSet('tx-scatter-gather') },
  { off: TCP4, needs: featureSet('tx-checksum-ip-generic tx-checksum-ipv4') },
  { off: featureSet('tx-tcp6-segmentation'), needs: featureSet('tx-checksum-ip-generic tx-checksum-ipv6') },
  { off: featureSet('tx-tcp-mangleid-segmentation'), needs: featureSet('tx-tcp-segmentation') },
  { off: featureSet('tx-generic-segmentation'), needs: featureSet('tx-scatter-gather') },
  { off: featureSet('tx-udp-segmentation'), needs: featureSet('tx-checksum-ip-generic tx-checksum-ipv4') },
  { off: featureSet('rx-gro-hw'), needs: featureSet('rx-checksum') },
]

function withDependencies(set: bigint): bigint {
  let on = set
  for (const { off, needs } of DEPENDENCIES) if ((on & needs) === 0n) on &= ~off
  return on
}

/** Asks for offloads; those that the device cannot switch are left as they are. Announced if anything comes of it. */
export function wantFeatures(kernel: Core, dev: Device, wanted: bigint): void {
  const { hw, active, wanted: before } = featuresOf(dev, kernel.release)
  const now = (before & ~hw) | (wanted & hw)
  applyFeatures(kernel, dev, now, withDependencies((active & ~hw) | (now & hw)))
}

/** Has a device do without some offloads of its driver, or use them again if they are wanted. Announced if it had them on. */
export function withholdFeatures(kernel: Core, dev: Device, withheld: bigint): void {
  dev.withheldFeatures = withheld
  const { hw, active, wanted } = featuresOf(dev, kernel.release)
  applyFeatures(kernel, dev, wanted, withDependencies(((active & ~hw) | (wanted & hw)) & ~withheld))
}

function applyFeatures(kernel: Core, dev: Device, wanted: bigint, result: bigint): void {
  const { active } = featuresOf(dev, kernel.release)
  dev.featureSwitches = { wanted, active: result }
  dev.txOffloads = TX_UNKNOWN
  dev.mergesSegments = undefined
  kernel.changes++
  if (result === active) return
  dev.driver.featuresChanged?.(kernel, dev)
  kernel.announce.link(dev, { change: 0, event: FEATURE_CHANGE })
  kernel.announce.features(dev)
}

/** IFLA_EVENT of a notification about offloads. */
const FEATURE_CHANGE = 2

const GRO = featureSet('rx-gro')

/** Finds out, and notes, whether TCP segments that a device receives are merged. */
export function learnMerging(dev: Device, release: Release): boolean {
  dev.mergesSegments = (featuresOf(dev, release).active & GRO) !== 0n
  return dev.mergesSegments
}

const LRO = featureSet('rx-lro')

/** Packets that are forwarded must stay as they came. */
export function disableLro(kernel: Core, dev: Device): void {
  const { wanted } = featuresOf(dev, kernel.release)
  if ((wanted & LRO) !== 0n) wantFeatures(kernel, dev, wanted & ~LRO)
}
