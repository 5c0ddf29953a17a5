import { NSID, RTM_DELNSID, RTM_GETNSID, RTM_NEWNSID } from '@netkit/netlink'
import type { Scenario } from '../scenario.ts'
import {
  addNs,
  addProcess,
  chunks,
  deleteNs,
  dumpNsids,
  fdOf,
  getNsid,
  giveNsid,
  inNs,
  kind,
  name,
  newLink,
  newNsid,
  nsidHead,
  pidOf,
  send,
} from '../steps.ts'
import { oddities, payloads } from '../values.ts'
import { attr, type Bytes, DUMP, message, REQ, u32, zeros } from '../wire.ts'

const N = NSID.ids
const fd = (ns: string): Bytes => attr(N.fd, u32(fdOf(ns)))
const id = (n: number): Bytes => attr(N.nsid, u32(n))
const ECHO = 8

/** Numbers are no process of anybody's. */
const safe = (b: Bytes): boolean => !(b.length >= 8 && b[2] === N.pid && b[5] === 0 && b[6] === 0 && b[4] < 200)

export function* nsids(): Generator<Scenario> {
  const head = [addNs('A'), addNs('B'), addNs('C'), addProcess('B')]
  const known = [
    send(giveNsid('B', 5)),
    send(giveNsid('C', 0)),
    send(giveNsid('A', 9), { ns: 'B' }),
    send(giveNsid('C', 4), { ns: 'B' }),
  ]
  for (let i = 0; i <= NSID.policy.maxId + 1; i++) {
    const tries = [...payloads(NSID.policy, i).map((p) => attr(i, p)), ...oddities(i, u32(0), u32(5))].filter(safe)
    for (const part of chunks(tries, 10)) {
      yield {
        name: `nsid attribute ${i}, new`,
        steps: [
          ...head,
          ...part.flatMap((a) => [send(newNsid([...a, ...fd('B')])), send(newNsid([...a, ...id(-1)]))]),
          send(dumpNsids()),
        ],
      }
      for (const strict of [undefined, 1] as const) {
        yield {
          name: `nsid attribute ${i}, get`,
          steps: [
            ...head,
            ...known,
            ...part.flatMap((a) => [send(getNsid(a), { strict }), send(getNsid([...a, ...fd('B')]), { strict })]),
          ],
        }
        yield {
          name: `nsid attribute ${i}, dump`,
          steps: [...head, ...known, ...part.map((a) => send(dumpNsids(a), { strict }))],
        }
      }
    }
  }
  const ids = [0, 1, -1, -1, 5, 0x7fff_ffff, -2, 0]
  yield {
    name: 'nsids given',
    steps: [
      ...head,
      ...ids.map((n) => send(newNsid([...id(n), ...fd('B')]))),
      ...ids.map((n) => send(newNsid([...id(n), ...fd('C')]))),
      ...ids.map((n) => send(newNsid([...id(n), ...fd('A')]))),
      send(dumpNsids()),
      send(dumpNsids(), { strict: 1 }),
    ],
  }
  yield {
    name: 'nsids, lowest free',
    steps: [
      ...head,
      send(newNsid([...id(0), ...fd('B')])),
      send(newNsid([...id(-1), ...fd('C')])),
      send(newNsid([...id(-5), ...fd('A')])),
      deleteNs('B'),
      addNs('D'),
      send(newNsid([...id(-1), ...fd('D')])),
      send(dumpNsids()),
    ],
  }
  yield {
    name: 'nsids, echo',
    steps: [
      ...head,
      send(newNsid([...id(3), ...fd('B')], REQ | ECHO)),
      send(newNsid([...id(3), ...fd('C')], REQ | ECHO)),
      send(getNsid(fd('B'), REQ | ECHO)),
    ],
  }
  yield {
    name: 'nsids by several references',
    steps: [
      ...head,
      ...known,
      ...[
        [...fd('B'), ...attr(N.pid, u32(pidOf('B')))],
        [...fd('C'), ...attr(N.pid, u32(39999))],
        [...fd('C'), ...id(5)],
        [...id(5), ...attr(N.pid, u32(pidOf('B')))],
        [...id(77), ...fd('B')],
        [],
      ].flatMap((r) => [
        send(getNsid(r)),
        send(getNsid([...r, ...attr(N.targetNsid, u32(5))])),
        send(getNsid([...r, ...attr(N.targetNsid, u32(6))])),
        send(newNsid(r)),
      ]),
    ],
  }
  yield {
    name: 'nsids made by links',
    steps: [
      ...head,
      send(newLink([...name('t0'), ...kind('netkit', attr(1, [...zeros(16), ...inNs('B')]))])),
      send(dumpNsids()),
      send(dumpNsids(), { ns: 'B' }),
      send(newNsid([...id(7), ...fd('B')])),
      send(getNsid(fd('B'))),
      deleteNs('B'),
      send(dumpNsids()),
    ],
  }
  for (const size of [0, 1, 2, 3, 4]) {
    for (const strict of [undefined, 1] as const) {
      yield {
        name: `nsid header of ${size} bytes`,
        steps: [
          ...head,
          ...[RTM_NEWNSID, RTM_GETNSID, RTM_DELNSID].map((type) =>
            send(message({ type, length: 16 + size }, zeros(4)), { strict }),
          ),
          ...[RTM_NEWNSID, RTM_GETNSID].map((type) =>
            send(message({ type, flags: DUMP, length: 16 + size }, zeros(4)), { strict }),
          ),
        ],
      }
    }
  }
  for (const flags of [0x100, 0x200, 0x300, 0x400, 0x800]) {
    yield {
      name: `nsid flags ${flags}`,
      steps: [
        ...head,
        ...known,
        ...[RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID].map((type) =>
          send(message({ type, flags: REQ | flags }, nsidHead, id(5), fd('B'))),
        ),
      ],
    }
  }
  for (const family of [1, 2, 7, 10, 255]) {
    yield {
      name: `nsid family ${family}`,
      steps: [
        ...head,
        ...known,
        ...[1, 0x301].flatMap((flags) =>
          [RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID].flatMap((type) =>
            [undefined, 1 as const].map((strict) =>
              send(message({ type, flags: 4 | flags }, [family, 1, 2, 3], id(5)), { strict }),
            ),
          ),
        ),
      ],
    }
  }
}
