import {
  CHANNELS,
  ETHTOOL,
  ETHTOOL_HEADER,
  type GenlCommand,
  type GenlFamily,
  LINK,
  NETDEV,
  NETDEV_LEASE,
  NETDEV_QUEUE,
  NETDEV_QUEUE_ID,
  NLA_F_NESTED,
  type PolicyTable,
} from '@netkit/netlink'
import { FAMILY_NUMBERS, type FamilyName } from '../generic-ids.ts'
import type { Scenario, Send, Step } from '../scenario.ts'
import {
  addNs,
  chunks,
  deleteNs,
  delLink,
  fdOf,
  giveNsid,
  inNs,
  kind,
  name,
  newLink,
  type SendOptions,
  send,
  setLink,
  up,
} from '../steps.ts'
import { oddities, payloads } from '../values.ts'
import { attr, type Bytes, DUMP, message, REQ, str, u8, u16, u32 } from '../wire.ts'

const Q = NETDEV_QUEUE.ids
const QI = NETDEV_QUEUE_ID.ids
const LE = NETDEV_LEASE.ids
const NIC = 2
const PEER = 3
const PRIMARY = 4
const SINGLE = 5
const DUMMY = 6
const CABLE = 8
const FIRST_NIC = 3000

/** A request to a generic netlink family. */
export function generic(family: FamilyName, command: number, attrs: Bytes, flags = REQ, reserved = 0): Bytes {
  return message({ type: FAMILY_NUMBERS[family], flags }, u8(command), u8(1), u16(reserved), attrs)
}

export const sendGeneric = (datagram: Bytes, options: SendOptions = {}): Send => ({
  ...send(datagram, options),
  proto: 'generic',
})

export const nested = (id: number, ...inner: readonly Bytes[]): Bytes => attr(id | NLA_F_NESTED, inner.flat())

/** The physical queue of a lease, as asked for. */
export const lease = (ifindex: number, queue: number, nsid?: number): Bytes =>
  nested(
    Q.lease,
    attr(LE.ifindex, u32(ifindex)),
    nested(LE.queue, attr(QI.id, u32(queue)), attr(QI.type, u32(0))),
    nsid === undefined ? [] : attr(LE.netnsId, u32(nsid)),
  )
export const queueCreate = (ifindex: number, of: Bytes): Bytes =>
  generic('netdev', NETDEV.commands.queueCreate.id, [...attr(Q.ifindex, u32(ifindex)), ...attr(Q.type, u32(0)), ...of])
export const queueGet = (ifindex: number, id: number, type = 0): Bytes =>
  generic('netdev', NETDEV.commands.queueGet.id, [
    ...attr(Q.ifindex, u32(ifindex)),
    ...attr(Q.type, u32(type)),
    ...attr(Q.id, u32(id)),
  ])
export const queueDump = (attrs: Bytes = []): Bytes => generic('netdev', NETDEV.commands.queueGet.id, attrs, DUMP)
export const header = (ifindex: number, id = 1): Bytes => nested(id, attr(ETHTOOL_HEADER.ids.devIndex, u32(ifindex)))
/** The id of the header among the attributes of a command of ethtool. */
export const headerId = (key: string): number =>
  Object.entries<GenlCommand>(ETHTOOL.commands).find(([k]) => k === key)?.[1].attrs.ids.header ?? 1
export const channelsGet = (ifindex: number): Bytes =>
  generic('ethtool', ETHTOOL.commands.channelsGet.id, header(ifindex))
export const channelsSet = (ifindex: number, combined: number): Bytes =>
  generic('ethtool', ETHTOOL.commands.channelsSet.id, [
    ...header(ifindex),
    ...attr(CHANNELS.ids.combinedCount, u32(combined)),
  ])

/** What the other attributes of a request are, while one is tried. */
const BASES: Readonly<Record<string, readonly (readonly [id: number, Bytes])[]>> = {
  'netdev devGet': [[1, attr(1, u32(NIC))]],
  'netdev queueGet': [
    [Q.ifindex, attr(Q.ifindex, u32(NIC))],
    [Q.type, attr(Q.type, u32(0))],
    [Q.id, attr(Q.id, u32(1))],
  ],
  'netdev queueCreate': [
    [Q.ifindex, attr(Q.ifindex, u32(PEER))],
    [Q.type, attr(Q.type, u32(0))],
    [Q.lease, lease(NIC, 1)],
  ],
  'netdev bindRx': [
    [1, attr(1, u32(NIC))],
    [2, nested(2, attr(1, u32(0)), attr(3, u32(0)))],
    [3, attr(3, u32(92))],
  ],
  'netdev bindTx': [
    [1, attr(1, u32(NIC))],
    [3, attr(3, u32(92))],
  ],
}

