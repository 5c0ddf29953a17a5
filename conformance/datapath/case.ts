/** Devices of every case. `peer`: the other end; `ns`: where it lives, the host if absent. */
export interface LinkPlan {
  readonly kind: 'netkit' | 'veth' | 'dummy'
  readonly name: string
  readonly peer?: string
  readonly ns?: string
}

/** Two pods with netkit pairs, a pair and a single device in the host, and a cable to a pod. */
export const LINKS: readonly LinkPlan[] = [
  { kind: 'netkit', name: 'nk1', peer: 'eth1', ns: 'p1' },
  { kind: 'netkit', name: 'nk2', peer: 'eth2', ns: 'p2' },
  { kind: 'netkit', name: 'nk3', peer: 'nk4' },
  { kind: 'veth', name: 'v1', peer: 'v2', ns: 'p1' },
  { kind: 'dummy', name: 'du' },
]

/** Devices in an order, which gives them their addresses. */
export const DEVICES: readonly string[] = LINKS.flatMap(({ name, peer }) => (peer ? [name, peer] : [name]))
export const namespaceOf = (device: string): string => LINKS.find(({ peer }) => peer === device)?.ns ?? ''
/** Different in all namespaces, so that an ifindex tells which device is meant. */
export const ifindexOf = (device: string): number => 101 + DEVICES.indexOf(device)
export const addressOf = (device: string): readonly number[] => [2, 0, 0, 0, 0, DEVICES.indexOf(device) + 1]

/** How all netkit pairs of a case are made. */
export interface Settings {
  readonly mode: 'l2' | 'l3'
  readonly policy: 'forward' | 'blackhole'
  readonly peerPolicy: 'forward' | 'blackhole'
  readonly scrub: 'default' | 'none'
  readonly peerScrub: 'default' | 'none'
}

export type Hook = 'netkitPrimary' | 'netkitPeer' | 'tcxIngress' | 'tcxEgress'

export interface Attachment {
  /** Where it is attached: of netkit the primary. */
  readonly device: string
  readonly hook: Hook
  /** Instructions, hex. */
  readonly code: string
  /** Slots whose immediate is the descriptor of the observers' map. */
  readonly maps: readonly number[]
  /** The source, for readers. */
  readonly asm: string
}

export interface DatapathCase {
  readonly name: string
  readonly settings: Settings
  readonly programs: readonly Attachment[]
  /** Frames, one after the other, each once the last one has come to rest. */
  readonly sends: readonly { readonly device: string; readonly frame: string }[]
}

/** What came of a case. */
export interface Outcome {
  /** By device: packets as packet sockets see them: type (4: outgoing) and bytes. */
  readonly seen: Readonly<Record<string, readonly string[]>>
  /** By device: packets and bytes received, packets and bytes sent, dropped on the way out and in. */
  readonly counters: Readonly<Record<string, readonly number[]>>
  /** By observer: what it saw last, and how often it ran. */
  readonly observed: Readonly<Record<string, Readonly<Record<string, number | string>>>>
}

/** What observers write down: words of the map's values, in order. */
export const FIELDS = [
  ['runs', -1],
  ['len', 0],
  ['pktType', 4],
  ['mark', 8],
  ['queueMapping', 12],
  ['protocol', 16],
  ['vlanPresent', 20],
  ['vlanTci', 24],
  ['priority', 32],
  ['ingressIfindex', 36],
  ['ifindex', 40],
  ['tcIndex', 44],
  ['stamped', 152],
  ['wireLen', 160],
] as const satisfies readonly (readonly [name: string, offset: number])[]
export const VALUE_BYTES = FIELDS.length * 4
export const OBSERVERS = 16

/** A map value as an outcome tells it. */
export function readObserved(value: DataView): Record<string, number | string> {
  return Object.fromEntries(
    FIELDS.map(([name], i) => {
      const word = value.getUint32(4 * i, true)
      return [name, name.toLowerCase().endsWith('ifindex') && word !== 0 ? DEVICES[word - 101] : word]
    }),
  )
}
