import {
  errno,
  type Fault,
  KernelError,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  RT_LINK,
  splitMessages,
} from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import { nicState } from '../drivers/nic/state.ts'
import { Bench, drain, linkRequest, messagesOf, must } from '../testing/bench.ts'
import type { SimulatedWorld } from '../world.ts'
import { hardwareDoor } from './hardware.ts'

const LINK_GROUP = 1
const create = (ifname: string) =>
  linkRequest(RT_LINK.newlink, { ifname, linkinfo: { kind: 'dummy' } }, {}, NLM_F_ACK | NLM_F_CREATE)

function setUp() {
  const bench = new Bench()
  const door = hardwareDoor(bench.kernel, bench.kernel.createProcess())
  const listener = bench.route()
  listener.join(LINK_GROUP)
  return { bench, door, listener, maker: bench.route() }
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (e) => e.code,
  )

describe('a restart of a queue', () => {
  const plugged = async () => {
    const { bench, door } = setUp()
    const { id } = await door.addNic({ queues: 2 })
    const dev = bench.kernel.nics.nics.get(id)!
    must(bench.route(), linkRequest(RT_LINK.newlink, {}, { ifindex: dev.ifindex, flags: 1, change: 1 }))
    return { bench, door, id, dev }
  }

  test.each(['allocate', 'stop', 'start'] as const)('fails at %s, once, and the queue goes on', async (step) => {
    const { door, id, dev } = await plugged()
    await door.fault({ kind: 'restart', nic: id, queue: 1, step, nth: 2, error: 'EIO' })
    expect(await failure(door.restartQueue(id, 0))).toBeUndefined()
    expect(await failure(door.restartQueue(id, 1))).toBeUndefined()
    expect(await door.faults()).toEqual([{ kind: 'restart', nic: id, queue: 1, step, nth: 1, error: 'EIO' }])
    expect(await failure(door.restartQueue(id, 1))).toBe('EIO')
    expect(nicState(dev).rx[1]).toBeDefined()
    expect(await failure(door.restartQueue(id, 1))).toBeUndefined()
    expect(await door.faults()).toEqual([])
  })

  test('that cannot go back to its old memory leaves the queue dead', async () => {
    const { door, id, dev } = await plugged()
    await door.fault({ kind: 'restart', nic: id, queue: 1, step: 'start' })
    await door.fault({ kind: 'restart', nic: id, queue: 1, step: 'recover' })
    expect(await failure(door.restartQueue(id, 1))).toBe('ENOMEM')
    expect(nicState(dev).rx[1]).toBeUndefined()
  })

  test.each<readonly [Fault, string]>([
    [{ kind: 'restart', nic: 9, queue: 0, step: 'stop' }, 'ENOENT'],
    [{ kind: 'restart', nic: 1, queue: 2, step: 'stop' }, 'EINVAL'],
    [{ kind: 'restart', nic: 1, queue: 0, step: 'begin' as 'stop' }, 'EINVAL'],
    [{ kind: 'dump', times: 0 }, 'EINVAL'],
    [{ kind: 'stall', ms: -1 }, 'EINVAL'],
  ])('%j cannot be', async (fault, code) => {
    const { door } = await plugged()
    expect(await failure(door.fault(fault))).toBe(code)
  })
})

test('dumps say that they were interrupted, as many as were asked for', async () => {
  const { bench, door } = setUp()
  await door.fault({ kind: 'dump', times: 2 })
  const marked = () => {
    const socket = bench.route()
    socket.send(linkRequest(RT_LINK.getlink, {}, {}, NLM_F_DUMP))
    return messagesOf(drain(socket)).filter((m) => (m.header.flags & NLM_F_DUMP_INTR) !== 0).length
  }
  expect([marked(), marked(), marked()]).toEqual([1, 1, 0])
})

test('notifications are lost, and their reader is told once', async () => {
  const { door, listener, maker } = setUp()
  await door.fault({ kind: 'overrun' })
  must(maker, create('a'))
  expect(() => listener.receive()).toThrow(KernelError)
  expect(listener.receive()).toBeUndefined()
  must(maker, create('b'))
  expect(splitMessages(listener.receive()!.bytes)).toHaveLength(1)
})

test('who listens is given nothing while stalled, and all that fits when that is over', async () => {
  const { bench, door } = setUp()
  const world = bench.kernel.world as SimulatedWorld
  const listener = bench.route(bench.ns, { receiveBuffer: 4000 })
  listener.join(LINK_GROUP)
  let woken = 0
  listener.onReadable = () => woken++
  await door.fault({ kind: 'stall', ms: 50 })
  for (const name of ['a', 'b', 'c', 'd', 'e']) must(bench.route(), create(name))
  expect(listener.receive()).toBeUndefined()
  expect(listener.readable).toBe(false)
  expect(await door.faults()).toEqual([{ kind: 'stall', ms: 50 }])
  woken = 0
  world.advance(50_000_000n)
  expect(woken).toBe(1)
  expect(() => listener.receive()).toThrow(expect.objectContaining({ errno: errno.ENOBUFS }))
  expect(drain(listener).length).toBeGreaterThan(0)
})

test('nothing goes wrong any more once faults are cleared', async () => {
  const { door, listener, maker } = setUp()
  await door.fault({ kind: 'overrun', times: 5 })
  await door.fault({ kind: 'dump', times: 5 })
  await door.clearFaults()
  expect(await door.faults()).toEqual([])
  must(maker, create('a'))
  expect(listener.receive()).toBeDefined()
})