let lastNic = FIRST_NIC

/** A namespace with a device of every kind, all of them up. */
function devices(): Step[] {
  return [
    addNs('A'),
    { op: 'nic-add', ns: 'A', nic: ++lastNic, queues: 3 },
    send(newLink([...name('t0'), ...attr(LINK.ids.numRxQueues, u32(4)), ...kind('netkit')])),
    send(newLink([...name('s0'), ...attr(LINK.ids.numRxQueues, u32(4)), ...kind('netkit', attr(10, u32(1)))])),
    send(newLink([...name('d0'), ...kind('dummy')])),
    send(newLink([...name('v0'), ...kind('veth')])),
    ...[1, NIC, PEER, PRIMARY, SINGLE, DUMMY, CABLE].map((i) => send(up(i))),
  ]
}

/** All tries at an attribute; in nests, at each of what is inside. */
export function tries(table: PolicyTable, id: number, depth = 0): Bytes[] {
  const policy = table.policies[id]
  const flat = [...payloads(table, id).map((p) => attr(id, p)), ...oddities(id, u32(1), u32(2))]
  if (policy?.type !== 'nest' && policy?.type !== 'nest-array') return flat
  const inner = 'inner' in policy ? policy.inner?.() : undefined
  const shells = payloads(table, id).map((p) => attr(id | NLA_F_NESTED, p))
  if (!inner || depth > 1) return [...shells, ...flat.slice(0, 3)]
  const ids = Array.from({ length: inner.maxId + 2 }, (_, n) => n)
  return [
    ...shells,
    ...flat.slice(0, 3),
    ...ids.flatMap((n) => tries(inner, n, depth + 1).map((a) => attr(id | NLA_F_NESTED, a))),
  ]
}

function baseOf(family: FamilyName, command: string, ifindex = NIC): readonly (readonly [number, Bytes])[] {
  return family === 'ethtool'
    ? [[headerId(command), header(ifindex, headerId(command))]]
    : (BASES[`${family} ${command}`] ?? [])
}

function* ofCommand(family: FamilyName, key: string, command: GenlCommand): Generator<Scenario> {
  for (const [form, policy, flags] of [
    ['do', command.do, REQ],
    ['dump', command.dump, DUMP],
  ] as const) {
    if (!policy) continue
    const base = form === 'do' ? baseOf(family, key) : []
    const ids = Array.from({ length: policy.maxId + 2 }, (_, id) => id)
    const all = [
      [] as Bytes,
      ...base.map(([id]) => base.filter((b) => b[0] !== id).flatMap((b) => b[1])),
      ...ids.flatMap((id) =>
        tries(policy, id).map((a) => [...base.filter((b) => b[0] !== id).flatMap((b) => b[1]), ...a]),
      ),
    ]
    for (const part of chunks(all, 20))
      yield {
        name: `${family} ${key} ${form}`,
        steps: [...devices(), ...part.map((a) => sendGeneric(generic(family, command.id, a, flags)))],
      }
    if (family === 'ethtool') {
      const on = [0, 1, NIC, PEER, PRIMARY, SINGLE, DUMMY, CABLE, 99].flatMap((i) => [
        header(i, headerId(key)),
        nested(headerId(key), attr(1, u32(i)), attr(2, str('eth0'))),
        nested(headerId(key), attr(1, u32(i)), attr(3, u32(1))),
      ])
      yield {
        name: `${family} ${key} ${form}, on each device`,
        steps: [...devices(), ...on.map((a) => sendGeneric(generic(family, command.id, a, flags)))],
      }
    }
  }
  yield {
    name: `${family} ${key}, headers and requesters`,
    steps: [
      ...devices(),
      ...[0, 1, 4, 5, 8, 0x100, 0x200, 0x300, 0x301, 0x305, 0x400, 0x800].map((f) =>
        sendGeneric(
          generic(
            family,
            command.id,
            baseOf(family, key).flatMap((b) => b[1]),
            1 | f,
          ),
        ),
      ),
      sendGeneric(
        generic(
          family,
          command.id,
          baseOf(family, key).flatMap((b) => b[1]),
          REQ,
          1,
        ),
      ),
      ...(['user', 'nocap', 'send-user', 'send-nocap'] as const).map((as) =>
        sendGeneric(
          generic(
            family,
            command.id,
            baseOf(family, key).flatMap((b) => b[1]),
          ),
          { as },
        ),
      ),
      ...[0, 1, 2, 3, 4, 7].map((n) =>
        sendGeneric(message({ type: FAMILY_NUMBERS[family], length: 16 + n }, u8(command.id), u8(1), u16(0), u32(0))),
      ),
    ],
  }
}

