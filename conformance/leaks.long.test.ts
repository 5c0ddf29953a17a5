import { Kernel, type NetlinkSocket, simulatedWorld } from '@netkit/kernel'
import {
  NETDEV,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_ECHO,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  RT_LINK,
} from '@netkit/netlink'
import { Chance, genericMessage, routeMessage, seedOf } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { collectGarbage, heapInUse } from './src/gc.ts'
import { ask, drain } from './src/random/ask.ts'
import { demand } from './src/random/broken.ts'
import { type Caller, Machine } from './src/random/machine.ts'
import { nextOperation } from './src/random/operations/index.ts'

const CREATE = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
const PLAIN = NLM_F_REQUEST | NLM_F_ACK

/** A kernel whose only client creates and deletes. */
function workshop() {
  const kernel = new Kernel({ world: simulatedWorld(1) })
  const process = kernel.createProcess()
  const open = (protocol: number) => kernel.openSocket({ protocol, ns: kernel.initialNs, process })
  const [route, generic, listener] = [open(NETLINK_ROUTE), open(NETLINK_GENERIC), open(NETLINK_ROUTE)]
  listener.join(1)
  const must = (socket: NetlinkSocket, request: Uint8Array) => {
    const { ack } = ask(socket, request)
    demand(ack?.errno === 0, () => `refused with ${ack?.errno}`)
    drain(listener)
  }
  return { kernel, process, route, generic, must }
}

describe('what is deleted is gone', () => {
  const CYCLES = 1_000_000
  const WARM_UP = 50_000

  test(`${CYCLES} times created and deleted, pairs, single devices with leases and namespaces leave the heap as it was`, async () => {
    const { kernel, process, route, generic, must } = workshop()
    kernel.nics.plug({ ns: kernel.initialNs, queues: 4 })
    const { ifindex: nic } = [...kernel.nics.nics.values()][0]
    const create = [
      routeMessage(
        RT_LINK.newlink,
        {},
        { ifname: 'a', linkinfo: { kind: 'netkit', data: { mode: 'l2' } } },
        { flags: CREATE },
      ),
      routeMessage(
        RT_LINK.newlink,
        {},
        { ifname: 'a', numRxQueues: 4, linkinfo: { kind: 'netkit', data: { pairing: 'single' } } },
        { flags: CREATE },
      ),
      routeMessage(
        RT_LINK.newlink,
        { ifindex: 900 },
        { ifname: 'a%d', linkinfo: { kind: 'dummy' } },
        { flags: CREATE | NLM_F_ECHO },
      ),
    ]
    const altNames = routeMessage(
      RT_LINK.newlinkprop,
      {},
      { ifname: 'a', propList: { altIfname: ['one', 'two'] } },
      { flags: PLAIN },
    )
    const remove = [
      routeMessage(RT_LINK.dellink, {}, { ifname: 'a' }, { flags: PLAIN }),
      routeMessage(RT_LINK.dellink, { ifindex: 900 }, {}, { flags: PLAIN }),
    ]
    const cycle = (n: number) => {
      const kind = n % 4
      if (kind < 3) must(route, create[kind])
      if (kind < 2) must(route, altNames)
      if (kind === 1) {
        const ifindex = kernel.initialNs.names.get('a')?.ifindex ?? 0
        const lease = { ifindex: nic, queue: { id: n % 4, type: 'rx' } }
        must(generic, genericMessage(22, NETDEV.commands.queueCreate, { ifindex, type: 'rx', lease }, { flags: PLAIN }))
      }
      if (kind < 3) must(route, remove[kind === 2 ? 1 : 0])
      if (kind !== 3 || n % 64 !== 3) return
      const fd = process.openNamespace(kernel.createNamespace())
      must(
        route,
        routeMessage(
          RT_LINK.newlink,
          {},
          { ifname: 'a', netNsFd: fd, linkinfo: { kind: 'netkit', data: { peerInfo: {} } } },
          { flags: CREATE },
        ),
      )
      process.closeFile(fd)
      kernel.afterRequest()
    }
    for (let n = 0; n < WARM_UP; n++) cycle(n)
    const before = await heapInUse()
    for (let n = 0; n < CYCLES; n++) cycle(n)
    const after = await heapInUse()
    expect(kernel.namespaces.size).toBe(1)
    expect(after / before).toBeLessThan(1.05)
  })
})

describe('nothing keeps what is gone', () => {
  const SEQUENCES = 100
  const STEPS = 60
  const seed = seedOf(process.env.NETKIT_SEED)

  test(`devices, namespaces and sockets of ${SEQUENCES} random sequences, seed ${seed}, are collected while the kernel lives on`, async () => {
    const chance = new Chance(seed)
    const kept: string[] = []
    let watched = 0
    for (let n = 0; n < SEQUENCES; n++) {
      const { machine, refs } = live(chance)
      machine.dismantle()
      empty(machine)
      watched += refs.length
      await collectGarbage()
      // What is still in the kernel is `lo` of the initial namespace, which was not watched.
      for (const { ref, says } of refs) if (ref.deref() !== undefined) kept.push(`${n}: ${says}`)
      expect(machine.kernel.namespaces.size).toBe(1)
      if (kept.length > 0) break
    }
    expect(kept).toEqual([])
    expect(watched).toBeGreaterThan(SEQUENCES * 5)
  })

  interface Watched {
    readonly ref: WeakRef<object>
    readonly says: string
  }

  /** Runs a sequence and remembers, weakly, every device, namespace and socket of a namespace that was ever there. */
  function live(chance: Chance): { machine: Machine; refs: Watched[] } {
    const machine = new Machine(1)
    const known = new WeakSet<object>()
    const refs: Watched[] = []
    const watch = (object: object, says: string) => {
      if (known.has(object)) return
      known.add(object)
      refs.push({ ref: new WeakRef(object), says })
    }
    for (const dev of machine.kernel.initialNs.devices.values()) known.add(dev)
    known.add(machine.kernel.initialNs)
    for (let step = 0; step < STEPS; step++) {
      const place = chance.pick(machine.places)
      const caller = chance.pick<Caller>(['root', 'root', 'root', 'child', 'nobody'])
      const next = nextOperation({ machine, chance, place, caller })
      if (!next) continue
      if ('request' in next) ask(machine.socket(next.place, caller, next.protocol), next.request)
      else next.run(machine)
      // Weak references are all that is kept; the kernel's own tables are walked to find what there is.
      for (const ns of machine.kernel.namespaces) {
        watch(ns, `a namespace after ${next.says}`)
        for (const dev of ns.devices.values()) watch(dev, `${dev.name} after ${next.says}`)
      }
      for (const place of machine.places.slice(1)) {
        for (const socket of place.sockets) watch(socket, `a socket of ${place.label}`)
      }
      machine.listen()
    }
    return { machine, refs }
  }

  /** Deletes what is left in the initial namespace. */
  function empty(machine: Machine): void {
    const socket = machine.socket(machine.first, 'root', NETLINK_ROUTE)
    for (const link of machine.first.links()) {
      ask(socket, routeMessage(RT_LINK.dellink, { ifindex: link.header.ifindex }, {}, { flags: PLAIN }))
    }
    machine.listen()
    expect(machine.first.links()).toHaveLength(1)
  }
})
