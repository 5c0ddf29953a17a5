import type { NetkitData, WireDirection } from '@netkit/netlink'
import type { DeviceSettings } from '../devices/options.ts'
import type { ImpairmentWords } from '../impairment/text.ts'
import { addressText } from './ip/address.ts'
import { neighbourText } from './ip/neighbour.ts'
import { routeText } from './ip/route.ts'
import { ruleText } from './ip/rule.ts'
import type { AddressState, NeighbourState, RouteState, RuleState } from './schema/schema.ts'

/** A device that a step is about: by its mark, or by name or ifindex where it has none yet. */
export interface StateRef {
  /** Absent: the client's own. */
  readonly netns?: string
  /** As it is called at that moment, as far as that is known. */
  readonly name?: string
  /** How it is found. Default: by its name. */
  readonly by?: { readonly altname: string } | { readonly ifindex: number }
}

/** What a device is made with. */
export interface StateBirth extends Omit<DeviceSettings, 'master'> {
  readonly numRxQueues?: number
  readonly numTxQueues?: number
}

/** One thing that is done to a kernel, as data. `of`: the entry that asks for it, `pairs.nk0.peer`. */
export type StateStep = { readonly of: string } & (
  | { readonly do: 'namespace add'; readonly netns: string; readonly mark: string }
  | { readonly do: 'namespace remove'; readonly netns: string }
  | {
      readonly do: 'nic add'
      readonly device: StateRef
      readonly mark: string
      readonly queues?: number
      readonly address: string
      readonly wire?: StateWire
    }
  | { readonly do: 'nic remove'; readonly device: StateRef; readonly id: number }
  | {
      readonly do: 'pair add'
      readonly device: StateRef
      readonly mark: string
      readonly birth: StateBirth
      readonly data: NetkitData
      readonly peer: { readonly device: StateRef; readonly mark: string; readonly birth: StateBirth }
    }
  | {
      readonly do: 'single add'
      readonly device: StateRef
      readonly mark: string
      readonly birth: StateBirth
      readonly data: NetkitData
    }
  | { readonly do: 'remove'; readonly device: StateRef }
  | { readonly do: 'mark'; readonly device: StateRef; readonly mark: string }
  | { readonly do: 'rename'; readonly device: StateRef; readonly to: string }
  | {
      readonly do: 'move'
      readonly device: StateRef
      readonly to: { readonly netns?: string; readonly name?: string }
      readonly up: boolean
    }
  | { readonly do: 'set'; readonly device: StateRef; readonly settings: DeviceSettings }
  | { readonly do: 'policy'; readonly device: StateRef; readonly data: Pick<NetkitData, 'policy' | 'peerPolicy'> }
  | { readonly do: 'altname add'; readonly device: StateRef; readonly altnames: readonly string[] }
  | { readonly do: 'altname remove'; readonly device: StateRef; readonly altnames: readonly string[] }
  | { readonly do: 'channels'; readonly device: StateRef; readonly count: number }
  | { readonly do: 'rings'; readonly device: StateRef; readonly settings: Readonly<Record<string, string | number>> }
  | {
      readonly do: 'impair'
      readonly device: StateRef
      readonly direction: WireDirection
      /** Empty: unimpaired. */
      readonly impairment: ImpairmentWords
    }
  | { readonly do: 'lease'; readonly device: StateRef; readonly nic: StateRef; readonly queue: number }
  | Doing<'address add' | 'address change' | 'address remove', OfDevice & { readonly address: AddressState }>
  | Doing<'neighbour add' | 'neighbour change' | 'neighbour remove', OfDevice & { readonly neighbour: NeighbourState }>
  | Doing<'route add' | 'route replace' | 'route remove', OfNamespace & { readonly route: RouteState }>
  | Doing<'rule add' | 'rule remove', OfNamespace & { readonly rule: RuleState }>
)

/** The same for several things that are done. */
type Doing<K extends string, T> = K extends string ? { readonly do: K } & T : never

/** `protocol`: the number of the set, by which what it makes is known. */
interface OfDevice {
  readonly device: StateRef
  readonly protocol: number
}
interface OfNamespace {
  /** Absent: the client's own. */
  readonly netns?: string
  readonly protocol: number
}

/** A cable, as a document describes it. */
export interface StateWire {
  readonly play?: string
  readonly record?: string
  readonly pace?: 'full' | 'timestamps'
}

