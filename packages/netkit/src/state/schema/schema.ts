import { IMPAIRMENT } from '@netkit/netlink'
import * as z from 'zod'
import { IMPAIRMENT_WORDS } from '../../impairment/text.ts'
import {
  type AddressEntry,
  addresses,
  type NeighbourEntry,
  type NexthopEntry,
  neighbours,
  type RouteEntry,
  type RuleEntry,
  routes,
  rules,
} from './ip.ts'
import { about, deviceName, integer, U16, U32 } from './words.ts'

/**
 * What a file of declared state may say. This declaration is the only one: the types of the SDK, the validation of files
 * and the published JSON schema, from which editors complete, are all made from it. What an entry does not say is left as
 * it is, but for its place (`netns`) and its name.
 */

const altname = z
  .string()
  .min(1)
  .max(127)
  .regex(/^(?!netkit(-peer|-netns)?\.)/, {
    error: 'a name that does not begin with netkit., which marks what a set owns',
  })
const namespaceName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^(?!\.{1,2}$)[^/]+$/, { error: "a file name without '/'" })
const address = z
  .string()
  .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, { error: 'six bytes in lower case, such as 02:00:00:00:00:01' })
const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, { error: "letters, digits, '_', '.' and '-', a letter, digit or '_' first" })
const setName = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, { error: "lower-case letters, digits and '-'" })

const settings = {
  up: about(z.boolean(), 'Administratively up.'),
  mtu: about(integer(0, 0x7fff_ffff), 'Bytes.', 1500),
  address: about(address, 'Hardware address; of netkit devices in mode l2 only.', '02:00:00:00:00:01'),
  alias: about(z.string().max(255), 'Free text; empty takes it away.'),
  txqlen: about(integer(0, 32767), 'Packets in the transmit queue.', 1000),
  group: about(integer(0, U32), 'Number of the group of devices that it belongs to.', 0),
  'gso-max-size': about(integer(0, U32), 'Bytes of the largest segment to offload.', 65536),
  'gso-max-segs': about(integer(0, U16), 'Packets in the largest segment to offload.', 65535),
  'gro-max-size': about(integer(0, 524280), 'Bytes of the largest packet that receiving may put together.', 65536),
  'gso-ipv4-max-size': about(integer(0, U32), 'The same as gso-max-size, of IPv4.', 65536),
  'gro-ipv4-max-size': about(integer(0, 524280), 'The same as gro-max-size, of IPv4.', 65536),
  altnames: about(z.array(altname), 'Its alternative names, all of them.', ['uplink-of-pod-7']),
  addresses,
  neighbours,
}

const place = {
  name: about(deviceName, 'Its name. Default: the key of this entry.', 'eth0'),
  netns: about(namespaceName, 'The namespace that it lives in. Default: the one that netkit runs in.', 'pod'),
}

const lease = z
  .strictObject({
    nic: z
      .string()
      .min(1)
      .max(64)
      .meta({ description: 'The NIC: its key in nics, or the name of a device.', examples: ['eth0'] }),
    netns: about(
      namespaceName,
      'The namespace of a NIC that nics does not list. Default: the one that netkit runs in.',
    ),
    queue: integer(0, U32).meta({ description: 'Its receive queue, from 0.', examples: [7] }),
  })
  .meta({ description: 'A receive queue of a NIC.' })

const leases = about(
  z.array(lease),
  'Receive queues of one NIC, which become queues 1, 2, … of the device in this order; all of them. Kernels can end a lease only together with its device.',
  [{ nic: 'eth0', queue: 7 }],
)

const mode = about(
  z.enum(['l2', 'l3']),
  'l2: as Ethernet; l3: without addresses and neighbours. Default of the kernel: l3. Fixed.',
)
const policy = about(z.enum(['forward', 'blackhole']), 'What becomes of packets while no program is attached.')
const scrub = about(z.enum(['none', 'default']), 'Whether mark and priority of packets that leave are cleared. Fixed.')
const room = (where: string) => about(integer(0, U16), `Bytes kept free ${where} each packet, at least. Fixed.`)
const queues = {
  numrxqueues: about(
    integer(1, 1024),
    'Room for receive queues: one more than it leases. Default of the kernel: 1. Fixed.',
  ),
  numtxqueues: about(integer(1, 1), 'Transmit queues. Fixed.'),
}

const peer = z
  .strictObject({
    name: about(deviceName, 'Its name. Default: left to the kernel.', 'eth0'),
    netns: about(
      namespaceName.nullable(),
      'The namespace that it lives in. Default: that of the primary. null: the one that netkit runs in.',
      'pod',
    ),
    ...settings,
    ...queues,
    policy,
    scrub,
    leases,
  })
  .meta({ description: 'The other end of a pair.' })

