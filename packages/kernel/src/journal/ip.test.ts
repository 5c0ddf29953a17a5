import {
  type AnyTable,
  type AttrsOf,
  beginMessage,
  encodeAttrs,
  endMessage,
  NETLINK_ROUTE,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  type RouteMessage,
  RT_ADDR,
  RT_LINK,
  RT_ROUTE,
  Writer,
} from '@netkit/netlink'
import { expect, test } from 'vitest'
import { Machine } from './testing/machine.ts'

const NEW = NLM_F_CREATE | NLM_F_EXCL

function request(message: RouteMessage, flags: number, header: object, attrs: object): Uint8Array {
  const w = new Writer(256)
  const mark = beginMessage(w, message.type, NLM_F_REQUEST | flags, 1, 0)
  message.header.encode(header, w)
  encodeAttrs(message.attrs, attrs as AttrsOf<AnyTable>, w)
  endMessage(w, mark)
  return w.take()
}

const CHANGES = [
  request(RT_LINK.newlink, NEW, { flags: 1, change: 1 }, { ifname: 'd0', linkinfo: { kind: 'dummy' } }),
  request(RT_ADDR.newaddr, NEW, { family: 2, prefixLength: 24, index: 2 }, { local: '10.0.0.1' }),
  request(
    RT_ADDR.newaddr,
    NEW,
    { family: 10, prefixLength: 64, index: 2 },
    { local: '2001:db8::1', cacheInfo: { valid: 9000, preferred: 800 } },
  ),
  request(
    RT_ROUTE.newroute,
    NEW,
    { family: 2, dstLength: 8, type: 1 },
    { dst: '11.0.0.0', table: 1000, gateway: '10.0.0.9', metrics: { mtu: 1400 } },
  ),
  request(RT_ROUTE.newroute, NEW, { family: 10, type: 1, table: 254 }, { gateway: '2001:db8::9', oif: 2 }),
]

const shown = (machine: Machine): string[] =>
  [2, 10].flatMap((family) =>
    [RT_ADDR.getaddr, RT_ROUTE.getroute].map((message) =>
      machine.ask(machine.kernel.initialNs, NETLINK_ROUTE, request(message, NLM_F_DUMP, { family }, {})),
    ),
  )

test('addresses and routes are there again, from the events and from a snapshot', () => {
  const machine = new Machine(1)
  for (const change of CHANGES) machine.ask(machine.kernel.initialNs, NETLINK_ROUTE, change)
  const before = shown(machine)
  expect(before.join()).toContain('20010db8')
  expect(before[1].length).toBeGreaterThan(400)
  expect(shown(new Machine(2, { events: machine.events }))).toEqual(before)
  const revived = new Machine(3, { snapshot: machine.snapshot() })
  expect(shown(revived)).toEqual(before)
  expect(revived.snapshot().filter((line) => !line.startsWith('{"kernel"'))).toEqual(
    machine.snapshot().filter((line) => !line.startsWith('{"kernel"')),
  )
})