function* ofFamily(name: FamilyName, { commands }: GenlFamily): Generator<Scenario> {
  for (const [key, command] of Object.entries(commands)) if (!command.event) yield* ofCommand(name, key, command)
  for (const part of chunks(
    Array.from({ length: 60 }, (_, n) => n),
    20,
  )) {
    yield {
      name: `${name}, any command`,
      steps: [
        ...devices(),
        ...part.flatMap((n) => [sendGeneric(generic(name, n, [])), sendGeneric(generic(name, n, [], DUMP))]),
      ],
    }
  }
}

/** Leases of every queue to every device, and what becomes of them. */
function* leases(): Generator<Scenario> {
  const targets = [1, NIC, PEER, PRIMARY, SINGLE, DUMMY, CABLE, 99]
  for (const to of targets) {
    for (const from of targets) {
      yield {
        name: 'leases',
        steps: [
          ...devices(),
          ...[1, 0, 1, 2, 3].map((queue) => sendGeneric(queueCreate(to, lease(from, queue)))),
          sendGeneric(queueDump()),
          ...[0, 1, 2, 3].flatMap((q) => [sendGeneric(queueGet(from, q)), sendGeneric(queueGet(to, q))]),
        ],
      }
    }
  }
  const ends: Readonly<Record<string, readonly Step[]>> = {
    'the peer goes': [send(delLink([], { index: PEER }))],
    'the primary goes': [send(delLink([], { index: PRIMARY }))],
    'the single device goes': [send(delLink([], { index: SINGLE }))],
    'the peer moves': [
      send(setLink(inNs('B'), { index: PEER })),
      sendGeneric(queueDump(), { ns: 'B' }),
      send(up(PEER), { ns: 'B' }),
      sendGeneric(queueDump(), { ns: 'B' }),
    ],
    'the NIC moves': [
      send(setLink(inNs('B'), { index: NIC })),
      send(up(NIC), { ns: 'B' }),
      sendGeneric(queueDump(), { ns: 'B' }),
      sendGeneric(queueGet(NIC, 1), { ns: 'B' }),
    ],
    'the NIC goes': [{ op: 'nic-del', nic: 0 }],
    'channels change': [1, 2, 3, 4, 0].flatMap((n) => [
      sendGeneric(channelsSet(NIC, n)),
      sendGeneric(channelsGet(NIC)),
    ]),
    'the namespace goes': [send(setLink(inNs('B'), { index: PEER })), deleteNs('B')],
  }
  for (const [title, end] of Object.entries(ends)) {
    const made = devices()
    const nic = lastNic
    const steps = end.map((s): Step => (s.op === 'nic-del' ? { ...s, nic } : s))
    yield {
      name: `leases, ${title}`,
      steps: [
        ...made,
        addNs('B'),
        ...[1, 0].map((q) => sendGeneric(queueCreate(PEER, lease(NIC, q)))),
        sendGeneric(queueCreate(SINGLE, lease(NIC, 2))),
        sendGeneric(queueDump()),
        ...steps,
        sendGeneric(queueDump()),
        ...[0, 1, 2].map((q) => sendGeneric(queueGet(NIC, q))),
        sendGeneric(queueCreate(SINGLE, lease(NIC, 1))),
        sendGeneric(queueDump()),
      ],
    }
  }
  yield {
    name: 'leases from elsewhere',
    steps: [
      addNs('B'),
      ...devices(),
      send(giveNsid('B', 5)),
      send(giveNsid('A', 3), { ns: 'B' }),
      send(setLink(inNs('B'), { index: NIC })),
      ...[5, 6, 0].map((id) => sendGeneric(queueCreate(PEER, lease(NIC, 1, id)))),
      sendGeneric(queueCreate(PEER, lease(NIC, 1))),
      sendGeneric(queueCreate(SINGLE, lease(NIC, 0, 5))),
      send(up(NIC), { ns: 'B' }),
      sendGeneric(queueDump(), { ns: 'B' }),
      send(setLink(attr(LINK.ids.netNsFd, u32(fdOf('A'))), { index: NIC }), { ns: 'B' }),
      send(up(NIC)),
      sendGeneric(queueDump()),
    ],
  }
}

/** Generic netlink: devices, queues, leases and settings. */
export function* generics(): Generator<Scenario> {
  lastNic = FIRST_NIC
  yield* leases()
  yield* ofFamily('netdev', NETDEV)
  yield* ofFamily('ethtool', ETHTOOL)
}