const pair = z
  .strictObject({
    ...place,
    mode,
    policy,
    scrub,
    headroom: room('before'),
    tailroom: room('behind'),
    ...settings,
    ...queues,
    peer: peer.optional(),
  })
  .meta({ description: 'A pair of netkit devices: this one, the primary, and its peer.' })

const single = z
  .strictObject({ ...place, mode, headroom: room('before'), tailroom: room('behind'), ...settings, ...queues, leases })
  .meta({ description: 'A netkit device without a peer, to lease receive queues for. Linux 7.1.' })

const rings = z
  .strictObject({
    rx: about(integer(1, U32), 'Descriptors of each receive queue.'),
    tx: about(integer(1, U32), 'Descriptors of each transmit queue.'),
    'tcp-data-split': about(
      z.enum(['enabled', 'disabled']),
      'Whether headers and payload land in buffers of their own, which zero-copy receive needs.',
    ),
    'hds-thresh': about(integer(0, U32), 'Packets up to so many bytes are not split.'),
  })
  .meta({ description: 'Descriptor rings, and how packets are laid out in them.' })

const wire = z
  .strictObject({
    play: about(z.string().min(1), 'A recording, pcap or pcapng: what it holds is received, when it is played.'),
    record: about(z.string().min(1), 'Records what the NIC transmits, as pcapng.'),
    pace: about(z.enum(['full', 'timestamps']), 'Play as fast as possible, or by the timestamps of the recording.'),
  })
  .meta({ description: 'The other end of the cable. Connected when the NIC is plugged in; not looked at afterwards.' })

const impairmentWord = (word: (typeof IMPAIRMENT_WORDS)[number]) => {
  const { unit, min, max, doc } = IMPAIRMENT[word]
  const value = unit === 'count' ? integer(min, max) : z.string().min(1)
  return value.meta({ description: `${doc[0].toUpperCase()}${doc.slice(1)}.` }).optional()
}
const impairment = z
  .strictObject(Object.fromEntries(IMPAIRMENT_WORDS.map((word) => [word, impairmentWord(word)])))
  .meta({
    description: 'Words and values of tc-netem. Empty: unimpaired.',
    examples: [{ loss: '1%', delay: '10ms 2ms', seed: 7 }],
  })
const impair = z.strictObject({ rx: impairment.optional(), tx: impairment.optional() }).meta({
  description: 'What becomes of frames on its wire: of those that it receives, and of those that it transmits.',
})

const nic = z
  .strictObject({
    ...place,
    queues: about(integer(1, 1024), 'Receive and transmit queues that it has. Default: 1. Fixed.', 8),
    channels: about(integer(1, 1024), 'How many of its queues are in use.', 8),
    rings: rings.optional(),
    wire: wire.optional(),
    impair: impair.optional(),
    ...settings,
  })
  .meta({
    description:
      'A NIC. One that is there by this name is used; otherwise it is plugged in, where the kernel has such hardware: the embedded one.',
  })

const inside = {
  lo: z
    .strictObject({ up: about(z.boolean(), 'Administratively up.'), addresses })
    .meta({ description: 'Its loopback device.' })
    .optional(),
  routes,
  rules,
}
const namespace = z.strictObject(inside).meta({ description: 'A network namespace.' })
const own = z.strictObject(inside).meta({ description: 'The namespace that netkit runs in.' })

const version = z.literal(1).meta({ description: 'The version of this format.' })
const set = about(
  setName,
  "Who owns what is made from this file: netkit changes and removes only what bears this set's mark. Default: default.",
)

export const STATE = z
  .strictObject({
    version,
    set,
    own: own.optional(),
    namespaces: z.record(namespaceName, namespace).meta({ description: 'Named network namespaces.' }).optional(),
    nics: z.record(id, nic).meta({ description: 'NICs.' }).optional(),
    pairs: z.record(id, pair).meta({ description: 'Pairs of netkit devices.' }).optional(),
    singles: z.record(id, single).meta({ description: 'Netkit devices without a peer.' }).optional(),
  })
  .meta({
    title: 'Declared state of netkit',
    description: 'Devices, namespaces, leases, addresses and routes as they are to be.',
  })

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/** Declared state: what a file says, as `apply` takes it. */
export type StateDocument = DeepReadonly<z.infer<typeof STATE>>
export type NicState = DeepReadonly<z.infer<typeof nic>>
export type PairState = DeepReadonly<z.infer<typeof pair>>
export type PeerState = DeepReadonly<z.infer<typeof peer>>
export type SingleState = DeepReadonly<z.infer<typeof single>>
export type LeaseState = DeepReadonly<z.infer<typeof lease>>
export type AddressState = DeepReadonly<AddressEntry>
export type NeighbourState = DeepReadonly<NeighbourEntry>
export type NexthopState = DeepReadonly<NexthopEntry>
export type RouteState = DeepReadonly<RouteEntry>
export type RuleState = DeepReadonly<RuleEntry>
export type NamespaceState = DeepReadonly<z.infer<typeof namespace>>
