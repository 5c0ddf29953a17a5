/** The control plane: netlink bytes in, netlink bytes out, in process; beside it the machine's own kernel with veth. */
import { openDoors } from '@netkit/kernel'
import { NETDEV, NETLINK_GENERIC, RTNLGRP_LINK } from '@netkit/netlink'
import { Client, drain } from './harness/client.ts'
import type { PeerFigure } from './harness/figures.ts'
import * as message from './harness/messages.ts'
import { Peer } from './harness/peer.ts'
import { elapsed, elapsedAsync, inTurns, type Round, report, sized, skip, undisturbed } from './harness/suite.ts'

const US = 1000
const ROUNDS = sized(15, 2)
const WARM_UP = sized(6, 1)
const PAIRS = sized(2000, 200)
const PEER_PAIRS = sized(100, 20)
const GROUP = 7
const CROWD = 8
const ALONE = ' beside no device'

const started = await Peer.start('netlink.py')
const linux = typeof started === 'string' ? undefined : started
if (typeof started === 'string') skip("the machine's own kernel", started)

/** Microseconds an operation of the machine's kernel: `count` of them, or as many as it says. */
async function askLinux(words: readonly (string | number)[], count?: number): Promise<number> {
  const answer = await linux!.ask(...words)
  return answer.ns / (count ?? answer.count) / US
}
const peerRound = (...words: (string | number)[]): Round | undefined => linux && (async () => [await askLinux(words)])
const peerFigure = (what: string, rounds: readonly number[]): PeerFigure | undefined => linux && { what, rounds }

const client = new Client()
const { kernel } = client
const { devices } = client.socket.ns
let made = 0

/** Requests for pairs under names that were never used. */
const creations = (count: number, options: message.PairOptions = {}): Uint8Array[] =>
  Array.from({ length: count }, () => message.createPair(`a${++made}`, `b${made}`, options))
/** Requests to delete the pairs made last. */
const deletions = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => message.deleteByName(`a${made - count + 1 + i}`))

/** Microseconds a request. */
function perRequest(requests: readonly Uint8Array[], after?: () => void): number {
  const took = elapsed(() => {
    for (const request of requests) {
      client.ask(request)
      after?.()
    }
  })
  return took / requests.length / US
}

/** Creation, and deletion of all at once, in turns with the machine's kernel. */
async function besideTheKernel(): Promise<void> {
  const ours = undisturbed(() => [
    perRequest(creations(PAIRS, { group: GROUP })),
    perRequest([message.deleteByGroup(GROUP)]) / PAIRS,
  ])
  const theirs = async () => [
    await askLinux(['create', PEER_PAIRS, GROUP]),
    await askLinux(['delete_group', GROUP], PEER_PAIRS),
  ]
  const turns = await inTurns(ROUNDS, WARM_UP, ours, linux && theirs)
  report({
    what: 'create a pair',
    unit: 'µs',
    rounds: turns.ours[0],
    target: { max: 25 },
    peer: peerFigure('veth pair', turns.peer[0]),
    ratio: { min: 18 },
  })
  report({
    what: 'delete a pair by group',
    unit: 'µs',
    rounds: turns.ours[1],
    peer: peerFigure('veth pair by group', turns.peer[1]),
    ratio: { min: 10 },
    note: `${PAIRS} pairs with one request`,
  })
}

/** Pairs come and go by name, with so many devices beside them. */
async function comeAndGo(crowd: number, options: { suffix: string; max?: number; after?: () => void }): Promise<void> {
  while (devices.size < crowd) for (const request of creations(100, { group: CROWD })) client.ask(request)
  const { suffix, max, after } = options
  const round = () => [perRequest(creations(PAIRS), after), perRequest(deletions(PAIRS), after)]
  const { ours } = await inTurns(ROUNDS, WARM_UP, undisturbed(round))
  const against = (what: string) => (max === undefined ? undefined : { what: `${what}${ALONE}`, max })
  const [create, remove] = ['create a pair', 'delete a pair by name']
  report({ what: `${create}${suffix}`, unit: 'µs', rounds: ours[0], against: against(create) })
  report({ what: `${remove}${suffix}`, unit: 'µs', rounds: ours[1], against: against(remove) })
}

/** One end in a namespace of its own, as a CNI places it. */
async function intoNamespace(): Promise<void> {
  const peerNsFd = client.process.openNamespace(kernel.createNamespace())
  const round = () => [perRequest(creations(PAIRS, { peerNsFd })), perRequest(deletions(PAIRS))]
  const { ours } = await inTurns(ROUNDS, WARM_UP, undisturbed(round))
  report({ what: 'create a pair, its peer in another namespace', unit: 'µs', rounds: ours[0], target: { max: 25 } })
  report({ what: 'delete a pair, its peer in another namespace', unit: 'µs', rounds: ours[1] })
  client.process.closeFile(peerNsFd)
}

