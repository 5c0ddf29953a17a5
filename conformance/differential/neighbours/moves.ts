import { LINK } from '@netkit/netlink'
import type { Scenario, Step } from '../scenario.ts'
import {
  addNs,
  addProcess,
  deleteNs,
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
  pidOf,
  SPECIMENS,
  send,
  setLink,
  up,
} from '../steps.ts'
import { attr, type Bytes, CREATE, mac, REQ, u32 } from '../wire.ts'

const L = LINK.ids

const abc = [addNs('A'), addNs('B'), addNs('C')]
const dumps = ['A', 'B', 'C'].map((ns) => send(dumpLinks(), { ns }))
const target = (id: number): Bytes => attr(L.targetNetnsid, u32(id))
const linkNsid = (id: number): Bytes => attr(L.linkNetnsid, u32(id))
const byPid = (ns: string): Bytes => attr(L.netNsPid, u32(pidOf(ns)))
const newIndex = (n: number): Bytes => attr(L.newIfindex, u32(n))

/** Moves of one end, in every state, back and forth. */
function* backAndForth(): Generator<Scenario> {
  for (const s of SPECIMENS) {
    const made = send(newLink([...name('t0'), ...s.create]))
    const i = s.index
    const states: Record<string, readonly Step[]> = {
      down: [],
      up: [send(up(i))],
      'both up': s.peer ? [send(up(i)), send(up(s.peer))] : [],
      promiscuous: [send(modify([], { index: i, flags: 0x301, change: 0x301 }))],
    }
    for (const [state, steps] of Object.entries(states)) {
      yield {
        name: `back and forth, ${s.title}, ${state}`,
        steps: [
          ...abc,
          made,
          ...steps,
          send(setLink(inNs('B'), { index: i })),
          send(up(i), { ns: 'B' }),
          send(setLink(inNs('C'), { index: i }), { ns: 'B' }),
          send(up(i), { ns: 'C' }),
          send(setLink(inNs('A'), { index: i }), { ns: 'C' }),
          send(up(i)),
          ...dumps,
          send(delLink([], { index: i })),
        ],
      }
      if (!s.peer) continue
      yield {
        name: `the peer moves, ${s.title}, ${state}`,
        steps: [
          ...abc,
          made,
          ...steps,
          send(setLink(inNs('B'), { index: s.peer })),
          send(up(s.peer), { ns: 'B' }),
          send(up(i)),
          send(setLink(inNs('C'), { index: i })),
          send(up(i), { ns: 'C' }),
          send(setLink(inNs('C'), { index: s.peer }), { ns: 'B' }),
          send(up(s.peer), { ns: 'C' }),
          ...dumps,
          send(delLink([], { index: i }), { ns: 'C' }),
        ],
      }
      yield {
        name: `states change while apart, ${s.title}, ${state}`,
        steps: [
          ...abc,
          made,
          ...steps,
          send(setLink(inNs('B'), { index: s.peer })),
          send(up(s.peer), { ns: 'B' }),
          send(up(i)),
          send(down(i)),
          send(down(s.peer), { ns: 'B' }),
          send(up(i)),
          send(modify(attr(L.mtu, u32(1000)), { index: i })),
          send(modify(name('other'), { index: s.peer }), { ns: 'B' }),
          ...dumps,
          send(delLink([], { index: s.peer }), { ns: 'B' }),
        ],
      }
    }
  }
}

/** What a move says about names, indexes and other attributes of the same request. */
function* together(): Generator<Scenario> {
  const attrs: readonly Bytes[] = [
    [],
    name('t0'),
    name('new'),
    name('x%d'),
    name('lo'),
    name('a b'),
    name(''),
    name('all'),
    newIndex(1),
    newIndex(3),
    newIndex(50),
    newIndex(0x7fff_ffff),
    [...newIndex(50), ...name('new')],
    attr(L.mtu, u32(1400)),
    attr(L.mtu, u32(10)),
    attr(L.mtu, u32(70000)),
    attr(L.address, mac(5)),
    attr(L.group, u32(5)),
    attr(L.master, u32(1)),
    attr(L.txqlen, u32(5)),
    attr(L.altIfname, [120, 0]),
    attr(L.map, new Array<number>(32).fill(0)),
  ]
  for (const s of SPECIMENS.filter((x) => !x.title.includes('single l2'))) {
    for (const taken of [
      [],
      [send(newLink([...name('t0'), ...kind('dummy')]), { ns: 'B' })],
      [
        send(newLink([...name('q'), ...kind('dummy')], { index: s.index }), { ns: 'B' }),
        send(newLink([...name('x0'), ...kind('dummy')]), { ns: 'B' }),
      ],
    ]) {
      for (const a of attrs) {
        yield {
          name: `move with more, ${s.title}`,
          steps: [
            ...abc.slice(0, 2),
            ...taken,
            send(newLink([...name('t0'), ...s.create])),
            send(modify([...inNs('B'), ...a], { index: s.index, flags: 1, change: 1 })),
            send(setLink([...inNs('B'), ...name('t0'), ...a])),
            send(dumpLinks()),
            send(dumpLinks(), { ns: 'B' }),
          ],
        }
      }
    }
  }
}

