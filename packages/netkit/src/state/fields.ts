import type { DeviceSettings } from '../devices/options.ts'
import type { Found } from './actual.ts'
import type { EndState } from './targets.ts'

/** A value of a field, as a document has it. */
export type Value = string | number | boolean

/** A field of a document that all devices have: what it is called here and in the SDK, and how it is now. */
interface SettingField {
  readonly key: keyof EndState
  readonly sdk: keyof DeviceSettings
  readonly now: (found: Found) => Value | undefined
  /** What nobody has to say: left out of exports. Absent: always said. */
  readonly usual?: Value
}

/** What can be changed on any device, at any time. */
export const SETTINGS: readonly SettingField[] = [
  { key: 'up', sdk: 'up', now: ({ device }) => device.up },
  { key: 'mtu', sdk: 'mtu', now: ({ device }) => device.mtu },
  { key: 'address', sdk: 'address', now: ({ device }) => device.address },
  { key: 'alias', sdk: 'alias', now: ({ device }) => device.alias ?? '', usual: '' },
  { key: 'txqlen', sdk: 'txqlen', now: ({ device }) => device.attrs.txqlen },
  { key: 'group', sdk: 'group', now: ({ device }) => device.attrs.group ?? 0 },
  { key: 'gso-max-size', sdk: 'gsoMaxSize', now: ({ device }) => device.attrs.gsoMaxSize, usual: 65536 },
  { key: 'gso-max-segs', sdk: 'gsoMaxSegs', now: ({ device }) => device.attrs.gsoMaxSegs, usual: 65535 },
  { key: 'gro-max-size', sdk: 'groMaxSize', now: ({ device }) => device.attrs.groMaxSize, usual: 65536 },
  { key: 'gso-ipv4-max-size', sdk: 'gsoIpv4MaxSize', now: ({ device }) => device.attrs.gsoIpv4MaxSize, usual: 65536 },
  { key: 'gro-ipv4-max-size', sdk: 'groIpv4MaxSize', now: ({ device }) => device.attrs.groIpv4MaxSize, usual: 65536 },
]

/** A field that is settled when its device is made: another value takes another device. */
interface BirthField {
  readonly key: keyof EndState
  readonly now: (found: Found) => Value | undefined
  /** Whether what is there will do. Default: the same value. */
  readonly does?: (wanted: Value, now: Value) => boolean
  readonly usual?: Value
}

const atLeast = (wanted: Value, now: Value): boolean => now >= wanted

const named = (value: string | number | undefined): Value | undefined => value

const NUMRXQUEUES: BirthField = { key: 'numrxqueues', now: ({ device }) => device.attrs.numRxQueues }
const NUMTXQUEUES: BirthField = { key: 'numtxqueues', now: ({ device }) => device.attrs.numTxQueues, usual: 1 }
const SCRUB: BirthField = { key: 'scrub', now: ({ device }) => named(device.netkit?.scrub), usual: 'default' }
const KIND: readonly BirthField[] = [
  { key: 'mode', now: ({ device }) => named(device.netkit?.mode) },
  { key: 'headroom', now: ({ device }) => device.netkit?.headroom, does: atLeast, usual: 0 },
  { key: 'tailroom', now: ({ device }) => device.netkit?.tailroom, does: atLeast, usual: 0 },
]

/** What is settled at birth, by what a device is. */
export const BIRTH = {
  nic: [{ key: 'queues', now: ({ device }) => device.attrs.numRxQueues }],
  single: [...KIND, NUMRXQUEUES, NUMTXQUEUES],
  primary: [...KIND, SCRUB, NUMRXQUEUES, NUMTXQUEUES],
  peer: [SCRUB, NUMRXQUEUES, NUMTXQUEUES],
} as const satisfies Readonly<Record<string, readonly BirthField[]>>

export const birthOf = (role: keyof typeof BIRTH): readonly BirthField[] => BIRTH[role]

/** The policy of either end of a pair. */
export const policyNow = ({ device }: Found): Value | undefined => named(device.netkit?.policy)

/** Fields of `rings`, by their names in the SDK. */
export const RINGS_FIELDS = { rx: 'rx', tx: 'tx', 'tcp-data-split': 'tcpDataSplit', 'hds-thresh': 'hdsThresh' } as const