async function withMonitors(): Promise<void> {
  const monitors = [client.monitor(RTNLGRP_LINK), client.monitor(RTNLGRP_LINK)]
  const after = () => {
    for (const monitor of monitors) drain(monitor)
  }
  await comeAndGo(0, { suffix: ' with 2 monitors that read', after })
  for (const monitor of monitors) monitor.close()
}

async function lookUp(): Promise<void> {
  for (const request of creations(1)) client.ask(request)
  await linux?.ask('create', 1, CROWD)
  const requests = new Array<Uint8Array>(sized(5000, 500)).fill(message.getByName(`a${made}`))
  const round = undisturbed(() => [perRequest(requests)])
  const turns = await inTurns(ROUNDS, WARM_UP, round, peerRound('get', sized(2000, 200)))
  const [rounds] = turns.ours
  report({ what: 'look up by name', unit: 'µs', rounds, target: { max: 6 }, peer: peerFigure('veth', turns.peer[0]) })
}

async function dump(links: number, withPeer: boolean): Promise<void> {
  while (devices.size < links) for (const request of creations(1, { group: CROWD })) client.ask(request)
  if (withPeer) await linux?.ask('create', Math.ceil(links / 2), CROWD)
  const request = message.dumpLinks()
  const round = undisturbed(() => [perRequest([request]) / devices.size])
  const turns = await inTurns(ROUNDS, WARM_UP, round, withPeer ? peerRound('dump') : undefined)
  report({
    what: `dump ${links.toLocaleString('en')} links, a link`,
    unit: 'µs',
    rounds: turns.ours[0],
    target: { max: 2 },
    peer: withPeer ? peerFigure('veth', turns.peer[0]) : undefined,
  })
}

/** Through the doors, as programs make namespaces. */
async function namespaces(): Promise<void> {
  const { namespaces: door } = openDoors(kernel, client.process)
  const count = sized(2000, 100)
  const cycle = async () => {
    for (let i = 0; i < count; i++) {
      await door.create('blue')
      await door.remove('blue')
    }
  }
  const round = async () => [(await elapsedAsync(cycle)) / count / US]
  const turns = await inTurns(ROUNDS, WARM_UP, round, peerRound('namespaces', sized(50, 10)))
  report({
    what: 'create and delete a namespace',
    unit: 'µs',
    rounds: turns.ours[0],
    target: { max: 100 },
    peer: peerFigure('unshare, until all are gone', turns.peer[0]),
  })
}

/** A single device leases a queue of a NIC and is deleted, which releases it; and leases alone. */
async function leases(): Promise<void> {
  const { hardware } = openDoors(kernel, client.process)
  const nic = await hardware!.addNic({ queues: 1024, name: 'eth0' })
  const generic = new Client(kernel, NETLINK_GENERIC)
  const family = kernel.genl.familyId(NETDEV.name)!
  const count = sized(1000, 100)
  const leaseOf = (ifindex: number, queue: number) =>
    message.leaseQueue(family, ifindex, { ifindex: nic.ifindex, queue })

  const comeAndGoLeased = () => {
    const first = client.socket.ns.ifindexCursor + 1
    const requests = Array.from({ length: count }, (_, i) => [
      message.createSingle(`s${i}`, 2),
      leaseOf(first + i, 5),
      message.deleteByName(`s${i}`),
    ])
    let leased = 0
    let removed = 0
    const took = elapsed(() => {
      for (const [create, lease, remove] of requests) {
        client.ask(create)
        leased += elapsed(() => generic.ask(lease))
        removed += elapsed(() => client.ask(remove))
      }
    })
    return [took, leased, removed].map((ns) => ns / count / US)
  }
  const cycles = await inTurns(ROUNDS, WARM_UP, undisturbed(comeAndGoLeased))
  const [whole, leased, removed] = cycles.ours
  const target = { max: 100 }
  report({ what: 'create a single device, lease a queue, delete it', unit: 'µs', rounds: whole })
  report({ what: 'of that, to add the lease', unit: 'µs', rounds: leased, target })
  report({ what: 'of that, to remove it with its device', unit: 'µs', rounds: removed, target })

  const leaseMany = () => {
    client.ask(message.createSingle('s', 1024))
    const requests = Array.from({ length: count }, (_, queue) => leaseOf(client.socket.ns.ifindexCursor, queue))
    const took = elapsed(() => {
      for (const request of requests) generic.ask(request)
    })
    client.ask(message.deleteByName('s'))
    return [took / count / US]
  }
  const many = await inTurns(ROUNDS, WARM_UP, undisturbed(leaseMany))
  report({ what: 'lease a queue', unit: 'µs', rounds: many.ours[0] })
  await hardware!.removeNic(nic.id)
}

await besideTheKernel()
await comeAndGo(0, { suffix: ALONE })
await intoNamespace()
await withMonitors()
await lookUp()
await namespaces()
await leases()
await comeAndGo(5000, { suffix: ' beside 5,000 devices', max: 1.3 })
await dump(5000, true)
await comeAndGo(100_000, { suffix: ' beside 100,000 devices', max: 2 })
await dump(100_000, false)
await linux?.stop()
