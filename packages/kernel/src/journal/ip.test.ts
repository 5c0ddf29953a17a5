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
  RT_NEIGH,
  RT_ROUTE,
  RT_RULE,
  Writer,
} from '@netkit/netlink'
import { expect, test } from 'vitest'
import { readSysctl } from '../net/sysctl.ts'
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

const SETTINGS = {
  'net.ipv4.ip_default_ttl': '61',
  'net.ipv4.conf.d0.forwarding': '1',
  'net.ipv6.conf.all.forwarding': '1',
  'net.ipv4.tcp_sack': '0',
  'net.ipv4.tcp_rmem': '4096\t8192\t16384',
}

const MORE = [
  request(RT_RULE.newrule, NEW, { family: 2, action: 1, srcLength: 8 }, { src: '10.0.0.0', table: 1000, fwmark: 7 }),
  request(RT_RULE.newrule, NEW, { family: 10, action: 6, flags: 2 }, { tunId: 9n, iifname: 'd0', priority: 50 }),
  request(RT_RULE.delrule, 0, { family: 2, action: 1 }, { priority: 32767 }),
  request(
    RT_NEIGH.newneigh,
    NEW,
    { family: 10, ifindex: 2, state: 0x80, flags: 0x80 },
    { dst: '2001:db8::8', lladdr: '02:00:00:00:00:08', protocol: 4 },
  ),
  request(RT_NEIGH.newneigh, NEW, { family: 2, ifindex: 2, flags: 8 }, { dst: '10.0.0.7' }),
]

const rulesOf = (machine: Machine): string[] =>
  [2, 10].map((family) =>
    machine.ask(machine.kernel.initialNs, NETLINK_ROUTE, request(RT_RULE.getrule, NLM_F_DUMP, { family }, {})),
  )

/** How neighbours and proxies are, but for the times in what is told of them. */
const neighboursOf = ({ kernel }: Machine) =>
  [false, true].map((v6) => {
    const { map, proxies } = kernel.neighbours(v6)
    const known = map.of(kernel.initialNs).map(({ key, state, address, flags, extFlags, protocol, type }) => {
      return { key, state, address, flags, extFlags, protocol, type }
    })
    return {
      known,
      proxies: proxies.of(kernel.initialNs).map(({ ns: _, dev, ...one }) => ({ ...one, dev: dev?.name })),
    }
  })

const settingsOf = ({ kernel }: Machine) =>
  Object.keys(SETTINGS).map((name) => [name, readSysctl(kernel.initialNs, name)])

test('settings, rules and neighbours are there again, from the events and from a snapshot', async () => {
  const machine = new Machine(1)
  for (const change of [...CHANGES, ...MORE]) machine.ask(machine.kernel.initialNs, NETLINK_ROUTE, change)
  for (const [name, value] of Object.entries(SETTINGS)) {
    expect(await machine.sysctl(machine.kernel.initialNs, name, value), name).toBe('null')
  }
  expect(settingsOf(machine)).toEqual(Object.entries(SETTINGS))
  const { ip } = machine.kernel.initialNs
  expect([ip.v4, ip.v6].map(({ rules }) => rules.map(({ priority }) => priority))).toEqual([
    [0, 32765, 32766],
    [0, 50, 32766],
  ])
  const [v4, v6] = neighboursOf(machine)
  expect(v4.proxies).toHaveLength(1)
  expect(v6.known.filter(({ state }) => state === 0x80)).toHaveLength(1)
  const before = [rulesOf(machine), neighboursOf(machine), settingsOf(machine)]
  const replayed = new Machine(2, { events: machine.events })
  expect([rulesOf(replayed), neighboursOf(replayed), settingsOf(replayed)]).toEqual(before)
  const revived = new Machine(3, { snapshot: machine.snapshot() })
  expect([rulesOf(revived), neighboursOf(revived), settingsOf(revived)]).toEqual(before)
  expect(revived.snapshot().slice(1)).toEqual(machine.snapshot().slice(1))
})
