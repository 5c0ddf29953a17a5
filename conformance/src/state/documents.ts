import fc from 'fast-check'
import { readState, type StateDocument } from 'netkit/state'

const NAMESPACES = ['n1', 'n2', 'n3'] as const
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const
const QUEUES = 8

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const someNetns = maybe(fc.constantFrom(...NAMESPACES))

const settings = {
  up: maybe(fc.boolean()),
  mtu: maybe(fc.integer({ min: 1280, max: 9000 })),
  alias: maybe(fc.constantFrom('', 'an alias', 'ü')),
  txqlen: maybe(fc.constantFrom(0, 500, 1000)),
  group: maybe(fc.integer({ min: 0, max: 9 })),
  'gso-max-size': maybe(fc.constantFrom(32768, 65536)),
}
const policy = maybe(fc.constantFrom('forward' as const, 'blackhole' as const))
const scrub = maybe(fc.constantFrom('none' as const, 'default' as const))
const room = maybe(fc.constantFrom(0, 64))
const mode = maybe(fc.constantFrom('l2' as const, 'l3' as const))
const name = fc.constantFrom(...NAMES)

/** Leases of one of two NICs. */
const leases = maybe(
  fc
    .tuple(fc.constantFrom('eth0', 'eth1'), fc.uniqueArray(fc.integer({ min: 0, max: QUEUES - 1 }), { maxLength: 3 }))
    .map(([nic, queues]) => queues.map((queue) => ({ nic, queue }))),
)

/** Of three networks, so that some are secondaries and some routes have no way. */
const v4 = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }))
  .map(([network, host]) => `10.0.${network}.${host}`)
const v6 = fc.integer({ min: 1, max: 5 }).map((host) => `2001:db8::${host}`)
const someAddress = fc.oneof(
  v4.map((address) => `${address}/24`),
  fc.record({
    address: v4.map((one) => `${one}/24`),
    broadcast: maybe(fc.constant('+')),
    metric: maybe(fc.constant(7)),
  }),
  fc.record({
    address: v4.map((one) => one.replace('10.0', '10.1')),
    peer: v4.map((one) => `${one.replace('10.0', '10.2')}/32`),
  }),
  fc.record({
    address: v6.map((one) => `${one}/64`),
    nodad: fc.constant(true),
    'preferred-lft': maybe(fc.constant(0)),
  }),
)
const hardware = fc.integer({ min: 1, max: 9 }).map((n) => `02:00:00:00:01:0${n}`)
const someNeighbour = fc.oneof(
  fc.record({ to: fc.oneof(v4, v6), lladdr: hardware, router: maybe(fc.boolean()) }),
  fc.record({ to: v4.map((one) => one.replace('10.0', '10.3')), proxy: fc.constant(true) }),
)
const ip = {
  addresses: maybe(fc.array(someAddress, { maxLength: 4 })),
  neighbours: maybe(fc.array(someNeighbour, { maxLength: 3 })),
}

const network = fc.constantFrom('198.51.100.0/24', '192.0.2.0/25', '203.0.113.7/32')
const network6 = fc.constantFrom('2001:db8:1::/48', '2001:db8:2::/64', '::/0')
const metric = maybe(fc.constantFrom(1, 50, 1024))
const table = maybe(fc.constantFrom(100, 'main' as const, 300))
const nowhere = fc.constantFrom('blackhole' as const, 'unreachable' as const, 'prohibit' as const)
/** Routes that need no device, since any may be down: ways are tried by tests of their own. */
const someRoute = fc.oneof(
  fc.record({ to: fc.oneof(network, network6, fc.constant('default')), type: nowhere, metric, table }),
  fc.record({ to: fc.oneof(network, network6), dev: fc.constant('lo'), metric, table, mtu: maybe(fc.constant(1300)) }),
  fc.record({ to: network, dev: fc.constant('lo'), type: fc.constant('local' as const), metric }),
)
const someRule = fc
  .record({
    from: maybe(fc.constantFrom('10.1.0.0/16', '10.2.0.1/32')),
    fwmark: maybe(fc.constantFrom(1, 16)),
    ipproto: maybe(fc.constantFrom('tcp' as const, 17)),
    table,
    family: maybe(fc.constantFrom('inet' as const, 'inet6' as const)),
    not: maybe(fc.boolean()),
    'suppress-prefixlength': maybe(fc.constantFrom(0, 8)),
  })
  .map((rule) => (rule.from ? { ...rule, family: undefined } : rule))
const inside = fc.record({
  lo: fc.record({ up: fc.constant(true), addresses: maybe(fc.array(someAddress, { maxLength: 2 })) }),
  routes: maybe(fc.array(someRoute, { maxLength: 4 })),
  rules: maybe(
    fc.array(someRule, { maxLength: 3 }).map((list) => list.map((rule, i) => ({ priority: 100 + i, ...rule }))),
  ),
})

const peer = fc.record({ name, netns: someNetns, ...settings, ...ip, policy, scrub, leases })
const pair = fc.record({
  name,
  netns: someNetns,
  mode,
  policy,
  scrub,
  headroom: room,
  tailroom: room,
  ...settings,
  ...ip,
  peer,
})
const single = fc.record({ name, netns: someNetns, mode, headroom: room, ...settings, ...ip, leases })
const nic = fc.record({
  netns: someNetns,
  queues: fc.constant(QUEUES),
  up: fc.constant(true),
  mtu: settings.mtu,
  group: settings.group,
  ...ip,
  rings: maybe(fc.record({ rx: fc.constantFrom(256, 512), 'hds-thresh': maybe(fc.constantFrom(0, 256)) })),
})

const some = <T>(ids: readonly string[], entry: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom(...ids), entry, { maxKeys: ids.length })

/** Leaves out what is absent, as YAML does. */
const compact = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Any document that does not contradict itself, for the set `s`. */
export const someDocument: fc.Arbitrary<StateDocument> = fc
  .record({
    version: fc.constant(1 as const),
    set: fc.constant('s'),
    own: maybe(inside),
    namespaces: fc
      .tuple(...NAMESPACES.map(() => inside))
      .map((all) => Object.fromEntries(all.map((one, i) => [NAMESPACES[i], one]))),
    nics: fc.record({ eth0: nic, eth1: nic }),
    pairs: some(['p0', 'p1', 'p2'], pair),
    singles: some(['s0', 's1'], single),
  })
  .map((document) => readState(compact(document)).document)
  .filter((document) => document !== undefined)
