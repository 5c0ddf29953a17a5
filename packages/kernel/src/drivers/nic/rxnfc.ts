import { errno } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { featureSet, featuresOf } from '../../net/features.ts'
import { FLOW_SPEC_BYTES, flowSpecOf, parseFlowSpec } from './parse-flow-spec.ts'
import { nicState } from './state.ts'

/** Commands about steering rules, and struct ethtool_rxnfc that they carry. Source: uapi linux/ethtool.h. */
const GRXRINGS = 0x2d
const GRXCLSRLCNT = 0x2e
const GRXCLSRULE = 0x2f
const GRXCLSRLALL = 0x30
const SRXCLSRLDEL = 0x31
const SRXCLSRLINS = 0x32
const SIZE = 192
const DATA = 8
const SPEC = 16
const LOCATION = SPEC + 160
const RULE_COUNT = 184
const LOCATIONS = 188
const LOC_SPECIAL = 0x8000_0000

const CHANGES: ReadonlySet<number> = new Set([SRXCLSRLDEL, SRXCLSRLINS])
const NTUPLE = featureSet('rx-ntuple-filter')

/** Whether a command changes something, so that it takes privilege. */
export const isChange = (command: number): boolean => CHANGES.has(command)

/** Carries out a command of ethtool on the NIC, in place. Returns 0 or a negative errno. */
export function steeringIoctl(kernel: Core, dev: Device, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const command = view.getUint32(0, true)
  if (bytes.length < SIZE) return -errno.EFAULT
  const { steering } = nicState(dev)
  switch (command) {
    case GRXRINGS:
      view.setBigUint64(DATA, BigInt(dev.realRxQueues), true)
      return 0
    case GRXCLSRLCNT:
      view.setUint32(RULE_COUNT, steering.count, true)
      view.setBigUint64(DATA, BigInt((steering.size | LOC_SPECIAL) >>> 0), true)
      return 0
    case GRXCLSRULE: {
      const rule = steering.get(view.getUint32(LOCATION, true))
      if (!rule) return -errno.ENOENT
      bytes.set(flowSpecOf(rule), SPEC)
      return 0
    }
    case GRXCLSRLALL:
      return listRules(steering.locations, steering.size, view)
    case SRXCLSRLINS:
      return insertRule(kernel, dev, bytes, view)
    case SRXCLSRLDEL: {
      const removed = steering.remove(view.getUint32(LOCATION, true))
      if (removed === 0) kernel.changes++
      return removed
    }
    default:
      return -errno.EOPNOTSUPP
  }
}

function listRules(locations: readonly number[], size: number, view: DataView): number {
  const room = Math.min(view.getUint32(RULE_COUNT, true), Math.floor((view.byteLength - LOCATIONS) / 4))
  if (room < locations.length) return -errno.EMSGSIZE
  for (const [i, location] of locations.entries()) view.setUint32(LOCATIONS + 4 * i, location, true)
  view.setUint32(RULE_COUNT, locations.length, true)
  view.setBigUint64(DATA, BigInt(size), true)
  return 0
}

function insertRule(kernel: Core, dev: Device, bytes: Uint8Array, view: DataView): number {
  const { steering, selector } = nicState(dev)
  const rule = parseFlowSpec(bytes.subarray(SPEC, SPEC + FLOW_SPEC_BYTES), view.getUint32(RULE_COUNT, true))
  const location = rule
    ? steering.insert(rule, {
        up: dev.up,
        filtering: (featuresOf(dev, kernel.release).active & NTUPLE) !== 0n,
        rings: dev.realRxQueues,
        hasContext: (context) => selector.contexts.has(context),
      })
    : -errno.EOPNOTSUPP
  if (location < 0) return location
  kernel.changes++
  view.setUint32(LOCATION, location, true)
  return 0
}
