import { LINK, RTM_DELLINK, RTM_GETLINK, RTM_GETNSID, RTM_NEWLINK, RTM_SETLINK } from '@netkit/netlink'
import type { Scenario } from '../scenario.ts'
import {
  addNs,
  addProcess,
  chunks,
  delLink,
  down,
  dumpLinks,
  getLink,
  giveNsid,
  inNs,
  kind,
  modify,
  name,
  newLink,
  peerOf,
  SPECIMENS,
  scenario,
  send,
  setLink,
  up,
} from '../steps.ts'
import { attr, type Bytes, linkHead, message, nest, REQ, u32, zeros } from '../wire.ts'
import { addProps, altnames, delProps } from './names.ts'

const L = LINK.ids
const TYPES = [RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK]

/** Headers that are too short, too long, or odd. */
function* headers(): Generator<Scenario> {
  const whole = [...linkHead({ index: 1 }), ...name('lo')]
  for (const strict of [undefined, 1] as const) {
    for (const type of [...TYPES, 88, 90, 108, 109]) {
      yield scenario(
        `message ${type} cut short`,
        ...Array.from({ length: 26 }, (_, n) =>
          send(message({ type, flags: REQ, length: 16 + n }, whole.slice(0, (n + 3) & ~3)), { strict }),
        ),
      )
      yield scenario(
        `dump ${type} cut short`,
        ...Array.from({ length: 26 }, (_, n) =>
          send(message({ type, flags: 0x301, length: 16 + n }, whole.slice(0, (n + 3) & ~3)), { strict }),
        ),
      )
      yield scenario(
        `message ${type} with a wrong length`,
        ...[0, 1, 15, 16, 17, 31, 32, 33, 40, 41, 44, 100].map((length) =>
          send(message({ type, length }, whole), { strict }),
        ),
      )
      yield scenario(
        `message ${type} with flags`,
        ...[0, 1, 2, 4, 8, 0x10, 0x20, 0x100, 0x200, 0x300, 0x400, 0x800, 0xf00, 0x1000, 0xffff].flatMap((f) => [
          send(message({ type, flags: f | 1 }, whole), { strict }),
          send(message({ type, flags: f | 5 }, whole), { strict }),
        ]),
      )
      yield scenario(
        `message ${type} of families`,
        ...[0, 1, 2, 7, 10, 17, 28, 45, 127, 255].flatMap((family) => [
          send(message({ type }, linkHead({ index: 1, family })), { strict }),
          send(message({ type, flags: 0x301 }, linkHead({ family })), { strict }),
        ]),
      )
      yield scenario(
        `message ${type} with an odd header`,
        ...[{ pad: 1 }, { artype: 1 }, { flags: 1 }, { change: 1 }, { index: -1 }, { index: 99 }, {}].flatMap((h) => [
          send(message({ type }, linkHead({ index: 1, ...h })), { strict }),
          send(message({ type, flags: 0x301 }, linkHead(h)), { strict }),
          send(message({ type, flags: 0x101 }, linkHead(h)), { strict }),
          send(message({ type, flags: 0x205 }, linkHead(h)), { strict }),
        ]),
      )
    }
  }
  for (const part of chunks(
    [0, 1, 2, 3, 4, 15, 20, 21, 22, 23, 87, 89, 91, 104, 107, 110, 111, 112, 120, 121, 122, 123, 124, 125, 200, 0xffff],
    9,
  )) {
    // Types that other subsystems answer are left out.
    yield scenario(
      'messages of other types',
      ...part
        .filter((t) => t < 16 || t > 123 || [89, 107, 110, 111].includes(t))
        .flatMap((type) => [
          send(message({ type }, whole)),
          send(message({ type, flags: 0x301 }, whole)),
          send(message({ type }, [])),
        ]),
    )
  }
}

