import {
  AF_SPEC_INET,
  AF_SPEC_INET6,
  ETHTOOL,
  type GenlCommand,
  LINK,
  NETDEV,
  NETKIT,
  RTM_GETLINK,
  RTM_SETLINK,
} from '@netkit/netlink'
import { generic, header, lease, nested, queueCreate, sendGeneric } from './neighbours/generics.ts'
import { addProps, altnames, delProps } from './neighbours/names.ts'
import type { Scenario, Step } from './scenario.ts'
import {
  addNs,
  addProcess,
  deleteNs,
  delLink,
  down,
  dumpLinks,
  fdOf,
  getLink,
  getNsid,
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
import { attr, type Bytes, bytes, DUMP, linkHead, message, nest, REQ, str, u8, u16, u32, zeros } from './wire.ts'

/** Rules that were found by comparing, a small scenario for each. Recorded they are in ../cases/rtnl. */

const L = LINK.ids
const V4 = AF_SPEC_INET.ids
const V6 = AF_SPEC_INET6.ids

export interface Kept {
  readonly file: string
  readonly rule: string
  /** Of rtnetlink, besides those that always are listened to. */
  readonly groups?: readonly number[]
  readonly steps: readonly Step[]
}

const dummy = (n = 'd0', attrs: Bytes = []): Step => send(newLink([...name(n), ...attrs, ...kind('dummy')]))
const pair = (n = 't0'): Step => send(newLink([...name(n), ...kind('netkit')]))
const cable = (n = 'v0'): Step => send(newLink([...name(n), ...kind('veth')]))
const change = (attrs: Bytes, index = 2): Step => send(modify(attrs, { index }))
const mtu = (n: number): Bytes => attr(L.mtu, u32(n))
const inet = (...settings: Bytes[]): Bytes => nest(L.afSpec, nest(2, nest(V4.conf, ...settings)))
const inet6 = (...inner: Bytes[]): Bytes => nest(L.afSpec, nest(10, ...inner))
const token = bytes('00112233445566778899aabbccddeeff')
const get = (index = 2): Step => send(getLink([], { index }))

/** Those of other scenarios are plugged in at the same time. */
let lastNic = 40_000
const nic = (queues = 2, ns = 'A'): Step => ({ op: 'nic-add', ns, nic: ++lastNic, queues })
const { commands: E } = ETHTOOL
/** A request to ethtool about device 2, or another. */
const ethtool = (command: GenlCommand, attrs: Bytes = [], index = 2): Step =>
  sendGeneric(generic('ethtool', command.id, [...header(index), ...attrs]))
const ethtoolDump = (command: GenlCommand, attrs: Bytes = []): Step =>
  sendGeneric(generic('ethtool', command.id, attrs, DUMP))
const flagged = (flags: number): Bytes => nested(1, attr(1, u32(2)), attr(3, u32(flags)))
const standardCounters = (attrs: Bytes, flags = REQ): Step =>
  sendGeneric(generic('ethtool', E.statsGet.id, attrs, flags))
const groups = (bits: number, size = 5): Bytes => nested(3, attr(1), attr(2, u32(size)), attr(4, u32(bits)))
/** Modes of error correction, all of them. */
const modes = (...names: readonly string[]): Bytes =>
  nested(2, attr(1), nested(3, ...names.map((n) => nested(1, attr(2, str(n))))))

export const KEPT: readonly Kept[] = [
  {
    file: 'pause-frames-of-a-nic',
    rule: 'A NIC keeps how pause frames are used, but negotiates nothing; counters must be asked for to have a source',
    steps: [
      nic(),
      ethtool(E.pauseGet),
      ...[4, 2].map((id) => ethtool(E.pauseGet, attr(6, u32(id)))),
      ...[[], attr(6, u32(0)), attr(6, u32(1))].map((a) =>
        sendGeneric(generic('ethtool', E.pauseGet.id, [...flagged(4), ...a])),
      ),
      ...[[], attr(3, u8(1)), attr(3, u8(7)), attr(4, u8(2)), attr(2, u8(1))].map((a) => ethtool(E.pauseSet, a)),
      ethtoolDump(E.pauseGet),
      ...[0, 1].map((source) => ethtoolDump(E.pauseGet, attr(6, u32(source)))),
      ethtoolDump(E.pauseGet, [...nested(1, attr(3, u32(4))), ...attr(6, u32(1))]),
      pair(),
      ethtool(E.pauseSet, attr(3, u8(1)), 4),
      ethtool(E.pauseGet, attr(6, u32(1)), 4),
    ],
  },
  {
    file: 'standard-counters',
    rule: 'Counters with standard names come in groups: a request names one at least, and groups may be empty',
    steps: [
      nic(),
      pair(),
      ...[1, 2, 4].map((index) => standardCounters([...header(index, 2), ...groups(31)])),
      ...[[], header(2, 2), groups(1), header(9, 2), [...header(2, 2), ...groups(0)]].map((a) => standardCounters(a)),
      ...[0, 1].map((source) => standardCounters([...header(2, 2), ...groups(2), ...attr(5, u32(source))])),
      standardCounters([...header(2, 2), ...groups(63, 6)]),
      standardCounters([...nested(2, attr(1, u32(2)), attr(3, u32(4))), ...groups(1)]),
      standardCounters([...header(2, 2), ...nested(3, attr(1), nested(3, nested(1, attr(2, str('rmon')))))]),
      ...[[], groups(2), groups(0), [...groups(2), ...attr(5, u32(1))], [...header(9, 2), ...groups(1)]].map((a) =>
        standardCounters(a, DUMP),
      ),
    ],
  },
  {
    file: 'coalescing-of-a-nic',
    rule: 'A NIC keeps how interrupts wait, as far as old settings go: newer ones are taken, told and forgotten',
    steps: [
      nic(),
      ethtool(E.coalesceGet),
      ...[
        [],
        attr(2, u32(5)),
        attr(2, u32(5)),
        attr(11, u8(7)),
        attr(24, u8(1)),
        attr(27, u32(3)),
        attr(32, u32(4)),
      ].map((a) => ethtool(E.coalesceSet, a)),
      ethtool(E.coalesceSet, nested(29, nested(1, attr(1, u32(2))))),
      ethtoolDump(E.coalesceGet),
    ],
  },
  {
    file: 'error-correction-of-a-nic',
    rule: 'Encodings are link modes: the last one that is configured is in use, and none may be left',
    steps: [
      nic(),
      ethtool(E.fecGet),
      ...[1, 4, 5].map((f) => sendGeneric(generic('ethtool', E.fecGet.id, flagged(f)))),
      ...[
        [],
        attr(3, u8(1)),
        attr(3, u8(0)),
        modes('RS'),
        modes('RS', 'BASER'),
        modes('Off'),
        modes('Autoneg'),
        modes('LLRS'),
        modes(),
        [...modes('None'), ...attr(3, u8(0))],
        [...modes(), ...attr(3, u8(0))],
      ].flatMap((a) => [ethtool(E.fecSet, a), ethtool(E.fecGet)]),
    ],
  },
  {
    file: 'tunnels-and-speeds',
    rule: 'A NIC tells of the ports of tunnels, a cable of its speed and of counters by queue; a dump of tunnels ends as its last device does',
    steps: [
      nic(),
      ethtool(E.tunnelInfoGet),
      ethtoolDump(E.tunnelInfoGet, flagged(1)),
      send(newLink([...name('v0'), ...attr(L.numRxQueues, u32(2)), ...kind('veth')])),
      ethtoolDump(E.tunnelInfoGet),
      ethtoolDump(E.linkinfoGet),
      ethtoolDump(E.linkmodesGet),
      ethtool(E.linkmodesGet, [], 4),
      ethtool(E.linkinfoGet, [], 2),
      ethtoolDump(E.strsetGet),
    ],
  },
  {
    file: 'home-of-a-nic',
    rule: 'A NIC that was plugged in where a namespace goes is gone from wherever it was, and its leases with it',
    steps: [
      addNs('B'),
      nic(2, 'B'),
      send(setLink(attr(L.netNsFd, u32(fdOf('A'))), { index: 2 }), { ns: 'B' }),
      send(newLink([...name('t0'), ...attr(L.numRxQueues, u32(2)), ...kind('netkit')])),
      send(up(2)),
      sendGeneric(queueCreate(3, lease(2, 1))),
      deleteNs('B'),
      send(dumpLinks()),
    ],
  },
  {
    file: 'forwarding-and-large-receive',
    rule: 'Packets that are forwarded must stay as they came: forwarding turns off large receive offload',
    steps: [nic(), ...[0, 1, 1].map((n) => change(inet(attr(1, u32(n))))), ethtool(E.featuresGet)],
  },
  {
    file: 'settings-that-nobody-has',
    rule: 'What no device supports is checked all the same, as far as the command knows it',
    steps: [
      nic(),
      dummy(),
      ethtool(E.privflagsSet),
      ethtool(E.privflagsSet, nested(2)),
      ...[1, 2, 3, 6, 8, 9].map((n) => ethtool(E.linkmodesSet, attr(9, u32(n)))),
      ethtool(E.moduleEepromGet),
      ethtool(E.moduleEepromGet, [...attr(2, u32(0)), ...attr(3, u32(1)), ...attr(4, u8(0))]),
      ethtool(E.moduleEepromGet, [...attr(2, u32(0)), ...attr(3, u32(1)), ...attr(4, u8(0)), ...attr(6, u8(80))]),
      ethtoolDump(E.moduleEepromGet),
      ...[nested(2), nested(2, attr(1, u8(1))), nested(2, attr(9, u8(1))), nested(2, attr(4, u8(1)))].map((a) =>
        ethtool(E.cableTestTdrAct, a),
      ),
      ethtoolDump(E.plcaGetStatus, nested(1, attr(4, u32(1)))),
      ...[1, 2, 3].map((index) =>
        sendGeneric(
          generic('netdev', NETDEV.commands.bindRx.id, [
            ...attr(1, u32(index)),
            ...nested(2, attr(1, u32(9)), attr(3, u32(0))),
            ...attr(3, u32(92)),
          ]),
        ),
      ),
    ],
  },

  {
    file: 'rename-to-reserved-name',
    rule: 'A new name that IP keeps for itself is announced before it is refused and the old one comes back',
    steps: [pair(), ...['all', 'default', 'All'].map((n) => change(name(n), 3)), change(name('all'), 1)],
  },
  {
    file: 'altnames-one-by-one',
    rule: 'Alternative names are checked and taken one by one: those before a bad one stay, and nobody is told',
    steps: [
      dummy(),
      send(up(2)),
      ...[
        altnames('one', 'one', 'two'),
        altnames('three', 'x'.repeat(128)),
        nest(L.propList | 0x8000, attr(L.altIfname | 0x8000, [120, 0])),
        altnames(''),
        altnames('four', 'five'),
      ].map((list) => send(addProps(list, { index: 2 }))),
      send(delProps(altnames('four', 'none', 'five'), { index: 2 })),
      get(),
    ],
  },
  {
    file: 'template-followed-by-a-digit',
    rule: 'The number of a template that a digit follows is never recognised in a name, so that it is 0 once and taken from then on',
    steps: [
      dummy('a%d1'),
      dummy('a%d1'),
      pair('a%d1'),
      dummy('b%dx'),
      dummy('b%dx'),
      change(name('a%d1')),
      change(name('a%d1'), 6),
    ],
  },
  {
    file: 'veth-mtu',
    rule: 'The limits of the MTU of veth hold for requests that name the kind, without a text',
    steps: [
      cable(),
      ...[67, 68, 65535, 65536].flatMap((n) => [change([...mtu(n), ...kind('veth')]), change(mtu(n))]),
      send(newLink([...name('v1'), ...mtu(67), ...kind('veth')])),
      send(newLink([...name('v1'), ...peerOf('veth', {}, mtu(65536))])),
    ],
  },
  {
    file: 'veth-peer-up-at-birth',
    rule: 'The peer of a cable cannot come up at birth, and what fails then was never announced',
    steps: [
      send(newLink([...name('v0'), ...peerOf('veth', { flags: 1, change: 1 }, name('v1'))])),
      cable(),
      send(dumpLinks()),
    ],
  },
  {
    file: 'inet-settings',
    rule: 'Settings of IPv4 are checked strictly and one by one, and shown',
    steps: [
      dummy(),
      send(up(2)),
      ...[
        inet(attr(4, u32(0)), attr(27, u32(77)), attr(14, u32(-1))),
        inet(attr(4, u32(2))),
        inet(attr(2, u32(1))),
        inet(attr(34, u32(1))),
        inet(attr(1, u16(1))),
        inet(attr(1 | 0x8000, u32(1))),
        inet([...attr(1, u32(1)), 1, 2]),
        nest(L.afSpec),
        nest(L.afSpec, nest(2)),
        nest(L.afSpec, attr(2, [1])),
        nest(L.afSpec, nest(2), nest(99)),
      ].map((a) => change(a)),
      get(),
    ],
  },
  {
    file: 'inet6-settings',
    rule: 'Token and mode of address generation of IPv6 can be set, where there are neighbours to discover',
    steps: [
      dummy(),
      send(up(2)),
      change(inet6(attr(V6.token, token))),
      send(modify([], { index: 2, flags: 0, change: 0x80 })),
      ...[
        inet6(attr(V6.token, token), attr(V6.addrGenMode, u8(1))),
        inet6(attr(V6.addrGenMode, u8(3))),
        inet6(attr(V6.addrGenMode, u8(2))),
        inet6(attr(V6.addrGenMode, u8(4))),
        inet6(attr(V6.raMtu, u32(1400))),
        inet6(attr(V6.token, zeros(15))),
        inet6(),
      ].map((a) => change(a)),
      get(),
      change(inet6(attr(V6.token, token)), 1),
    ],
  },
  {
    file: 'address-families-at-birth',
    rule: 'No address family is on a device that is being made, so that none can be set',
    steps: [
      dummy('d0', inet()),
      dummy('d0', inet6(attr(V6.addrGenMode, u8(1)))),
      dummy('d0', nest(L.afSpec)),
      send(newLink([...name('t0'), ...peerOf('netkit', {}, inet())])),
    ],
  },
  {
    file: 'mtu-and-address-families',
    rule: 'IPv4 leaves below a MTU of 68, IPv6 below 1280 but never lo; both come back with fresh settings',
    steps: [
      dummy(),
      change(inet(attr(4, u32(0)))),
      change(inet6(attr(V6.addrGenMode, u8(1)))),
      ...[1279, 68, 67, 68, 1280, 67, 1500].flatMap((n) => [change(mtu(n)), get()]),
      change(inet(attr(4, u32(0)))),
      ...[60, 1500].flatMap((n) => [change(mtu(n), 1), get(1)]),
      dummy('d1', mtu(50)),
      change(inet(attr(4, u32(0))), 3),
    ],
  },
  {
    file: 'carrier-by-request',
    rule: 'The carrier of a dummy can be switched, that of no other kind',
    steps: [
      dummy(),
      ...[0, 1, 0].map((n) => send(modify(attr(L.carrier, u8(n)), { index: 2 }), { wait: 1 })),
      send(up(2)),
      ...[1, 0, 1].map((n) => send(modify(attr(L.carrier, u8(n)), { index: 2 }), { wait: 1 })),
      pair(),
      change(attr(L.carrier, u8(1)), 3),
      cable(),
      change(attr(L.carrier, u8(1)), 5),
    ],
  },
  {
    file: 'xdp-by-descriptor',
    rule: 'A program is looked for by its descriptor after everything else about the request was found right',
    steps: [
      pair(),
      send(up(3)),
      ...[
        nest(L.xdp),
        attr(L.xdp, [1]),
        nest(L.xdp, attr(1, u32(-1))),
        nest(L.xdp, attr(1, u32(fdOf('A')))),
        nest(L.xdp, attr(1, u32(92))),
        nest(L.xdp, attr(1, u32(92)), attr(3, u32(6))),
        nest(L.xdp, attr(1, u32(-1)), attr(3, u32(32))),
        nest(L.xdp, attr(1, u32(-1)), attr(3, u32(16))),
        nest(L.xdp, attr(1, u32(-1)), attr(3, u32(16)), attr(8, u32(92))),
        nest(L.xdp, attr(1, u32(-1)), attr(2, u8(0))),
        nest(L.xdp, attr(4, u32(0))),
      ].map((a) => change(a, 3)),
    ],
  },
  {
    file: 'virtual-functions-and-ports',
    rule: 'Settings of virtual functions and ports are parsed before they are refused',
    steps: [
      pair(),
      ...[
        nest(L.vfinfoList),
        attr(L.vfinfoList, attr(2, zeros(8))),
        attr(L.vfinfoList, attr(1, [])),
        attr(L.vfinfoList, nest(1, attr(1, zeros(36)))),
        attr(L.vfinfoList, nest(1, attr(1, zeros(35)))),
        attr(L.vfinfoList, nest(1, attr(2, u32(-1).concat(zeros(8))))),
        nest(L.vfPorts),
        nest(L.portSelf),
        attr(L.portSelf, attr(1, [])),
      ].map((a) => change(a, 3)),
    ],
  },
  {
    file: 'moves-and-names',
    rule: 'A move takes an empty name for none, and one that IP keeps for itself: IP then stays away until the MTU changes',
    steps: [
      addNs('B'),
      send(newLink([...name('t0'), ...kind('dummy')]), { ns: 'B' }),
      send(newLink([...name('t0'), ...kind('netkit', attr(NETKIT.ids.pairing, u32(1)))])),
      send(setLink([...inNs('B'), ...name('')], { index: 2 })),
      send(setLink([...inNs('B'), ...name('all')], { index: 2 })),
      send(up(3), { ns: 'B' }),
      send(modify(name('good'), { index: 3 }), { ns: 'B' }),
      send(down(3), { ns: 'B' }),
      send(up(3), { ns: 'B' }),
      send(getLink([], { index: 3 }), { ns: 'B' }),
      send(modify(mtu(1400), { index: 3 }), { ns: 'B' }),
      send(getLink([], { index: 3 }), { ns: 'B' }),
    ],
  },
  {
    file: 'dump-and-more-in-a-datagram',
    rule: 'A dump goes on when its reader reads: what follows it in the datagram is answered first, another dump is refused',
    steps: [
      pair(),
      dummy(),
      send([...dumpLinks(), ...getLink([], { index: 1 })]),
      send([...dumpLinks(), ...dumpLinks(), ...getLink([], { index: 2 })]),
      send([...getLink([], { index: 1 }), ...dumpLinks()]),
    ],
  },
  {
    file: 'close-own-locks-first',
    rule: 'Of devices that go together those with a lock of their own are closed first',
    steps: [
      send(newLink([...name('v0'), ...attr(L.group, u32(5)), ...kind('veth')])),
      dummy('d0', attr(L.group, u32(5))),
      send(modify(attr(L.group, u32(5)), { flags: 1, change: 1 })),
      send(delLink(attr(L.group, u32(5)))),
    ],
  },
  {
    file: 'links-of-the-bridge',
    rule: 'The family of the bridge knows no port',
    steps: [
      pair(),
      ...[{ index: 3 }, { index: 99 }].flatMap((h) =>
        [RTM_SETLINK, 17].map((type) => send(message({ type, flags: REQ }, linkHead({ family: 7, ...h })))),
      ),
      send(message({ type: RTM_SETLINK }, linkHead({ family: 7, index: 3 }), attr(L.afSpec, attr(0, [1])))),
      ...[{}, { index: 1 }].map((h) =>
        send(message({ type: RTM_GETLINK, flags: DUMP }, linkHead({ family: 7, ...h })), { strict: 1 }),
      ),
      send(message({ type: RTM_GETLINK, flags: DUMP }, linkHead({ family: 7 }), name('lo')), { strict: 1 }),
      send(message({ type: RTM_GETLINK, flags: DUMP }, linkHead({ family: 7 }), [1, 2, 3, 4])),
    ],
  },
  {
    file: 'links-of-ipv6',
    rule: 'The family of IPv6 lists the devices that it is on',
    steps: [
      pair(),
      dummy('d0', mtu(1000)),
      send(up(3)),
      send(message({ type: RTM_GETLINK, flags: DUMP }, linkHead({ family: 10 }))),
      send(message({ type: RTM_GETLINK, flags: DUMP }, linkHead({ family: 10, index: 3 })), { strict: 1 }),
      send(message({ type: RTM_GETLINK, flags: DUMP }, linkHead({ family: 10 }), attr(L.extMask, u32(1))), {
        strict: 1,
      }),
    ],
  },
  {
    file: 'refused-changes-are-not-told',
    rule: 'Nothing is told of a request that is refused at its beginning, not even what the kind has changed by then',
    steps: [
      addNs('B'),
      send(newLink([...name('t0'), ...kind('dummy')]), { ns: 'B' }),
      pair(),
      send(up(3)),
      ...[attr(L.address, [1]), attr(L.gsoMaxSize, u32(600000)), inNs('B'), attr(L.master, u32(99))].map((a) =>
        change([...a, ...kind('netkit', attr(NETKIT.ids.policy, u32(2)))], 3),
      ),
      get(3),
    ],
  },
  {
    file: 'bytes-left-over-in-data',
    rule: 'A kind that has no attributes does not look at its data; another tells of bytes left over there, and goes on',
    steps: [
      ...['dummy', 'veth', 'netkit'].map((k) => send(newLink([...name(`${k}1`), ...kind(k, attr(9, u32(1)), [1])]))),
      ...['dummy', 'veth', 'netkit'].flatMap((k) =>
        [1, 2, 3].map((index) => change(kind(k, attr(9, u32(1)), [1]), index)),
      ),
    ],
  },
  {
    file: 'sizes-set-to-what-they-are',
    rule: 'A size that is set to what it is already leaves the size for IPv4 alone',
    steps: [
      dummy(),
      change(attr(L.groIpv4MaxSize, u32(400))),
      change(attr(L.groMaxSize, u32(65536))),
      change(attr(L.gsoIpv4MaxSize, u32(400))),
      change(attr(L.gsoMaxSize, u32(65536))),
      get(),
      change(attr(L.groMaxSize, u32(65535))),
      get(),
    ],
  },
  {
    file: 'strict-nsid-attributes',
    rule: 'A strict request for a nsid does not say which attribute is not supported',
    steps: [
      addNs('B'),
      addProcess('B'),
      send(getNsid(attr(5, u32(0))), { strict: 1 }),
      send(getNsid([...attr(3, u32(fdOf('B'))), ...attr(5, u32(0))]), { strict: 1 }),
    ],
  },
]

export const keptScenario = ({ rule, groups, steps }: Kept): Scenario => ({
  name: rule,
  ...(groups && { groups }),
  steps: [addNs('A'), ...steps],
})
