import { errno, NETLINK_ROUTE, RTM_NEWLINK } from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nicState } from '../drivers/nic/state.ts'
import type { Device } from '../net/device.ts'
import { JournalError } from './journaled-world.ts'
import { SnapshotError } from './plain.ts'
import { type ReviveOptions, reviveKernel } from './revive.ts'
import { snapshotLines } from './snapshot.ts'
import { compare, live } from './testing/life.ts'
import { Machine } from './testing/machine.ts'
import { linkRequest } from './testing/requests.ts'

test.each(['events', 'snapshot', 'both'] as const)(
  'a kernel that is revived from its %s is the one that it was',
  async (how) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { machine, kept, more } = await live(seed)
        for (const [was, is] of await compare(machine, new Machine(1, kept[how]), more)) expect(is).toEqual(was)
      }),
      { numRuns: 15 },
    )
  },
)

test('a revived kernel can be revived again', async () => {
  const { machine, kept, more } = await live(4)
  const second = new Machine(2, kept.both)
  const third = new Machine(3, {
    snapshot: kept.both.snapshot,
    events: [...(kept.both.events ?? []), ...second.events],
  })
  for (const [was, is] of await compare(machine, third, more)) expect(is).toEqual(was)
})

test('what is done at random is worth keeping', async () => {
  const lives = await Promise.all(Array.from({ length: 40 }, (_, seed) => live(seed)))
  const devices = ({ machine: { kernel } }: (typeof lives)[number]) =>
    [...kernel.namespaces].flatMap((ns) => [...ns.devices.values()])
  const nics = (is: (dev: Device) => boolean) => (dev: Device) => dev.parent !== undefined && is(dev)
  const some: Readonly<Record<string, (dev: Device) => boolean>> = {
    pair: (dev) => dev.driver.kind === 'netkit',
    moved: (dev) => dev.linkNs !== dev.ns,
    lease: (dev) => dev.parent === undefined && dev.boundRxQueue(dev.realRxQueues - 1)?.lease !== undefined,
    up: nics((dev) => (dev.napis?.length ?? 0) > 1),
    channels: nics((dev) => dev.realRxQueues !== dev.numRxQueues),
    rules: nics((dev) => nicState(dev).steering.count > 0),
    table: nics((dev) => nicState(dev).rss.userSet),
    features: nics((dev) => dev.featureSwitches !== undefined),
    cable: nics((dev) => nicState(dev).port !== undefined),
    alternative: (dev) => (dev.altNames?.length ?? 0) > 0,
  }
  for (const [what, is] of Object.entries(some)) {
    expect(lives.filter((life) => devices(life).some(is)).length, what).toBeGreaterThan(0)
  }
})

test('what only asks is not written down, what is refused changes nothing', () => {
  const machine = new Machine(1)
  const before = machine.events.length
  const { initialNs } = machine.kernel
  machine.route(initialNs, linkRequest(18, 0x300, {}))
  expect(machine.events.length).toBe(before)
  machine.route(initialNs, linkRequest(RTM_NEWLINK, 0x604, { ifname: 'no/name', linkinfo: { kind: 'dummy' } }))
  const portrait = machine.snapshot().length
  expect(new Machine(2, { events: machine.events }).snapshot().length).toBe(portrait)
})

test('a namespace that only a client held is gone after its kernel process, and its NIC is back', async () => {
  const machine = new Machine(1)
  await machine.addNamespace('a')
  const ns = machine.namespace('a')!
  await machine.hardware.addNic({ id: 1, queues: 2, name: 'eth0' }, machine.kernel.initialNs)
  expect(machine.route(machine.kernel.initialNs, linkRequest(19, 4, { ifname: 'eth0', netNsFd: 9 }), ns)).toContain(
    '00000000',
  )
  const process = machine.kernel.createProcess()
  const socket = machine.kernel.openSocket({ protocol: NETLINK_ROUTE, ns, process })
  await machine.removeNamespace('a')
  // The socket keeps it alive, and what is done there counts.
  machine.route(ns, linkRequest(RTM_NEWLINK, 0x604, { ifname: 'd0', linkinfo: { kind: 'dummy' } }))
  expect(ns.alive && ns.names.has('d0') && ns.names.has('eth0')).toBe(true)

  const revived = new Machine(2, { events: machine.events })
  expect(revived.kernel.namespaces.size).toBe(1)
  expect(revived.kernel.initialNs.names.has('eth0')).toBe(true)
  expect(revived.kernel.initialNs.names.has('d0')).toBe(false)

  // The same as what becomes of it when the client lets go.
  machine.journal.release([ns], () => socket.close())
  expect(ns.alive).toBe(false)
  expect(machine.kernel.initialNs.names.has('eth0')).toBe(true)
  expect(new Machine(3, { events: machine.events }).kernel.namespaces.size).toBe(1)
})

test('a socket that is closed takes nothing and writes nothing down', () => {
  const machine = new Machine(1)
  const process = machine.kernel.createProcess()
  const socket = machine.kernel.openSocket({ protocol: NETLINK_ROUTE, ns: machine.kernel.initialNs, process })
  socket.close()
  const before = machine.events.length
  const request = linkRequest(RTM_NEWLINK, 0x604, { ifname: 'd0', linkinfo: { kind: 'dummy' } })
  expect(machine.journal.send(socket, request, machine.kernel.root)).toBe(-errno.EBADF)
  expect(machine.events.length).toBe(before)
})

test('what does not fit is refused, with the event or line that is at fault', async () => {
  const { kept } = await live(9)
  const events = kept.events.events as Uint8Array[]
  expect(() => new Machine(1, { events: events.slice(1) })).toThrow(JournalError)
  expect(() => new Machine(1, { events: [events[0], new Uint8Array([99])] })).toThrow(/event 1 of the journal/)
  const snapshot = kept.snapshot.snapshot as string[]
  expect(() => new Machine(1, { snapshot: [] })).toThrow(SnapshotError)
  expect(() => new Machine(1, { snapshot: ['{', ...snapshot] })).toThrow(SnapshotError)
  expect(() => new Machine(1, { snapshot: snapshot.filter((line) => !line.includes('"ns"')) })).toThrow(SnapshotError)
})

describe('the release that a kernel answers as', () => {
  const revive = (release: string | undefined, kept: Pick<ReviveOptions, 'snapshot' | 'events'> = {}) => {
    const events: Uint8Array[] = []
    const revived = reviveKernel({ ...kept, release, append: (event) => events.push(event) })
    return { ...revived, written: events }
  }

  test('is kept in the events and in the snapshot', () => {
    const first = revive('6.12')
    expect(revive(undefined, { events: first.written }).kernel.release.name).toBe('6.12')
    const snapshot = [...snapshotLines(first.kernel, first.journal.wires)]
    expect(revive(undefined, { snapshot }).kernel.release.name).toBe('6.12')
    expect(revive('6.12', { snapshot }).kernel.release.name).toBe('6.12')
  })

  test('cannot be another one later', () => {
    const { written } = revive('6.12')
    expect(() => revive('7.3', { events: written })).toThrow(JournalError)
    expect(() => revive('6.12', { events: revive(undefined).written })).toThrow(
      'what is kept here answers as Linux 7.3, not 6.12',
    )
  })

  test('is 7.3 where nothing is said of it', () => {
    const { kernel, journal } = revive(undefined)
    const snapshot = [...snapshotLines(kernel, journal.wires)].map((line) => line.replace(/"release":"7.3",?/, ''))
    expect(snapshot[0]).not.toContain('release')
    expect(revive('7.3', { snapshot }).kernel.release.name).toBe('7.3')
  })
})