/** Several requests in a datagram. */
function* several(): Generator<Scenario> {
  const lo = getLink([], { index: 1 })
  const none = getLink([], { index: 99 })
  const made = newLink([...name('t0'), ...kind('netkit')])
  const datagrams: readonly Bytes[] = [
    [...lo, ...lo],
    [...none, ...lo],
    [...lo, ...none, ...lo],
    [...made, ...up(2), ...up(3), ...down(2)],
    [...made, ...delLink(name('t0')), ...made],
    [...dumpLinks(), ...lo],
    [...lo, ...dumpLinks(), ...lo],
    [...dumpLinks(), ...dumpLinks(), ...lo],
    [...lo, ...zeros(16), ...lo],
    [...lo, ...zeros(15)],
    [...lo, ...u32(200), ...zeros(20), ...lo],
    [...lo, ...message({ type: 3 }), ...lo],
    [...lo, ...message({ type: 2, flags: 5 }), ...lo],
    [...lo, ...message({ type: RTM_GETLINK, flags: 0 }, linkHead({ index: 1 })), ...lo],
    [...lo, ...message({ type: RTM_GETLINK, flags: 4 }, linkHead({ index: 1 })), ...lo],
    [...message({ type: RTM_GETLINK, length: 31 }, linkHead({ index: 1 })), ...lo],
    [
      ...newLink([...name('d0'), ...kind('dummy')]),
      ...modify([...name('d0'), ...attr(L.mtu, u32(1400))]),
      ...getLink(name('d0')),
    ],
    [
      ...newLink([...name('d0'), ...kind('dummy')]),
      ...newLink([...name('d0'), ...kind('dummy')]),
      ...newLink([...name('d1'), ...kind('dummy')]),
    ],
    [...modify([1, 2, 3, 4], { index: 1 }), ...lo],
    [...modify([...attr(L.mtu, u32(1)), ...attr(L.netNsPid, u32(39999))], { index: 1 }), ...lo],
    [...lo, ...newLink([...name('x'.repeat(20)), ...kind('dummy')])],
  ]
  for (const strict of [undefined, 1] as const) {
    for (const cap_ack of [undefined, 1] as const) {
      for (const part of chunks(datagrams, 3))
        yield scenario('several messages', ...part.map((d) => send(d, { strict, cap_ack })), send(dumpLinks()))
    }
  }
}

/** Forms of acknowledgements, with warnings and refusals of all sorts. */
function* acknowledgements(): Generator<Scenario> {
  const requests: readonly Bytes[] = [
    modify([], { index: 1 }),
    modify([], { index: 99 }),
    modify([1, 2, 3], { index: 1 }),
    modify([...attr(L.mtu, u32(5)), 1, 2, 3], { index: 1 }),
    modify([1, 2, 3], { index: 99 }),
    modify(attr(L.ifname, zeros(20)), { index: 1 }),
    modify(attr(L.txqlen, u32(40000)), { index: 1 }),
    modify(attr(68, [1, 2]), { index: 1 }),
    modify(attr(65, []), { index: 1 }),
    modify(attr(L.permAddress, []), { index: 1 }),
    modify(attr(L.targetNetnsid, u32(3)), { index: 1 }),
    setLink([...inNs('A'), ...attr(L.targetNetnsid, u32(3))], { index: 1 }),
    setLink([...attr(L.linkinfo, [1, 2, 3])], { index: 1 }),
    getLink([1, 2], { index: 1 }),
    delLink([1, 2], { index: 1 }),
    delLink([], { index: 1 }, REQ | 0x200),
    newLink([...name('t9'), ...kind('netkit', attr(5, u32(7)))]),
    newLink([...name('t9'), ...kind('nosuch'), 1, 2]),
    newLink([...name('t9'), ...kind('dummy'), 1, 2]),
    newLink([...name('t9'), ...peerOf('netkit', {}, [1, 2])]),
    addProps([1, 2], { index: 1 }),
  ]
  const sockets = [
    {},
    { ext_ack: undefined },
    { cap_ack: 1 },
    { ext_ack: undefined, cap_ack: 1 },
    { strict: 1 },
  ] as const
  for (const sock of sockets) {
    for (const part of chunks(requests, 7)) {
      yield scenario('acknowledgements', ...part.map((r) => send(r, sock)))
      yield scenario(
        'no acknowledgements',
        ...part.map((r) => send([...r.slice(0, 6), r[6] & ~4, ...r.slice(7)], sock)),
      )
    }
  }
}

