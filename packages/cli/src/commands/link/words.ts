import { LINKMODE, NETKIT } from '@netkit/netlink'
import { attrValue } from '../../grammar/from-table.ts'
import { address, deviceName, integer, namespace, newName, onOff, text, u32, words } from '../../grammar/values.ts'
import type { Words } from '../../grammar/words.ts'

const { rows } = NETKIT
const COUNT = integer('COUNT', 1, 4096)
const INDEX = integer('IDX', 1, 0x7fff_ffff)

/** A group of devices: iproute2 knows one by name, `default`, which is 0. */
export const group = {
  ...u32('GROUP'),
  allowed: "a number from 0 to 4294967295, or 'default'",
  parse: (word: string) => (word === 'default' ? 0 : u32('GROUP').parse(word)),
}

/** What can be said of any device, when it is made and later. */
export const settings = {
  mtu: { value: u32('MTU'), doc: 'largest payload of a frame, in bytes' },
  address: {
    value: address(),
    aliases: ['addr', 'lladdr', 'mac'],
    doc: 'hardware address; a netkit device has one in mode l2 only',
  },
  broadcast: { value: address(), aliases: ['brd'], doc: 'hardware broadcast address' },
  txqueuelen: {
    value: integer('PACKETS', 0, 32_767),
    aliases: ['txqlen', 'qlen'],
    doc: 'packets that may wait for transmission',
  },
  alias: { value: text('TEXT'), doc: 'a text about it, at most 255 bytes; empty takes it away' },
  group: { value: group, doc: 'group that it belongs to, to handle many at once' },
  up: { doc: 'administratively up' },
  down: { doc: 'administratively down' },
  arp: { value: onOff, doc: 'resolve addresses of neighbours' },
  multicast: { value: onOff, doc: 'take part in multicast' },
  allmulticast: { value: onOff, doc: 'receive all multicast frames' },
  promisc: { value: onOff, doc: 'receive frames for any address' },
  dynamic: { value: onOff, doc: 'the address may change' },
} satisfies Words

const offloads = {
  gso_max_size: { value: u32('BYTES'), doc: 'largest packet that segmentation is offloaded for' },
  gso_max_segs: { value: u32('PACKETS'), doc: 'most segments of such a packet' },
  gro_max_size: { value: u32('BYTES'), doc: 'largest packet that is put together from segments' },
  gso_ipv4_max_size: { value: u32('BYTES'), doc: 'the same as gso_max_size for IPv4' },
  gro_ipv4_max_size: { value: u32('BYTES'), doc: 'the same as gro_max_size for IPv4' },
} satisfies Words

/** What can be said of a device that is made. */
export const birth = {
  name: {
    value: newName(),
    aliases: ['dev'],
    positional: true,
    doc: '1 to 15 bytes; %d stands for the lowest free number; default: by kind',
  },
  index: { value: INDEX, doc: 'wanted ifindex' },
  ...settings,
  ...offloads,
  numtxqueues: { value: COUNT, doc: 'transmit queues; 1 of netkit' },
  numrxqueues: { value: COUNT, doc: 'room for receive queues, 1 to 1024 of netkit: one, and one more for each lease' },
  altname: { value: deviceName('NAME'), multi: true, doc: 'alternative name' },
  netns: { value: namespace(), doc: 'namespace that it is made in' },
} satisfies Words

/** What can be set later. */
export const later = {
  ...settings,
  ...offloads,
  name: { value: newName('NEWNAME'), doc: 'new name' },
  mode: { value: words(Object.keys(LINKMODE) as (keyof typeof LINKMODE)[]), doc: 'link mode' },
  state: {
    value: words(['up', 'dormant', 'testing', 'unknown']),
    doc: 'operational state; the kernel takes some changes only',
  },
  master: { value: deviceName(), doc: 'device that it is enslaved to' },
  nomaster: { doc: 'release it from its master' },
} satisfies Words

const policy = {
  policy: {
    value: attrValue(rows.policy, 'POLICY'),
    doc: 'what happens to packets that it sends while no program is attached',
  },
  forward: { doc: 'the same as policy forward' },
  blackhole: { doc: 'the same as policy blackhole' },
} satisfies Words

const scrub = {
  scrub: {
    value: attrValue(rows.scrub, 'SCRUB'),
    doc: 'whether mark and priority are cleared from packets that it sends to another namespace',
  },
} satisfies Words

/** The other end of a pair of kind netkit. */
export const netkitPeer = { ...birth, ...policy, ...scrub } satisfies Words

/** What is particular to netkit devices. The word for each is that of the attribute. */
export const netkitBirth = {
  mode: { value: attrValue(rows.mode, 'MODE'), doc: 'l2: as Ethernet; l3 (default): without addresses' },
  ...policy,
  ...scrub,
  headroom: { value: attrValue(rows.headroom, 'BYTES'), doc: 'bytes kept free in front of each packet; default 0' },
  tailroom: { value: attrValue(rows.tailroom, 'BYTES'), doc: 'bytes kept free behind each packet; default 0' },
  pairing: {
    value: attrValue(rows.pairing, 'PAIRING'),
    doc: 'pair (default), or single: without peer, to lease queues for',
  },
  peer: { section: netkitPeer, doc: 'the other end: words behind it are about it' },
} satisfies Words

/** What can be changed of a netkit pair. */
export const netkitLater = { ...policy, peer: { section: policy, doc: 'the other end' } } satisfies Words

const vethBirth = {
  peer: { section: birth, doc: 'the other end: words behind it are about it' },
} satisfies Words

/** Words that a kind of device brings. */
export const KIND_WORDS = { netkit: netkitBirth, veth: vethBirth, dummy: {} } as const satisfies Readonly<
  Record<string, Words>
>
export type Kind = keyof typeof KIND_WORDS
