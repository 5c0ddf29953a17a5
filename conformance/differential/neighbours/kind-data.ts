import { LINK, LINKINFO, NETKIT, NLA_F_NESTED, type PolicyTable, VETH } from '@netkit/netlink'
import type { Scenario } from '../scenario.ts'
import { chunks, delLink, dumpLinks, kind, modify, name, newLink, peerOf, scenario, send, setLink } from '../steps.ts'
import { oddities, payloads } from '../values.ts'
import { attr, type Bytes, chars, linkHead, mac, nest, str, u8, u16, u32, zeros } from '../wire.ts'

const N = NETKIT.ids
const L = LINK.ids
const I = LINKINFO.ids

const netkit = (...data: readonly Bytes[]): Bytes => kind('netkit', ...data)
const single = attr(N.pairing, u32(1))
const l2 = attr(N.mode, u32(0))

/** What may stand in the kind's data: each attribute with all payloads, at creation and later. */
function* dataNeighbours(table: PolicyTable, of: string, bases: readonly Bytes[]): Generator<Scenario> {
  for (let id = 0; id <= table.maxId + 1; id++) {
    const all = [
      ...payloads(table, id).map((p) => attr(id, p)),
      ...oddities(id, u32(0), u32(1)),
      ...oddities(id, u32(1), u32(2)),
    ]
    for (const [b, base] of bases.entries()) {
      for (const part of chunks(all, 12)) {
        yield scenario(
          `${of} data ${id}, base ${b}, create`,
          ...part.flatMap((a) => [send(newLink([...name('t0'), ...kind(of, base, a)])), send(delLink(name('t0')))]),
        )
        yield scenario(
          `${of} data ${id}, base ${b}, change`,
          send(newLink([...name('t0'), ...kind(of, base)])),
          ...part.map((a) => send(modify([...name('t0'), ...kind(of, a)]))),
          ...part.slice(0, 3).map((a) => send(modify(kind(of, a), { index: 2 }))),
          ...part.slice(0, 3).map((a) => send(setLink([...name('t0'), ...kind(of, a)]))),
        )
      }
    }
  }
}

const PAIRS: readonly Bytes[] = [[], l2, single, [...single, ...l2]]

/** Attributes of netkit's data, two by two: which refusal comes first. */
function* pairsOfData(): Generator<Scenario> {
  const bad: readonly Bytes[] = [
    attr(N.policy, u32(0)),
    attr(N.policy, u32(1)),
    attr(N.policy, u32(2)),
    attr(N.peerPolicy, u32(1)),
    attr(N.peerPolicy, u32(2)),
    attr(N.mode, u32(2)),
    attr(N.scrub, u32(0)),
    attr(N.peerScrub, u32(1)),
    attr(N.headroom, u16(100)),
    attr(N.tailroom, u16(65535)),
    attr(N.primary, u8(1)),
    attr(N.peerInfo, linkHead()),
    attr(N.peerInfo, zeros(15)),
    single,
    attr(N.pairing, u32(2)),
  ]
  for (const a of bad) {
    const creations = bad.flatMap((b) => [send(newLink([...name('t0'), ...netkit(a, b)])), send(delLink(name('t0')))])
    for (const part of chunks(creations, 14)) yield scenario('netkit data, pairs of attributes, create', ...part)
    for (const base of PAIRS) {
      yield scenario(
        'netkit data, pairs of attributes, change',
        send(newLink([...name('t0'), ...netkit(base)])),
        ...bad.map((b) => send(modify([...name('t0'), ...netkit(a, b)]))),
      )
    }
  }
}