/** What a step does. */
export type StepKind = StateStep['do']
export type StepOf<K extends StepKind> = Extract<StateStep, { do: K }>

const inNamespace = (netns: string | undefined): string => (netns === undefined ? '' : ` in ${netns}`)

const deviceText = ({ name, netns, by }: StateRef): string => {
  const called = name ?? (by && 'altname' in by ? by.altname : `#${by?.ifindex}`)
  return `${called}${inNamespace(netns)}`
}

const valuesText = (values: object): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} ${value === '' ? "''" : value}`)
    .join('')

const TEXT: { readonly [K in StepKind]: (step: StepOf<K>) => string } = {
  'namespace add': (s) => `make namespace ${s.netns}`,
  'namespace remove': (s) => `remove namespace ${s.netns}`,
  'nic add': (s) => `plug in NIC ${deviceText(s.device)}${valuesText({ queues: s.queues })}`,
  'nic remove': (s) => `unplug NIC ${deviceText(s.device)}`,
  'pair add': (s) =>
    `make pair ${deviceText(s.device)}${valuesText(s.data)}${valuesText(plain(s.birth))} with peer ${deviceText(s.peer.device)}${valuesText(plain(s.peer.birth))}`,
  'single add': (s) => `make single device ${deviceText(s.device)}${valuesText({ ...s.data, ...plain(s.birth) })}`,
  remove: (s) => `remove ${deviceText(s.device)}`,
  mark: (s) => `mark ${deviceText(s.device)} as ${s.mark}`,
  rename: (s) => `rename ${deviceText(s.device)} to ${s.to}`,
  move: (s) =>
    `move ${deviceText(s.device)} to ${s.to.netns ?? 'the own namespace'}${s.to.name === undefined ? '' : ` as ${s.to.name}`}`,
  set: (s) => `set ${deviceText(s.device)}${valuesText(switches(s.settings))}`,
  policy: (s) => `set ${deviceText(s.device)}${valuesText(s.data)}`,
  'altname add': (s) => `call ${deviceText(s.device)} also ${s.altnames.join(', ')}`,
  'altname remove': (s) => `no longer call ${deviceText(s.device)} ${s.altnames.join(', ')}`,
  channels: (s) => `set ${deviceText(s.device)} channels ${s.count}`,
  rings: (s) => `set ${deviceText(s.device)} rings${valuesText(s.settings)}`,
  impair: (s) => `impair ${deviceText(s.device)} ${s.direction}${valuesText(s.impairment) || ' none'}`,
  lease: (s) => `lease queue ${s.queue} of ${deviceText(s.nic)} to ${deviceText(s.device)}`,
  'address add': (s) => `add address ${addressText(s.address)} to ${deviceText(s.device)}`,
  'address change': (s) => `change address ${addressText(s.address)} of ${deviceText(s.device)}`,
  'address remove': (s) => `remove address ${addressText(s.address)} from ${deviceText(s.device)}`,
  'neighbour add': (s) => `add neighbour ${neighbourText(s.neighbour)} on ${deviceText(s.device)}`,
  'neighbour change': (s) => `change neighbour ${neighbourText(s.neighbour)} on ${deviceText(s.device)}`,
  'neighbour remove': (s) => `remove neighbour ${neighbourText(s.neighbour)} on ${deviceText(s.device)}`,
  'route add': (s) => `add route ${routeText(s.route)}${inNamespace(s.netns)}`,
  'route replace': (s) => `replace route ${routeText(s.route)}${inNamespace(s.netns)}`,
  'route remove': (s) => `remove route ${routeText(s.route)}${inNamespace(s.netns)}`,
  'rule add': (s) => `add rule ${ruleText(s.rule)}${inNamespace(s.netns)}`,
  'rule remove': (s) => `remove rule ${ruleText(s.rule)}${inNamespace(s.netns)}`,
}

/** What a device is made with, less what belongs to the making itself. */
const plain = ({ name: _name, group: _group, ...birth }: StateBirth): object => birth

const switches = ({ up, ...settings }: DeviceSettings): object =>
  up === undefined ? settings : { ...settings, [up ? 'up' : 'down']: undefined, link: up ? 'up' : 'down' }

/** A step in words: `lease queue 7 of eth0 to nk1 in pod`. */
export const stepText = (step: StateStep): string => (TEXT[step.do] as (step: StateStep) => string)(step)
