import { LINK } from '@netkit/netlink'
import type { Scenario } from '../scenario.ts'
import {
  chunks,
  delLink,
  dumpLinks,
  getLink,
  modify,
  name,
  newLink,
  peerOf,
  SPECIMENS,
  type Specimen,
  scenario,
  send,
  setLink,
} from '../steps.ts'
import { oddities, payloads, usual } from '../values.ts'
import { attr, type Bytes } from '../wire.ts'

const IDS = Array.from({ length: LINK.policy.maxId + 2 }, (_, id) => id)
const A_SCENARIO = 12

function tries(id: number): Bytes[] {
  const [good, other] = usual(id)
  return [...payloads(LINK.policy, id).map((p) => attr(id, p)), ...oddities(id, good, other)]
}

const title = (what: string, s: Specimen, id: number): string =>
  `${what}, ${s.title}, attribute ${id} ${LINK.byId[id]?.key ?? ''}`.trim()

/** Each link attribute in each of the requests that take link attributes, on each kind of device. */
export function* attributeNeighbours(): Generator<Scenario> {
  for (const specimen of SPECIMENS) {
    for (const id of IDS) {
      for (const part of chunks(tries(id), A_SCENARIO)) yield* onDevice(specimen, id, part)
    }
  }
  for (const id of IDS) {
    for (const part of chunks(tries(id), A_SCENARIO)) yield* onLoopback(id, part)
  }
}

function* onDevice(s: Specimen, id: number, attrs: readonly Bytes[]): Generator<Scenario> {
  const made = send(newLink([...name('t0'), ...s.create]))
  const { index } = s
  yield scenario(
    title('create', s, id),
    ...attrs.flatMap((a, i) => [send(newLink([...name(`t${i}`), ...a, ...s.create])), send(delLink(name(`t${i}`)))]),
  )
  yield scenario(title('modify', s, id), made, ...attrs.map((a) => send(modify(a, { index }))), send(dumpLinks()))
  yield scenario(title('set', s, id), made, ...attrs.map((a) => send(setLink(a, { index }))), send(dumpLinks()))
  yield scenario(
    title('modify up', s, id),
    made,
    send(modify([], { index, flags: 1, change: 1 })),
    ...attrs.map((a) => send(modify(a, { index }))),
  )
  if (s.peer !== undefined) {
    yield scenario(
      title('create peer', s, id),
      ...attrs.map((a) => send(newLink([...name('t0'), ...peerOf(s.kind, {}, a)]))),
      send(dumpLinks()),
    )
    yield scenario(
      title('modify peer end', s, id),
      made,
      ...attrs.map((a) => send(modify(a, { index: s.peer }))),
      send(dumpLinks()),
    )
  }
}

function* onLoopback(id: number, attrs: readonly Bytes[]): Generator<Scenario> {
  const s: Specimen = { title: 'lo', kind: '', create: [], index: 1 }
  const { index } = s
  yield scenario(title('modify', s, id), ...attrs.map((a) => send(modify(a, { index }))), send(dumpLinks()))
  yield scenario(title('set', s, id), ...attrs.map((a) => send(setLink(a, { index }))), send(dumpLinks()))
  yield scenario(title('delete', s, id), ...attrs.map((a) => send(delLink(a, { index }))), send(dumpLinks()))
  yield scenario(title('delete by attribute', s, id), ...attrs.map((a) => send(delLink(a))), send(dumpLinks()))
  for (const strict of [undefined, 1] as const) {
    yield scenario(
      title(`get ${strict ? 'strict' : ''}`, s, id),
      ...attrs.map((a) => send(getLink(a, { index }), { strict })),
    )
    yield scenario(
      title(`get by attribute ${strict ? 'strict' : ''}`, s, id),
      ...attrs.map((a) => send(getLink(a), { strict })),
    )
    yield scenario(title(`dump ${strict ? 'strict' : ''}`, s, id), ...attrs.map((a) => send(dumpLinks(a), { strict })))
  }
}
