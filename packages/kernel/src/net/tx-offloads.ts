import { GSO_DODGY } from '../packet/fields.ts'
import type { Release } from '../release/release.ts'
import type { Device } from './device.ts'
import { featureSet, featuresOf } from './features.ts'

/** What a device does itself for packets that it sends, as bits of one number: how it segments, bits of PKT_GSO_TYPE, and these. */
export const TX_CHECKSUM = 1 << 20
export const TX_FRAGMENTS = 1 << 21
export const TX_VLAN = 1 << 22
export const TX_SVLAN = 1 << 23
const GSO_TYPES = (1 << 19) - 1
/** Offloads of segmentation have the order of the bits of PKT_GSO_TYPE, from here on. */
const FIRST_SEGMENTATION = 16n

const OTHERS: readonly (readonly [bigint, number])[] = [
  [featureSet('tx-checksum-ip-generic'), TX_CHECKSUM],
  [featureSet('tx-scatter-gather'), TX_FRAGMENTS],
  [featureSet('tx-vlan-hw-insert'), TX_VLAN],
  [featureSet('tx-vlan-stag-hw-insert'), TX_SVLAN],
]

/** Of a device that takes any packet that this kernel makes, so that none has to be looked at. */
export const TX_ANYTHING = -1

const SEGMENTATION = featureSet(`
  tx-tcp-segmentation tx-tcp6-segmentation tx-gre-segmentation tx-ipxip4-segmentation tx-ipxip6-segmentation
  tx-udp_tnl-segmentation tx-udp-segmentation`)
const ANYTHING = OTHERS.reduce((all, [bit]) => all | bit, SEGMENTATION)
const DEFAULT_GSO_SIZE = 65536
const DEFAULT_GSO_SEGMENTS = 65535

/** Finds out, and notes, what `dev` does itself. */
export function learnTxOffloads(dev: Device, release: Release): number {
  const { active } = featuresOf(dev, release)
  const limited = dev.gsoMaxSize < DEFAULT_GSO_SIZE || dev.gsoMaxSegs < DEFAULT_GSO_SEGMENTS
  if ((active & ANYTHING) === ANYTHING && !limited) dev.txOffloads = TX_ANYTHING
  else {
    const types = Number((active >> FIRST_SEGMENTATION) & BigInt(GSO_TYPES)) & ~GSO_DODGY
    dev.txOffloads = OTHERS.reduce((bits, [feature, bit]) => ((active & feature) !== 0n ? bits | bit : bits), types)
  }
  return dev.txOffloads
}
