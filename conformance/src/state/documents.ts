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

const peer = fc.record({ name, netns: someNetns, ...settings, policy, scrub, leases })
const pair = fc.record({
  name,
  netns: someNetns,
  mode,
  policy,
  scrub,
  headroom: room,
  tailroom: room,
  ...settings,
  peer,
})
const single = fc.record({ name, netns: someNetns, mode, headroom: room, ...settings, leases })
const nic = fc.record({
  netns: someNetns,
  queues: fc.constant(QUEUES),
  up: fc.constant(true),
  mtu: settings.mtu,
  group: settings.group,
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
    namespaces: fc.constant(Object.fromEntries(NAMESPACES.map((one) => [one, {}]))),
    nics: fc.record({ eth0: nic, eth1: nic }),
    pairs: some(['p0', 'p1', 'p2'], pair),
    singles: some(['s0', 's1'], single),
  })
  .map((document) => readState(compact(document)).document)
  .filter((document) => document !== undefined)
