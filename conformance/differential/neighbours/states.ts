import { AF_SPEC_INET, AF_SPEC_INET6, LINK } from '@netkit/netlink'
import type { Scenario } from '../scenario.ts'
import {
  addNs,
  chunks,
  delLink,
  down,
  dumpLinks,
  getLink,
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
import { attr, type Bytes, bytes, mac, nest, u8, u16, u32, zeros } from '../wire.ts'

const L = LINK.ids

/** Flags, bit by bit and as masks. */
function* flags(): Generator<Scenario> {
  const bits = Array.from({ length: 32 }, (_, i) => (1 << i) >>> 0)
  const heads = [
    ...bits.map((b) => ({ flags: b, change: b })),
    ...bits.map((b) => ({ flags: 0, change: b })),
    ...bits.map((b) => ({ flags: b, change: 0 })),
    { flags: 0xffff_ffff, change: 0xffff_ffff },
    { flags: 0xffff_ffff, change: 0 },
    { flags: 0, change: 0xffff_ffff },
    { flags: 0x1003, change: 0x1001 },
    { flags: 0x1301, change: 0 },
    { flags: 0x301, change: 0x300 },
    { flags: 0, change: 0x301 },
  ]
  for (const s of [...SPECIMENS, { title: 'lo', kind: '', create: [] as Bytes, index: 1, peer: undefined }]) {
    const made = s.create.length > 0 ? [send(newLink([...name('t0'), ...s.create]))] : []
    for (const part of chunks(heads, 14)) {
      yield scenario(
        `flags of ${s.title}`,
        ...made,
        ...part.map((h) => send(modify([], { index: s.index, ...h }))),
        send(dumpLinks()),
      )
      if (s.create.length > 0) {
        yield scenario(
          `flags at birth of ${s.title}`,
          ...part.flatMap((h) => [send(newLink([...name('t0'), ...s.create], h)), send(delLink(name('t0')))]),
        )
      }
      if (s.peer)
        yield scenario(
          `flags of ${s.title}, both ends`,
          ...made,
          send(up(s.peer)),
          ...part.map((h) => send(setLink([], { index: s.index, ...h }))),
          send(dumpLinks()),
        )
    }
  }
}

/** Operational states, link modes and carriers, asked for in every state. */
function* operstates(): Generator<Scenario> {
  const wishes: readonly Bytes[] = [
    ...[0, 1, 2, 3, 4, 5, 6, 7, 255].map((n) => attr(L.operstate, u8(n))),
    ...[0, 1, 2, 3].map((n) => attr(L.linkmode, u8(n))),
    ...[0, 1, 2, 0, 1].map((n) => attr(L.carrier, u8(n))),
    [...attr(L.operstate, u8(5)), ...attr(L.linkmode, u8(1))],
    [...attr(L.operstate, u8(6)), ...attr(L.linkmode, u8(0))],
    attr(L.protoDown, u8(0)),
    attr(L.protoDown, u8(1)),
  ]
  for (const s of SPECIMENS) {
    const made = send(newLink([...name('t0'), ...s.create]))
    const states = {
      down: [],
      up: [send(up(s.index))],
      'both up': s.peer ? [send(up(s.index)), send(up(s.peer))] : [],
      'peer up': s.peer ? [send(up(s.peer))] : [],
    }
    for (const [state, steps] of Object.entries(states)) {
      for (const part of chunks(wishes, 7)) {
        yield scenario(
          `operstate ${s.title}, ${state}`,
          made,
          ...steps,
          ...part.map((w) => send(modify(w, { index: s.index }), { wait: 1 })),
          send(down(s.index)),
          send(up(s.index)),
          send(getLink([], { index: s.index })),
        )
      }
      for (const w of wishes) {
        yield scenario(
          `one wish for ${s.title}, ${state}`,
          made,
          ...steps,
          send(modify(w, { index: s.index }), { wait: 1 }),
          send(up(s.index)),
          send(modify(w, { index: s.index }), { wait: 1 }),
          ...(s.peer ? [send(up(s.peer)), send(modify(w, { index: s.index }), { wait: 1 }), send(down(s.peer))] : []),
          send(down(s.index)),
          send(up(s.index)),
        )
      }
    }
    for (const w of wishes) {
      yield scenario(
        `born with a wish, ${s.title}`,
        send(newLink([...name('t0'), ...w, ...s.create])),
        send(up(s.index)),
        ...(s.peer ? [send(up(s.peer))] : []),
        send(dumpLinks()),
      )
      yield scenario(
        `born up with a wish, ${s.title}`,
        send(newLink([...name('t0'), ...w, ...s.create], { flags: 1, change: 1 })),
        ...(s.peer ? [send(up(s.peer))] : []),
        send(dumpLinks()),
      )
    }
  }
}

/** MTUs and what IP makes of them. */
function* mtus(): Generator<Scenario> {
  const sizes = [0, 1, 67, 68, 69, 1279, 1280, 1281, 1500, 9000, 65535, 65536, 100000, 0x7fff_ffff, 0x8000_0000]
  const orders = [
    sizes,
    [...sizes].reverse(),
    [1280, 1279, 68, 67, 68, 1280, 1500],
    [1279, 1280, 67, 1500],
    [100, 50, 1400],
  ]
  for (const s of [...SPECIMENS, { title: 'lo', kind: '', create: [] as Bytes, index: 1, peer: undefined }]) {
    const made = s.create.length > 0 ? [send(newLink([...name('t0'), ...s.create]))] : []
    for (const order of orders) {
      for (const state of [[], [send(up(s.index))]]) {
        yield scenario(
          `mtu ${s.title}`,
          ...made,
          ...state,
          ...order.flatMap((m) => [
            send(modify(attr(L.mtu, u32(m)), { index: s.index })),
            send(getLink([], { index: s.index })),
          ]),
          send(up(s.index)),
          send(down(s.index)),
        )
      }
    }
    if (s.create.length === 0) continue
    for (const part of chunks(sizes, 5)) {
      yield scenario(
        `born with mtu, ${s.title}`,
        ...part.flatMap((m, i) => [
          send(newLink([...name(`t${i}`), ...attr(L.mtu, u32(m)), ...s.create])),
          send(getLink(name(`t${i}`))),
          send(modify([...name(`t${i}`)], { flags: 1, change: 1 })),
          send(modify([...name(`t${i}`), ...attr(L.mtu, u32(1400))])),
        ]),
      )
    }
    yield {
      name: `mtu on the move, ${s.title}`,
      steps: [
        addNs('A'),
        addNs('B'),
        ...made,
        ...[1000, 60].flatMap((m) => [
          send(modify(attr(L.mtu, u32(m)), { index: s.index })),
          send(setLink(inNs('B'), { index: s.index })),
          send(modify(attr(L.mtu, u32(1400)), { index: s.index }), { ns: 'B' }),
          send(setLink(attr(L.netNsFd, u32(100)), { index: s.index }), { ns: 'B' }),
        ]),
      ],
    }
  }
}

/** What is asked of IPv4 and IPv6 through links. */
function* addressFamilies(): Generator<Scenario> {
  const V4 = AF_SPEC_INET.ids
  const V6 = AF_SPEC_INET6.ids
  const inet = (...inner: Bytes[]): Bytes => nest(L.afSpec, nest(2, ...inner))
  const inet6 = (...inner: Bytes[]): Bytes => nest(L.afSpec, nest(10, ...inner))
  const conf = (id: number, value: Bytes): Bytes => inet(nest(V4.conf, attr(id, value)))
  const token = bytes('00000000000000001234567890abcdef')
  const wishes: readonly Bytes[] = [
    nest(L.afSpec),
    inet(),
    inet6(),
    ...[0, 1, 7, 12, 28, 29, 45, 46, 255].map((family) => nest(L.afSpec, nest(family))),
    ...[0, 1, 2, 33, 34].map((id) => conf(id, u32(1))),
    conf(1, u32(0)),
    conf(1, u32(0xffff_ffff)),
    conf(5, u16(1)),
    conf(5, [...u32(2), ...u32(3)]),
    conf(5, []),
    inet(nest(V4.conf)),
    inet(attr(V4.conf, [1])),
    inet(nest(V4.conf, [...attr(4, u32(7)), 1])),
    inet(attr(2, u32(1))),
    inet(attr(0, u32(1))),
    inet(nest(V4.conf, attr(1, u32(1)), attr(1, u32(2)), attr(3, u32(9)))),
    nest(L.afSpec, nest(2, nest(V4.conf, attr(2, u32(1)))), nest(10, attr(V6.addrGenMode, u8(1)))),
    nest(L.afSpec, nest(2, nest(V4.conf, attr(2, u32(0)))), nest(99)),
    nest(L.afSpec, [...nest(2), 1, 2]),
    nest(L.afSpec, attr(2 | 0x8000, [])),
    ...[0, 1, 2, 3, 4, 255].map((mode) => inet6(attr(V6.addrGenMode, u8(mode)))),
    inet6(attr(V6.addrGenMode, [])),
    inet6(attr(V6.addrGenMode, u32(1))),
    inet6(attr(V6.token, token)),
    inet6(attr(V6.token, zeros(16))),
    inet6(attr(V6.token, zeros(15))),
    inet6(attr(V6.token, [...token, 1])),
    inet6(attr(V6.token, token), attr(V6.addrGenMode, u8(3))),
    inet6(attr(V6.addrGenMode, u8(9)), attr(V6.token, token)),
    inet6(attr(V6.raMtu, u32(1400))),
    inet6(attr(V6.flags, u32(0))),
    inet6(attr(V6.conf, zeros(240))),
    inet6(attr(10, u32(0)), attr(V6.addrGenMode, u8(1))),
    inet6([...attr(V6.addrGenMode, u8(0)), 1]),
  ]
  const devices = [...SPECIMENS, { title: 'lo', kind: '', create: [] as Bytes, index: 1, peer: undefined }]
  for (const s of devices) {
    const made = s.create.length > 0 ? [send(newLink([...name('t0'), ...s.create]))] : []
    for (const part of chunks(wishes, 9)) {
      yield scenario(
        `address families, ${s.title}`,
        ...made,
        ...part.map((w) => send(modify(w, { index: s.index }))),
        send(getLink([], { index: s.index })),
      )
      yield scenario(
        `address families, ${s.title} up`,
        ...made,
        send(up(s.index)),
        ...(s.peer ? [send(up(s.peer))] : []),
        ...part.map((w) => send(setLink(w, { index: s.index }))),
        send(getLink([], { index: s.index })),
        send(modify(attr(L.mtu, u32(1000)), { index: s.index })),
        ...part.slice(0, 3).map((w) => send(setLink(w, { index: s.index }))),
        send(modify(attr(L.mtu, u32(1500)), { index: s.index })),
        send(getLink([], { index: s.index })),
      )
      if (s.create.length > 0)
        yield scenario(
          `address families at birth, ${s.title}`,
          ...part.flatMap((w) => [send(newLink([...name('t0'), ...w, ...s.create])), send(delLink(name('t0')))]),
        )
      if (s.peer)
        yield scenario(
          `address families of a peer, ${s.title}`,
          ...part.flatMap((w) => [send(newLink([...name('t0'), ...peerOf(s.kind, {}, w)])), send(delLink(name('t0')))]),
        )
    }
  }
}

/** Addresses in every state. */
function* addresses(): Generator<Scenario> {
  const wishes = [
    mac(1),
    mac(1),
    zeros(6),
    [3, 0, 0, 0, 0, 1],
    zeros(6).map(() => 255),
    [...mac(2), 1, 2],
    mac(3).slice(0, 5),
  ].flatMap((m) => [attr(L.address, m), attr(L.broadcast, m)])
  for (const s of [...SPECIMENS, { title: 'lo', kind: '', create: [] as Bytes, index: 1, peer: undefined }]) {
    const made = s.create.length > 0 ? [send(newLink([...name('t0'), ...s.create]))] : []
    yield scenario(
      `addresses, ${s.title}`,
      ...made,
      ...wishes.map((w) => send(modify(w, { index: s.index }))),
      send(up(s.index)),
      ...wishes.map((w) => send(modify(w, { index: s.index }))),
    )
    if (s.create.length > 0) {
      yield scenario(
        `addresses with the kind, ${s.title}`,
        ...made,
        ...wishes.map((w) => send(modify([...w, ...kind(s.kind)], { index: s.index }))),
      )
      for (const part of chunks(wishes, 6))
        yield scenario(
          `addresses at birth, ${s.title}`,
          ...part.flatMap((w) => [send(newLink([...name('t0'), ...w, ...s.create])), send(delLink(name('t0')))]),
        )
    }
  }
}

export function* states(): Generator<Scenario> {
  yield* flags()
  yield* operstates()
  yield* mtus()
  yield* addressFamilies()
  yield* addresses()
}