/** All ways to name a namespace, alone and together. */
function* references(): Generator<Scenario> {
  const refs: readonly Bytes[] = [
    inNs('B'),
    inNs('A'),
    byPid('B'),
    byPid('A'),
    attr(L.netNsPid, u32(39999)),
    attr(L.netNsFd, u32(90)),
    attr(L.netNsFd, u32(91)),
    attr(L.netNsFd, u32(92)),
    attr(L.netNsFd, u32(-1)),
    target(0),
    target(5),
    target(-1),
    target(99),
    [...inNs('B'), ...byPid('B')],
    [...inNs('B'), ...target(5)],
    [...inNs('B'), ...inNs('A')],
    [...byPid('B'), ...target(5)],
    [...inNs('B'), ...byPid('B'), ...target(5)],
    linkNsid(5),
    linkNsid(7),
    linkNsid(-1),
    [...inNs('B'), ...linkNsid(5)],
    [...inNs('B'), ...linkNsid(9)],
    [...target(5), ...linkNsid(9)],
    [...target(5), ...linkNsid(5)],
  ]
  const head = [
    ...abc,
    addProcess('A'),
    addProcess('B'),
    send(giveNsid('B', 5)),
    send(giveNsid('C', 9)),
    send(giveNsid('A', 7)),
    send(giveNsid('C', 9), { ns: 'B' }),
    send(giveNsid('A', 3), { ns: 'B' }),
  ]
  for (const ref of refs) {
    for (const of of ['netkit', 'veth', 'dummy']) {
      yield {
        name: `where ${of} is made`,
        steps: [
          ...head,
          send(newLink([...name('t0'), ...ref, ...kind(of)])),
          send(up(2), { ns: 'B' }),
          send(up(2)),
          ...dumps,
        ],
      }
      yield {
        name: `where ${of} goes`,
        steps: [
          ...head,
          send(newLink([...name('t0'), ...kind(of)])),
          send(setLink([...ref, ...name('t0')])),
          send(modify([...ref, ...name('t0')], {}, REQ)),
          send(getLink([...ref, ...name('t0')])),
          send(getLink([...ref, ...name('t0')]), { strict: 1 }),
          send(dumpLinks(ref)),
          send(dumpLinks(ref), { strict: 1 }),
          send(delLink([...ref, ...name('t0')])),
          ...dumps,
        ],
      }
      if (of === 'dummy') continue
      yield {
        name: `where the peer of ${of} is made`,
        steps: [
          ...head,
          send(newLink([...name('t0'), ...peerOf(of, {}, ref)])),
          send(newLink([...name('t1'), ...inNs('C'), ...peerOf(of, {}, [...ref, ...name('p1')])])),
          send(newLink([...name('t2'), ...linkNsid(9), ...peerOf(of, {}, [...ref, ...name('p2')])])),
          send(newLink([...name('t3'), ...target(5), ...peerOf(of, {}, [...ref, ...name('p3')])])),
          ...dumps,
        ],
      }
      yield {
        name: `a namespace for a change of ${of}`,
        steps: [
          ...head,
          send(newLink([...name('t0'), ...kind(of)])),
          send(modify([...name('t0'), ...peerOf(of, {}, ref)])),
          send(newLink([...name('t0'), ...ref, ...kind(of)], {}, REQ | 0x400)),
          ...dumps,
        ],
      }
    }
  }
}

/** A name may be looked up in another namespace than the device is made in. */
function* lookups(): Generator<Scenario> {
  for (const flags of [REQ, REQ | 0x400, CREATE, REQ | 0x200, REQ | 0x500, REQ | 0x700, REQ | 0x100]) {
    for (const ref of [inNs('B'), attr(L.targetNetnsid, u32(5))]) {
      for (const where of ['A', 'B']) {
        for (const head of [{}, { index: 2 }, { index: 9 }]) {
          yield {
            name: 'where names are looked up',
            steps: [
              ...abc.slice(0, 2),
              send(giveNsid('B', 5)),
              send(newLink([...name('t0'), ...kind('dummy')]), { ns: where }),
              send(newLink([...name('t0'), ...ref, ...kind('dummy')], head, flags)),
              send(newLink([...ref, ...kind('dummy')], head, flags)),
              send(dumpLinks()),
              send(dumpLinks(), { ns: 'B' }),
            ],
          }
        }
      }
    }
  }
}