function* echoes(): Generator<Scenario> {
  const ECHO = 8
  for (const s of SPECIMENS) {
    const echoed = REQ | ECHO
    yield {
      name: `echo, ${s.title}`,
      steps: [
        addNs('A'),
        addNs('B'),
        send(newLink([...name('t0'), ...s.create], {}, echoed | 0x600)),
        send(newLink([...name('t1'), ...s.create], { flags: 1 }, echoed | 0x400)),
        send(newLink([...name('t2'), ...inNs('B'), ...s.create], {}, echoed | 0x600)),
        send(modify(attr(L.mtu, u32(1400)), { index: s.index }, echoed)),
        send(modify(attr(L.group, u32(4)), { index: s.index, flags: 1, change: 1 }, echoed)),
        send(setLink(inNs('B'), { index: s.index }, echoed)),
        send(addProps(altnames('q'), { index: 2 }, echoed)),
        send(getLink([], { index: 2 }, echoed)),
        send(delLink([], { index: 2 }, echoed)),
        send(delLink(name('t1'), {}, echoed)),
        send(delLink(name('t2'), {}, echoed), { ns: 'B' }),
        send(delLink(attr(L.group, u32(4)), {}, echoed)),
        send(dumpLinks()),
      ],
    }
    yield {
      name: `echo without ack, ${s.title}`,
      steps: [
        addNs('A'),
        send(newLink([...name('t0'), ...s.create], {}, 1 | ECHO | 0x600)),
        send(delLink(name('t0'), {}, 1 | ECHO)),
        send(delLink(name('t0'), {}, 1 | ECHO)),
      ],
    }
  }
}

/** Groups of devices. */
function* groups(): Generator<Scenario> {
  for (const s of SPECIMENS) {
    const g = (n: number): Bytes => attr(L.group, u32(n))
    const made = [
      send(newLink([...name('t0'), ...g(5), ...s.create])),
      send(newLink([...name('d0'), ...g(5), ...kind('dummy')])),
      send(newLink([...name('d1'), ...g(6), ...kind('dummy')])),
    ]
    yield scenario(
      `groups, ${s.title}`,
      ...made,
      send(modify([...g(5), ...attr(L.mtu, u32(1400))])),
      send(modify(g(5), { flags: 1, change: 1 })),
      send(modify([...g(5), ...attr(L.mtu, u32(10))])),
      send(modify([...g(5), ...name('none')])),
      send(modify(g(77), { flags: 1, change: 1 })),
      send(modify([...g(5), ...kind('netkit', attr(3, u32(2)))])),
      send(setLink(g(5), { flags: 0, change: 1 })),
      send(newLink([...g(5), ...attr(L.txqlen, u32(7))], {}, REQ | 0x200)),
      send(modify(g(0), { flags: 1, change: 1 })),
      send(delLink(g(0))),
      send(delLink(g(77))),
      send(delLink([...g(5), ...name('none')])),
      send(modify(g(6), { index: s.index })),
      send(delLink(g(6))),
      send(delLink(g(5))),
      send(modify(g(9), { index: 1 })),
      send(delLink(g(9))),
      send(dumpLinks()),
    )
    yield scenario(
      `a group goes, ${s.title}`,
      ...made,
      send(modify(g(5), { flags: 1, change: 1 })),
      send(delLink(g(5))),
      send(dumpLinks()),
    )
    yield {
      name: `a group moves, ${s.title}`,
      steps: [
        addNs('A'),
        addNs('B'),
        ...made,
        send(modify([...g(5), ...inNs('B')])),
        send(dumpLinks()),
        send(dumpLinks(), { ns: 'B' }),
      ],
    }
  }
}

