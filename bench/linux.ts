/**
 * The machine's own kernel through the SDK, beside other libraries over the same kernel. Both sides work in network
 * namespaces that are made for this and that go with it. Times are processor time, of the process with all its threads and
 * of the kernel on its behalf: the work that is measured never waits for anything, but others may use the machine.
 */
import { linux } from '@netkit/linux'
import { NETLINK_ROUTE, type NetlinkDoor } from '@netkit/netlink'
import { connect, type Namespace } from 'netkit'
import { type Compiled, compileC, compileGo } from './harness/compile.ts'
import type { PeerFigure } from './harness/figures.ts'
import { getByIndex } from './harness/messages.ts'
import { Peer } from './harness/peer.ts'
import { elapsedAsync, inTurns, type Round, report, sized, skip } from './harness/suite.ts'

const US = 1000
const ROUNDS = sized(15, 2)
const WARM_UP = sized(5, 1)
const GROUP = 7
const LO = 1
/** Links that each change makes known, as events a second. */
const EVENT_RATE = 5000
/** Milliseconds after which an event that has not come is lost. */
const GRACE = 1000

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  skip("the machine's own kernel", process.platform === 'linux' ? 'needs root' : 'needs Linux')
  process.exit(0)
}

const kernel = await connect(linux())
const places: Namespace[] = []

async function place(): Promise<Namespace> {
  const name = `netkit-bench-${process.pid}-${places.length}`
  await kernel.namespaces.create(name)
  const made = await kernel.namespaces.open(name)
  places.push(made)
  return made
}

/** A program that measures itself in a namespace; undefined, and said so, where it cannot be had. */
async function peerIn(where: Namespace, what: string, program: string, ...args: string[]): Promise<Peer | undefined> {
  const peer = await Peer.run('nsenter', [`--net=/run/netns/${where.name}`, program, ...args])
  if (typeof peer !== 'string') return peer
  skip(what, peer)
  return undefined
}

async function compiledPeer(where: Namespace, what: string, compiled: Compiled): Promise<Peer | undefined> {
  if ('program' in compiled) return peerIn(where, what, compiled.program)
  skip(what, compiled.missing)
  return undefined
}