/** Namespaces go, with ends of pairs here and there. */
function* endings(): Generator<Scenario> {
  for (const s of SPECIMENS) {
    for (const gone of ['A', 'B', 'C']) {
      const made = [send(newLink([...name('t0'), ...s.create]))]
      const ups = [send(up(s.index)), ...(s.peer ? [send(up(s.peer))] : [])]
      yield {
        name: `${gone} goes, ${s.title}`,
        steps: [
          ...abc,
          ...made,
          send(setLink(inNs('B'), { index: s.index })),
          send(up(s.index), { ns: 'B' }),
          ...(s.peer ? [send(up(s.peer)), send(setLink(inNs('C'), { index: s.peer }))] : []),
          deleteNs(gone),
          ...['A', 'B', 'C'].filter((n) => n !== gone).map((ns) => send(dumpLinks(), { ns })),
        ],
      }
      yield {
        name: `${gone} goes with both ends, ${s.title}`,
        steps: [
          ...abc,
          ...made,
          ...ups,
          ...(s.peer
            ? [
                send(setLink(inNs('B'), { index: s.peer })),
                send(setLink(inNs('B'), { index: s.index })),
                send(up(s.peer), { ns: 'B' }),
              ]
            : []),
          deleteNs(gone),
          send(dumpLinks(), { ns: gone === 'A' ? 'C' : 'A' }),
        ],
      }
      yield {
        name: `${gone} goes, known by ids, ${s.title}`,
        steps: [
          ...abc,
          ...['A', 'B', 'C'].flatMap((a) =>
            ['A', 'B', 'C'].filter((b) => b !== a).map((b) => send(giveNsid(b, b.charCodeAt(0)), { ns: a })),
          ),
          ...made,
          ...(s.peer ? [send(setLink(inNs('B'), { index: s.peer }))] : []),
          deleteNs(gone),
          send(getLink([], { index: s.index }), { ns: gone === 'A' ? 'B' : 'A' }),
        ],
      }
    }
    const other = SPECIMENS[(SPECIMENS.indexOf(s) + 4) % SPECIMENS.length]
    yield {
      name: `B goes with many, ${s.title}, ${other.title}`,
      steps: [
        ...abc,
        send(newLink([...name('t0'), ...s.create])),
        send(newLink([...name('u0'), ...other.create])),
        send(newLink([...name('w0'), ...s.create]), { ns: 'B' }),
        send(setLink([...inNs('B'), ...name('t0')])),
        send(setLink([...inNs('B'), ...name('u0')])),
        send(modify(name('w0'), { flags: 1, change: 1 }), { ns: 'B' }),
        send(modify(name('t0'), { flags: 1, change: 1 }), { ns: 'B' }),
        deleteNs('B'),
        send(dumpLinks()),
        send(dumpLinks(), { ns: 'C' }),
      ],
    }
  }
}

/** Pairs in three namespaces, as seen from each. */
function* seenFromAfar(): Generator<Scenario> {
  for (const s of SPECIMENS.filter((x) => x.peer)) {
    yield {
      name: `seen from afar, ${s.title}`,
      steps: [
        ...abc,
        send(giveNsid('B', 5)),
        send(giveNsid('C', 9)),
        send(newLink([...name('t0'), ...s.create])),
        send(setLink(inNs('B'), { index: s.index })),
        send(setLink(inNs('C'), { index: s.peer })),
        ...[5, 9].flatMap((id) => [
          send(dumpLinks(attr(L.targetNetnsid, u32(id)))),
          send(getLink(attr(L.targetNetnsid, u32(id)), { index: id === 5 ? s.index : s.peer })),
          send(modify([...attr(L.targetNetnsid, u32(id)), ...attr(L.group, u32(3))], { index: 2 })),
          send(delLink(attr(L.targetNetnsid, u32(id)), { index: 77 })),
        ]),
        send(dumpLinks(), { ns: 'B' }),
        send(dumpLinks(), { ns: 'C' }),
        send(delLink(attr(L.targetNetnsid, u32(5)), { index: s.index }, REQ | 8)),
      ],
    }
  }
  yield {
    name: 'the same index at both ends',
    steps: [
      ...abc,
      send(newLink([...name('t0'), ...peerOf('netkit', { index: 40 }, inNs('B'))], { index: 40 })),
      send(up(40)),
      send(up(40), { ns: 'B' }),
      send(down(40)),
      ...dumps,
      send(setLink([...inNs('B'), ...newIndex(41)], { index: 40 })),
      send(up(41), { ns: 'B' }),
    ],
  }
  yield {
    name: 'the same index at both ends of a cable',
    steps: [
      ...abc,
      send(newLink([...name('t0'), ...peerOf('veth', { index: 40 }, inNs('B'))], { index: 40 })),
      send(up(40)),
      send(up(40), { ns: 'B' }),
      send(down(40)),
      ...dumps,
    ],
  }
  yield {
    name: 'an unrelated device with the index of the peer',
    steps: [
      ...abc,
      send(newLink([...name('t0'), ...kind('netkit')])),
      send(setLink(inNs('B'), { index: 2 })),
      send(newLink([...name('d'), ...kind('dummy')], { index: 2 })),
      send(up(3)),
      send(up(2), { ns: 'B' }),
      send(down(2), { ns: 'B' }),
      send(up(2)),
      send(up(2), { ns: 'B' }),
      send(down(2), { ns: 'B' }),
      send(modify(attr(L.carrier, [0]), { index: 2 }), { wait: 1 }),
      send(up(2), { ns: 'B' }),
      send(down(2), { ns: 'B' }),
    ],
  }
}

export function* moves(): Generator<Scenario> {
  yield* backAndForth()
  yield* together()
  yield* references()
  yield* lookups()
  yield* endings()
  yield* seenFromAfar()
}
