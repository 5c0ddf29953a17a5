import { ETHTOOL, LINK, NETDEV, NETKIT, STRING_SETS } from '@netkit/netlink'
import type { Kept } from './kept.ts'
import { channelsGet, generic, nested, queueCreate, queueDump, sendGeneric } from './neighbours/generics.ts'
import { addProps, altnames } from './neighbours/names.ts'
import type { Step } from './scenario.ts'
import {
  addNs,
  addProcess,
  delLink,
  dumpLinks,
  getLink,
  giveNsid,
  inNs,
  kind,
  modify,
  name,
  newLink,
  peerOf,
  send,
  setLink,
  up,
} from './steps.ts'
import { attr, type Bytes, DUMP, nest, str, u16, u32 } from './wire.ts'

/** What releases do differently, a small scenario for each. Recorded they are in ../cases/6.12 and ../cases/7.3. */

const L = LINK.ids
const N = NETKIT.ids
const NIC = 100

const pair = (...data: Bytes[]): Step => send(newLink([...name('t0'), ...kind('netkit', ...data)]))
const change = (attrs: Bytes, index = 3): Step => send(modify(attrs, { index }))
const get = (index: number): Step => send(getLink([], { index }))
const dummy = (n: string, attrs: Bytes = []): Step => send(newLink([...name(n), ...attrs, ...kind('dummy')]))
const nic = (number: number, queues: number): Step => ({ op: 'nic-add', ns: 'A', nic: NIC + number, queues })

const header = (ifindex: number, id = 1): Bytes => nested(id, attr(1, u32(ifindex)))
const { commands: E } = ETHTOOL
const { commands: D } = NETDEV
const ask = (command: { readonly id: number }, attrs: Bytes = [], flags?: number): Step =>
  sendGeneric(generic('ethtool', command.id, attrs, flags))
const netdev = (command: { readonly id: number }, attrs: Bytes = [], flags?: number): Step =>
  sendGeneric(generic('netdev', command.id, attrs, flags))
const strings = (set: number): Bytes => nested(2, nested(1, attr(1, u32(set))))