/** Microseconds of processor time that `run` takes. */
async function used(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Microseconds an operation, of `count` or as many as the peer says. */
const asking = (peer: Peer | undefined, words: readonly (string | number)[], count?: number): Round | undefined =>
  peer &&
  (async () => {
    const answer = await peer.ask(...words)
    return [answer.ns / (count ?? answer.count) / US]
  })

const figure = (peer: Peer | undefined, what: string, rounds: readonly number[]): PeerFigure | undefined =>
  peer && { what, rounds }

async function create(where: Namespace, go: Peer | undefined): Promise<void> {
  const count = sized(20, 5)
  let made = 0
  const ours = async () => {
    const took = await used(async () => {
      for (let i = 0; i < count; i++, made++) {
        const peer = { name: `b${made}`, group: GROUP }
        await kernel.devices.add({ kind: 'veth', name: `a${made}`, group: GROUP, peer, in: where })
      }
    })
    await kernel.devices.removeGroup(GROUP, { in: where })
    return [took / count]
  }
  const ask = asking(go, ['create', count, GROUP])
  const theirs = async () => {
    const result = (await ask?.()) ?? []
    await kernel.devices.removeGroup(GROUP, { in: where })
    return result
  }
  const turns = await inTurns(2 * ROUNDS, 6 * WARM_UP, ours, ask && theirs)
  report({
    what: 'create a veth pair',
    unit: 'µs',
    rounds: turns.ours[0],
    peer: figure(go, 'vishvananda/netlink', turns.peer[0]),
    ratio: { min: 1 },
  })
}

async function fill(where: Namespace, links: number): Promise<void> {
  for (let i = 0; i < links / 2; i++)
    await kernel.devices.add({ kind: 'veth', name: `l${i}`, peer: { name: `r${i}` }, in: where })
}

/** Dumps and decodes links into objects. */
async function list(where: Namespace, peer: Peer | undefined, library: string, min: number): Promise<void> {
  const { length } = await kernel.devices.list({ in: where })
  const listed = (stats: boolean) => async () => [
    (await used(() => kernel.devices.list({ in: where, stats }))) / length,
  ]
  for (const stats of [false, true]) {
    const turns = await inTurns(ROUNDS, WARM_UP, listed(stats), asking(peer, ['list']))
    report({
      what: `list ${length.toLocaleString('en')} links${stats ? ' with counters' : ''}, a link`,
      unit: 'µs',
      rounds: turns.ours[0],
      peer: figure(peer, library, turns.peer[0]),
      ratio: { min },
    })
  }
}

/** One request and its answer, in bytes. */
async function roundTrip(where: Namespace, c: Peer | undefined): Promise<void> {
  const count = sized(1000, 200)
  const socket: NetlinkDoor = await kernel.doors.netlink({ protocol: NETLINK_ROUTE, namespace: where.handle })
  const reader = socket.receive()[Symbol.asyncIterator]()
  const request = getByIndex(LO)
  const ours = async () => [
    (await used(async () => {
      for (let i = 0; i < count; i++) {
        await socket.send(request)
        await reader.next()
      }
    })) / count,
  ]
  const turns = await inTurns(sized(60, 5), sized(20, 1), ours, asking(c, ['get', count, LO]))
  report({
    what: 'ask for a link and get the answer, in bytes',
    unit: 'µs',
    rounds: turns.ours[0],
    peer: figure(c, 'C', turns.peer[0]),
    ratio: { min: 1 / 1.25 },
  })
  await socket.close()
}

async function look(where: Namespace): Promise<void> {
  const count = sized(2000, 100)
  const ours = async () => [
    (await used(async () => {
      for (let i = 0; i < count; i++) await kernel.devices.get('lo', { in: where })
    })) / count,
  ]
  const { ours: rounds } = await inTurns(ROUNDS, WARM_UP, ours)
  report({ what: 'look at a link by name', unit: 'µs', rounds: rounds[0] })
}

/** Share of one processor that this process uses while `run` goes on, in percent. */
async function load(run: () => Promise<unknown>): Promise<number> {
  let busy = 0
  const took = await elapsedAsync(async () => {
    busy = await used(run)
  })
  return (busy / (took / US)) * 100
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Events that are made known at a rate, read as they come. */
async function monitor(where: Namespace, c: Peer | undefined): Promise<void> {
  if (!c) return
  const milliseconds = sized(2000, 200)
  await kernel.devices.set('lo', { up: true }, { in: where }) // of a device that is down no change of the group is told
  const events = await kernel.events({ in: where, groups: ['link'] })
  let [seen, lost] = [0, 0]
  const reading = (async () => {
    for await (const { type } of events) {
      if (type === 'lost') lost++
      else seen++
    }
  })()
  const [busy, idle, missing] = [[] as number[], [] as number[], [] as number[]]
  for (let round = 0; round < sized(5, 1); round++) {
    const before = seen
    let made = 0
    busy.push(
      await load(async () => {
        made = (await c.ask('change', EVENT_RATE, milliseconds, LO)).count
        for (let ms = 0; ms < GRACE && seen - before < made && lost === 0; ms++) await pause(1)
      }),
    )
    missing.push(made - (seen - before))
    idle.push(await load(() => pause(milliseconds)))
  }
  await events.close()
  await reading
  const what = `read ${EVENT_RATE.toLocaleString('en')} link events a second`
  report({ what: `${what}, of a core`, unit: '%', rounds: busy, target: { max: 30 } })
  report({ what: `${what}, lost`, unit: 'events', rounds: [Math.max(...missing) + lost], target: { max: 0 } })
  report({ what: 'wait for events, of a core', unit: '%', rounds: idle, target: { max: 0.5 } })
}

try {
  const small = await place()
  const large = await place()
  const go = compileGo('bench/peers/vishvananda/main.go')
  const c = await compiledPeer(small, 'C', compileC('bench/peers/links.c'))
  const [goSmall, goLarge] = [
    await compiledPeer(small, 'vishvananda/netlink', go),
    'program' in go ? await peerIn(large, 'vishvananda/netlink', go.program) : undefined,
  ]
  await roundTrip(small, c)
  await look(small)
  await create(small, goSmall)
  await monitor(small, c)
  const python = await peerIn(small, 'pyroute2', '/usr/bin/python3', 'bench/peers/pyroute2_links.py')
  await fill(small, 1000)
  await list(small, python, 'pyroute2', 5)
  await fill(large, sized(5000, 500))
  await list(large, goLarge, 'vishvananda/netlink', 1)
  for (const peer of [c, goSmall, goLarge, python]) await peer?.stop()
} finally {
  for (const { name } of places) if (name) await kernel.namespaces.remove(name)
  await kernel.close()
}