function* linkInfos(): Generator<Scenario> {
  const infos: readonly Bytes[] = [
    nest(L.linkinfo),
    attr(L.linkinfo, [1, 2, 3]),
    nest(L.linkinfo, attr(I.kind, [])),
    nest(L.linkinfo, attr(I.kind, str(''))),
    nest(L.linkinfo, attr(I.kind, chars('netkit'))),
    nest(L.linkinfo, attr(I.kind, chars('netkitx'))),
    nest(L.linkinfo, attr(I.kind, str('netki'))),
    nest(L.linkinfo, attr(I.kind, [...str('netkit'), ...str('more')])),
    nest(L.linkinfo, attr(I.kind | NLA_F_NESTED, str('netkit'))),
    nest(L.linkinfo, attr(I.kind, str('x'.repeat(55)))),
    nest(L.linkinfo, attr(I.kind, str('x'.repeat(56)))),
    nest(L.linkinfo, attr(I.kind, str('x'.repeat(200)))),
    nest(L.linkinfo, attr(I.kind, str('Netkit'))),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.kind, str('dummy'))),
    nest(L.linkinfo, attr(I.kind, str('dummy')), attr(I.kind, str('netkit'))),
    nest(L.linkinfo, attr(I.data, [])),
    nest(L.linkinfo, attr(I.data, [1])),
    nest(L.linkinfo, attr(I.data, attr(N.mode, u32(0))), attr(I.kind, str('netkit'))),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.data, [1, 2, 3])),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.data, zeros(4))),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.data, attr(N.mode, u32(0), 20))),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.data, [...attr(N.mode, u32(0)), 1, 2])),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.data | NLA_F_NESTED, attr(N.mode | NLA_F_NESTED, u32(0)))),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.data, attr(99, u32(0)))),
    nest(L.linkinfo, attr(I.kind, str('dummy')), attr(I.data, [])),
    nest(L.linkinfo, attr(I.kind, str('dummy')), attr(I.data, attr(1, u32(0)))),
    nest(L.linkinfo, attr(I.kind, str('dummy')), attr(I.data, [1, 2, 3])),
    nest(L.linkinfo, attr(I.kind, str('veth')), attr(I.data, [])),
    nest(L.linkinfo, attr(I.kind, str('veth')), attr(I.data, [1, 2, 3])),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.xstats, u32(0))),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.slaveKind, str('x'))),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.slaveKind, [])),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.slaveData, [])),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(I.slaveData, [1])),
    nest(L.linkinfo, attr(I.slaveKind, str('netkit')), attr(I.slaveData, attr(1, u32(0)))),
    nest(L.linkinfo, attr(I.kind, str('netkit')), attr(6, u32(0))),
    nest(L.linkinfo, attr(0, u32(0)), attr(I.kind, str('netkit'))),
    [...nest(L.linkinfo, attr(I.kind, str('netkit'))), ...nest(L.linkinfo, attr(I.kind, str('dummy')))],
    [...kind('dummy'), ...nest(L.linkinfo)],
    nest(L.linkinfo | NLA_F_NESTED, attr(I.kind, str('netkit'))),
    attr(L.linkinfo, [...attr(I.kind, str('netkit')), 1, 2]),
    kind('netdevsim'),
    kind('netdevsim', attr(1, u32(0))),
    kind('nosuchkind', attr(1, u32(0))),
  ]
  for (const part of chunks(infos, 8)) {
    yield scenario(
      'linkinfo, create',
      ...part.flatMap((i) => [send(newLink([...name('t0'), ...i])), send(delLink(name('t0')))]),
      send(dumpLinks()),
    )
    for (const base of [netkit(), netkit(single), kind('veth'), kind('dummy')]) {
      yield scenario(
        'linkinfo, change',
        send(newLink([...name('t0'), ...base])),
        ...part.flatMap((i) => [send(modify([...name('t0'), ...i])), send(setLink([...name('t0'), ...i]))]),
      )
    }
    yield scenario('linkinfo, change lo', ...part.map((i) => send(modify(i, { index: 1 }))))
    for (const strict of [undefined, 1] as const) {
      yield scenario(
        'linkinfo, dump',
        send(newLink([...name('t0'), ...netkit()])),
        send(newLink([...name('t1'), ...kind('dummy')])),
        ...part.map((i) => send(dumpLinks(i), { strict })),
      )
    }
  }
}

/** The peer described inside. */
function* peers(): Generator<Scenario> {
  for (const of of ['netkit', 'veth']) {
    const heads = [
      {},
      { index: -1 },
      { index: 1 },
      { index: 2 },
      { index: 77 },
      { family: 2 },
      { pad: 1 },
      { artype: 5 },
      { flags: 1 },
      { flags: 1, change: 1 },
      { change: 0xffff_ffff },
      { flags: 0x1100, change: 0x1100 },
      { flags: 0x80, change: 0x80 },
    ]
    const attrs: readonly Bytes[] = [
      [],
      name('p0'),
      name('t0'),
      name('p%d'),
      attr(L.mtu, u32(67)),
      attr(L.mtu, u32(9000)),
      attr(L.mtu, u32(65536)),
      attr(L.address, mac(9)),
      attr(L.address, zeros(6)),
      attr(L.address, zeros(5)),
      attr(L.master, u32(1)),
      attr(L.ifalias, str('alias')),
      attr(L.group, u32(7)),
      attr(L.numRxQueues, u32(3)),
      attr(L.numTxQueues, u32(3)),
      attr(L.numTxQueues, u32(0)),
      attr(L.netNsFd, u32(90)),
      attr(L.netNsPid, u32(39999)),
      attr(L.targetNetnsid, u32(5)),
      attr(L.map, zeros(32)),
      attr(L.protinfo, zeros(4)),
      attr(L.linkmode, u8(1)),
      attr(L.operstate, u8(6)),
      attr(L.operstate, u8(5)),
      attr(L.altIfname, str('other')),
      [9, 9],
    ]
    const creations = [
      ...heads.flatMap((h) => [
        newLink([...name('t0'), ...peerOf(of, h, [])]),
        newLink([...name('t1'), ...peerOf(of, h, name('p1'))], { index: 50 }),
      ]),
      ...attrs.flatMap((a) => [
        newLink([...name('t0'), ...peerOf(of, {}, a)]),
        newLink([...name('t1'), ...attr(L.mtu, u32(2000)), ...peerOf(of, {}, a)], { flags: 1 }),
      ]),
      ...attrs.map((a) => newLink([...name('t0'), ...peerOf(of, {}, a, attr(N.mode, u32(0)))])),
      ...attrs.map((a) =>
        newLink([...name('t0'), ...attr(L.address, mac(1)), ...peerOf(of, {}, a, attr(N.mode, u32(0)))]),
      ),
    ]
    for (const part of chunks(creations, 6)) {
      yield scenario(
        `${of} peer, create`,
        ...part.flatMap((c) => [send(c), send(delLink(name('t0'))), send(delLink(name('t1')))]),
        send(dumpLinks()),
      )
    }
    yield scenario(
      `${of} peer, change`,
      send(newLink([...name('t0'), ...kind(of)])),
      ...attrs.map((a) => send(modify([...name('t0'), ...peerOf(of, {}, a)]))),
      send(dumpLinks()),
    )
    yield scenario(
      `${of} peer, change through the header`,
      send(newLink([...name('t0'), ...kind(of)])),
      ...heads.map((h) => send(modify([...name('t0'), ...peerOf(of, h, [])]))),
      send(dumpLinks()),
    )
  }
}

export function* kindData(): Generator<Scenario> {
  yield* dataNeighbours(NETKIT.policy, 'netkit', PAIRS)
  yield* dataNeighbours(VETH.policy, 'veth', [[]])
  yield* pairsOfData()
  yield* linkInfos()
  yield* peers()
}