/** Who may do what. */
function* requesters(): Generator<Scenario> {
  const requests: readonly Bytes[] = [
    newLink([...name('t1'), ...kind('dummy')]),
    newLink([...name('t1'), ...inNs('B'), ...kind('dummy')]),
    newLink([...name('t2'), ...peerOf('netkit', {}, inNs('B'))]),
    newLink([...name('t3'), ...attr(L.linkNetnsid, u32(0)), ...kind('netkit')]),
    newLink([...name('t4'), ...attr(L.targetNetnsid, u32(0)), ...kind('netkit')]),
    modify(attr(L.mtu, u32(1400)), { index: 2 }),
    setLink(inNs('B'), { index: 2 }),
    setLink(attr(L.targetNetnsid, u32(0)), { index: 2 }),
    getLink([], { index: 2 }),
    getLink(attr(L.targetNetnsid, u32(0)), { index: 1 }),
    dumpLinks(),
    dumpLinks(attr(L.targetNetnsid, u32(0))),
    delLink([], { index: 2 }),
    delLink(attr(L.targetNetnsid, u32(0)), { index: 2 }),
    addProps(altnames('x'), { index: 1 }),
    delProps(altnames('x'), { index: 1 }),
    giveNsid('A', 3),
    message({ type: RTM_GETNSID }, zeros(4), attr(1, u32(0))),
    message({ type: RTM_GETNSID }, zeros(4), attr(1, u32(0)), attr(4, u32(0))),
    message({ type: RTM_GETNSID, flags: 0x301 }, zeros(4), attr(4, u32(0))),
    message({ type: 89 }, zeros(4)),
    message({ type: 124 }, zeros(16)),
    message({ type: RTM_NEWLINK }),
    message({ type: RTM_NEWLINK, length: 20 }, zeros(4)),
  ]
  for (const as of ['user', 'nocap', 'send-user', 'send-nocap'] as const) {
    for (const strict of [undefined, 1] as const) {
      for (const part of chunks(requests, 8))
        yield {
          name: `asked by ${as}`,
          steps: [
            addNs('A'),
            addNs('B'),
            send(giveNsid('B', 0)),
            send(newLink([...name('t0'), ...kind('netkit')])),
            ...part.map((r) => send(r, { as, strict })),
          ],
        }
    }
  }
  for (const owned of ['A', 'B', 'both']) {
    for (const part of chunks(requests, 6)) {
      const owner = (ns: string) => (owned === ns || owned === 'both' ? 1 : undefined)
      yield {
        name: `user namespace owns ${owned}`,
        steps: [
          addNs('A', owner('A')),
          addNs('B', owner('B')),
          addProcess('B'),
          send(giveNsid('B', 0)),
          send(newLink([...name('t0'), ...kind('netkit')])),
          ...part.map((r) => send(r)),
          ...part.map((r) => send(r, { strict: 1 })),
          send(dumpLinks(), { ns: 'B' }),
        ],
      }
    }
  }
}

/** Attributes of which one is enough to refuse, in both orders: which is said. */
export function* order(): Generator<Scenario> {
  const bad: readonly Bytes[] = [
    attr(L.mtu, u32(10)),
    attr(L.mtu, u32(70000)),
    attr(L.address, zeros(6)),
    attr(L.address, [1, 2]),
    attr(L.broadcast, [1, 2]),
    attr(L.gsoMaxSize, u32(600000)),
    attr(L.gsoMaxSize, u32(5)),
    attr(L.gsoMaxSegs, u32(70000)),
    attr(L.groMaxSize, u32(600000)),
    attr(L.gsoIpv4MaxSize, u32(600000)),
    attr(L.groIpv4MaxSize, u32(600000)),
    attr(L.afSpec, attr(99, [])),
    attr(L.numTxQueues, u32(0)),
    attr(L.numRxQueues, u32(5000)),
    attr(L.numRxQueues, u32(1025)),
    attr(L.numTxQueues, u32(2)),
    attr(L.map, zeros(32)),
    attr(L.master, u32(99)),
    attr(L.master, u32(1)),
    attr(L.carrier, [1]),
    attr(L.protoDown, [1]),
    attr(L.netNsPid, u32(39999)),
    attr(L.targetNetnsid, u32(8)),
    attr(L.linkNetnsid, u32(8)),
    name('a b'),
    name('lo'),
    nest(L.xdp, attr(1, u32(-1))),
    nest(L.xdp, attr(2, [0])),
    attr(L.vfPorts, []),
    attr(L.portSelf, []),
  ]
  for (const s of SPECIMENS.filter((x) => x.title !== 'netkit single l2')) {
    for (const a of bad) {
      for (const part of chunks(bad, 15)) {
        yield scenario(
          `two reasons to refuse a new ${s.title}`,
          ...part.flatMap((b) => [
            send(newLink([...a, ...b, ...s.create])),
            send(delLink(attr(L.group, u32(0)))),
            send(delLink(name(`${s.kind}0`))),
          ]),
        )
        yield scenario(
          `two reasons to refuse a change of ${s.title}`,
          send(newLink([...name('t0'), ...s.create])),
          ...part.map((b) => send(modify([...a, ...b], { index: s.index, flags: 1, change: 1 }))),
        )
      }
    }
  }
}

export function* messages(): Generator<Scenario> {
  yield* headers()
  yield* several()
  yield* acknowledgements()
  yield* echoes()
  yield* groups()
  yield* requesters()
}
