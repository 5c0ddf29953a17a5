import { LINK } from '@netkit/netlink'
import type { Scenario, Step } from '../scenario.ts'
import {
  addNs,
  chunks,
  deleteNs,
  delLink,
  down,
  dumpLinks,
  getLink,
  inNs,
  kind,
  modify,
  name,
  newLink,
  scenario,
  send,
  setLink,
  up,
} from '../steps.ts'
import { oddities, payloads, usual } from '../values.ts'
import { attr, mac, u8, u32 } from '../wire.ts'
import { addProps, altnames, delProps } from './names.ts'

const L = LINK.ids
const NIC = 2
/** No other kernel module makes so many. */
const FIRST = 1000

/** Makes and numbers NICs: each scenario has its own. */
class Nics {
  #last = FIRST

  plug(queues: number, ns = 'A'): Step {
    return { op: 'nic-add', ns, nic: ++this.#last, queues }
  }

  unplugLast(): Step {
    return { op: 'nic-del', nic: this.#last }
  }
}

function* attributes(nics: Nics): Generator<Scenario> {
  for (let id = 0; id <= LINK.policy.maxId + 1; id++) {
    const [good, other] = usual(id)
    const tries = [...payloads(LINK.policy, id).map((p) => attr(id, p)), ...oddities(id, good, other)]
    for (const part of chunks(tries, 14)) {
      const title = `nic, attribute ${id} ${LINK.byId[id]?.key ?? ''}`.trim()
      yield scenario(
        `${title}, modify`,
        nics.plug(2),
        ...part.map((a) => send(modify(a, { index: NIC }))),
        send(dumpLinks()),
      )
      yield scenario(
        `${title}, set, up`,
        nics.plug(1),
        send(up(NIC)),
        ...part.map((a) => send(setLink(a, { index: NIC }))),
        send(dumpLinks()),
      )
    }
  }
}

function* states(nics: Nics): Generator<Scenario> {
  for (const queues of [1, 2, 8]) {
    yield scenario(
      `nic of ${queues} queues, up and down`,
      nics.plug(queues),
      send(dumpLinks()),
      send(up(NIC)),
      send(getLink([], { index: NIC })),
      send(down(NIC)),
      send(up(NIC)),
      send(down(NIC)),
      send(dumpLinks()),
      nics.unplugLast(),
      send(dumpLinks()),
    )
    yield scenario(
      `nic of ${queues} queues, unplugged up`,
      nics.plug(queues),
      send(up(NIC)),
      nics.unplugLast(),
      nics.plug(queues),
      send(dumpLinks()),
    )
  }
  const heads = Array.from({ length: 19 }, (_, i) => ({ flags: 2 ** i, change: 2 ** i }))
  for (const part of chunks(
    [
      ...heads,
      ...heads.map(({ change }) => ({ flags: 0, change })),
      { flags: 1, change: 0 },
      { flags: 0x301, change: 0x301 },
    ],
    14,
  )) {
    yield scenario(
      'nic, flags',
      nics.plug(1),
      ...part.map((h) => send(modify([], { index: NIC, ...h }))),
      send(dumpLinks()),
    )
  }
  const wishes = [
    ...[0, 1, 2, 3, 4, 5, 6].map((n) => attr(L.operstate, u8(n))),
    ...[0, 1, 2].map((n) => attr(L.linkmode, u8(n))),
    attr(L.carrier, u8(0)),
    attr(L.carrier, u8(1)),
  ]
  for (const before of [[], [send(up(NIC))], [send(up(NIC)), send(down(NIC)), send(up(NIC))]]) {
    for (const part of chunks(wishes, 6))
      yield scenario(
        'nic, operstate',
        nics.plug(1),
        ...before,
        ...part.map((w) => send(modify(w, { index: NIC }), { wait: 1 })),
        send(down(NIC)),
        send(up(NIC)),
      )
  }
  for (const sizes of [
    [0, 67, 68, 1279, 1280, 1500, 9000, 65535, 65536],
    [9000, 1280, 1279, 1500, 68, 1500],
  ]) {
    for (const before of [[], [send(up(NIC))]])
      yield scenario(
        'nic, mtu',
        nics.plug(1),
        ...before,
        ...sizes.flatMap((m) => [send(modify(attr(L.mtu, u32(m)), { index: NIC })), send(getLink([], { index: NIC }))]),
      )
  }
  const addresses = [mac(1), mac(1), mac(2), [1, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0], [2, 0], [...mac(3), 1]]
  yield scenario(
    'nic, addresses',
    nics.plug(1),
    ...addresses.flatMap((a) => [
      send(modify(attr(L.address, a), { index: NIC })),
      send(modify(attr(L.broadcast, a), { index: NIC })),
    ]),
    send(up(NIC)),
    ...addresses.map((a) => send(modify(attr(L.address, a), { index: NIC }))),
  )
  yield scenario(
    'nic, names',
    nics.plug(1),
    nics.plug(2),
    ...['eth0', 'eth1', 'x%d', 'eth%d', 'all', 'a b'].map((n) => send(modify(name(n), { index: NIC }))),
    send(addProps(altnames('one', 'eth1'), { index: NIC })),
    send(up(NIC)),
    send(addProps(altnames('two'), { index: NIC })),
    send(delProps(altnames('one'), { index: NIC })),
    nics.plug(1),
    send(dumpLinks()),
  )
  yield scenario(
    'nic, kinds',
    nics.plug(1),
    ...['netkit', 'netdevsim', 'dummy', 'nosuch'].flatMap((k) => [
      send(modify(kind(k), { index: NIC })),
      send(modify(kind(k, attr(1, u32(0))), { index: NIC })),
    ]),
    send(delLink([], { index: NIC })),
    send(modify(attr(L.group, u32(4)), { index: NIC })),
    send(newLink([...name('d'), ...attr(L.group, u32(4)), ...kind('dummy')])),
    send(delLink(attr(L.group, u32(4)))),
    send(dumpLinks()),
  )
  for (const mask of [0, 1, 8, 9, 0x100])
    yield scenario(
      'nic, extended',
      nics.plug(2),
      send(getLink(attr(L.extMask, u32(mask)), { index: NIC })),
      send(dumpLinks(attr(L.extMask, u32(mask)))),
      send(dumpLinks(kind('netdevsim'))),
      send(dumpLinks(attr(L.extMask, u32(mask))), { strict: 1 }),
    )
}

function* moves(nics: Nics): Generator<Scenario> {
  for (const before of [
    [],
    [send(up(NIC))],
    [send(up(NIC)), send(down(NIC))],
    [send(modify([], { index: NIC, flags: 0x301, change: 0x301 }))],
  ]) {
    yield {
      name: 'nic, back and forth',
      steps: [
        addNs('A'),
        addNs('B'),
        nics.plug(2),
        ...before,
        send(setLink(inNs('B'), { index: NIC })),
        send(up(NIC), { ns: 'B' }),
        send(setLink(inNs('A'), { index: NIC }), { ns: 'B' }),
        send(up(NIC)),
        send(dumpLinks()),
        nics.unplugLast(),
        send(dumpLinks()),
      ],
    }
    yield {
      name: 'nic, moved to one that is taken',
      steps: [
        addNs('A'),
        addNs('B'),
        nics.plug(1, 'B'),
        nics.plug(2),
        ...before,
        send(setLink(inNs('B'), { index: NIC })),
        send(setLink([...inNs('B'), ...name('eth%d')], { index: NIC })),
        send(dumpLinks(), { ns: 'B' }),
        nics.unplugLast(),
        send(dumpLinks(), { ns: 'B' }),
      ],
    }
    yield {
      name: 'nic, unplugged elsewhere',
      steps: [
        addNs('A'),
        addNs('B'),
        nics.plug(1),
        ...before,
        send(setLink(inNs('B'), { index: NIC })),
        send(up(NIC), { ns: 'B' }),
        nics.unplugLast(),
        send(dumpLinks(), { ns: 'B' }),
      ],
    }
    yield {
      name: 'nic, its namespace goes',
      steps: [
        addNs('A'),
        addNs('B'),
        nics.plug(1),
        ...before,
        send(newLink([...name('nk'), ...kind('netkit')])),
        send(setLink(inNs('B'), { index: NIC })),
        send(up(NIC), { ns: 'B' }),
        deleteNs('B'),
        send(dumpLinks()),
      ],
    }
  }
}

/** A NIC as far as it is a link. */
export function* nicLinks(): Generator<Scenario> {
  const nics = new Nics()
  yield* attributes(nics)
  yield* states(nics)
  yield* moves(nics)
}