export const KEPT_RELEASES: readonly Kept[] = [
  {
    file: 'netkit-attributes',
    rule: 'Attributes of netkit that came later are ignored, whatever is in them',
    steps: [
      pair(attr(N.pairing, u32(1))),
      ...[attr(N.headroom, u16(20)), attr(N.tailroom, [1]), attr(N.pairing, u32(7)), attr(99, u32(1))].map((data, i) =>
        send(newLink([...name(`a${i}`), ...peerOf('netkit', {}, name(`b${i}`), data)])),
      ),
      send(dumpLinks()),
    ],
  },
  {
    file: 'netkit-modes',
    rule: 'A mode that there is not: the last one counts, and what cannot be changed comes first',
    steps: [
      pair(attr(N.mode, u32(2))),
      pair(attr(N.mode, u32(2)), attr(N.mode, u32(1))),
      ...[
        attr(N.mode, u32(2)),
        attr(N.scrub, u32(0)),
        attr(N.peerScrub, u32(0)),
        attr(N.headroom, u16(1)),
        attr(N.pairing, u32(0)),
      ].map((data) => change(kind('netkit', data))),
      change(peerOf('netkit', {}, [])),
    ],
  },
  {
    file: 'netkit-queues',
    rule: 'The queues of netkit devices: how many can be asked for, and how many there are',
    steps: [
      send(newLink([...name('t0'), ...attr(L.numRxQueues, u32(4)), ...kind('netkit')])),
      send(newLink([...name('t1'), ...attr(L.numTxQueues, u32(2)), ...kind('netkit')])),
      send(up(2)),
      send(up(3)),
      sendGeneric(queueDump()),
      sendGeneric(queueCreate(2, [])),
      sendGeneric(channelsGet(3)),
    ],
  },
  {
    file: 'places-and-lookups',
    rule: 'Which comes first: where a device goes, what is said of its peer, or whether there is one already',
    steps: [
      addNs('B'),
      addProcess('B'),
      dummy('d0'),
      send(newLink([...name('d0'), ...attr(L.netNsFd, u32(92)), ...kind('dummy')])),
      send(newLink([...name('d0'), ...peerOf('netkit', {}, attr(L.netNsFd, u32(92)))])),
      send(newLink([...name('e0'), ...peerOf('netkit', {}, attr(L.netNsFd, u32(92)), attr(N.policy, u32(9)))])),
      send(newLink([...name('d0'), ...inNs('B'), ...kind('dummy')])),
      send(setLink(attr(L.netNsFd, u32(92)), { index: 77 })),
    ],
  },
  {
    file: 'link-netns',
    rule: 'Where a device is made that looks for its link in another namespace',
    steps: [
      addNs('B'),
      send(giveNsid('B', 5)),
      send(newLink([...name('t0'), ...attr(L.linkNetnsid, u32(5)), ...kind('netkit')])),
      send(dumpLinks()),
      send(dumpLinks(), { ns: 'B' }),
    ],
  },
  {
    file: 'moves',
    rule: 'What refuses a move, and what is said of it',
    steps: [
      addNs('B'),
      dummy('d0'),
      send(newLink([...name('d0'), ...kind('dummy')]), { ns: 'B' }),
      change(inNs('B'), 2),
      change(inNs('B'), 1),
      change(inNs('A'), 1),
    ],
  },
  {
    file: 'messages',
    rule: 'The order of names in link messages, and what the masks of requests leave out',
    steps: [
      dummy('d0'),
      send(addProps(altnames('one', 'two'), { index: 2 })),
      get(2),
      send(giveNsid('A', 4)),
      send(getLink(attr(L.targetNetnsid, u32(4)), { index: 2 })),
      ...[0x8, 0x100].map((mask) => send(getLink(attr(L.extMask, u32(mask)), { index: 2 }))),
    ],
  },
  {
    file: 'group-goes',
    rule: 'The order in which devices are closed that are deleted together',
    steps: [
      send(newLink([...name('v0'), ...attr(L.group, u32(5)), ...kind('veth')])),
      dummy('d0', attr(L.group, u32(5))),
      ...[2, 3, 4].map((i) => send(up(i))),
      send(delLink(attr(L.group, u32(5)))),
    ],
  },
  {
    file: 'link-attributes',
    rule: 'Limits of link attributes, and those that came later',
    steps: [
      dummy('d0'),
      change(attr(L.txqlen, u32(40_000)), 2),
      ...[65, 66, 67, 68].map((id) => change(attr(id, u32(1)), 2)),
      change(nest(L.afSpec, nest(2, nest(1, attr(2, u32(1))))), 2),
      get(2),
    ],
  },
  {
    file: 'nic',
    rule: 'A NIC: what it can do, its rings, its page pools and its NAPI instances',
    steps: [
      nic(1, 2),
      send(up(2)),
      netdev(D.napiGet, [], DUMP),
      netdev(D.pagePoolGet, attr(9, u32(1)), DUMP),
      netdev(D.pagePoolGet, attr(2, u32(2)), DUMP),
      netdev(D.pagePoolStatsGet),
      netdev(D.devGet, attr(1, u32(2))),
      ...[E.ringsGet, E.tsinfoGet, E.tsconfigGet].map((c) => ask(c, header(2))),
      ask(E.ringsSet, [...header(2), ...attr(11, [2])]),
      send(modify([], { index: 2, flags: 0, change: 1 })),
    ],
  },
  {
    file: 'dma-bufs',
    rule: 'Binding a dma-buf: the queues, or the descriptor first',
    steps: [
      nic(2, 2),
      netdev(D.bindRx, [...attr(1, u32(2)), ...nested(2, attr(1, u32(9)), attr(3, u32(0))), ...attr(3, u32(92))]),
      netdev(D.bindRx, [...attr(1, u32(2)), ...nested(2, attr(1, u32(0))), ...attr(3, u32(90))]),
      netdev(D.bindTx, [...attr(1, u32(2)), ...attr(3, u32(90))]),
    ],
  },
  {
    file: 'names-for-numbers',
    rule: 'The string sets that there are, and what is in them',
    steps: [
      ...Object.values(STRING_SETS).map((set) => ask(E.strsetGet, [...nested(1), ...strings(set)])),
      ask(E.tsinfoGet, [], DUMP),
      ask(E.pseGet, [], DUMP),
      ask(E.featuresGet, header(1)),
      ask(E.featuresSet, [
        ...header(1),
        ...nested(3, nested(3, nested(1, attr(2, str('tx-tcp-accecn-segmentation'))))),
      ]),
      ask(E.featuresSet, [...header(1), ...nested(3, nested(3, nested(1, attr(2, str('tx-gso-list')))))]),
    ],
  },
  {
    file: 'what-is-missing',
    rule: 'How it is said that a request lacks something, and which counters devices have',
    steps: [
      nic(2, 2),
      send(newLink([...name('v0'), ...kind('veth')])),
      ask(E.moduleEepromGet, header(2)),
      ask(E.moduleEepromGet, [], DUMP),
      ask(E.phyGet, []),
      ask(E.phyGet, header(2)),
      ask(E.strsetGet, [], DUMP),
      ask(E.fecGet, nested(1, attr(1, u32(2)), attr(3, u32(4)))),
      ask(E.statsGet, [...header(2, 2), ...nested(3, attr(1), attr(2, u32(4)), attr(4, u32(15)))]),
    ],
  },
]
