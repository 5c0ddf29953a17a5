import { describe, expect, it } from 'vitest'
import { Bench } from '../testing/bench.ts'
import { testProvider } from '../testing/provider.ts'
import { Device } from './device.ts'
import { backing, lease, leasedTo, unlease, whyBusy } from './lease.ts'
import type { XskPool } from './xsk.ts'

function devices() {
  const { ns, kernel } = new Bench()
  const told: number[] = []
  const make = (parent: boolean) => {
    const dev = new Device(
      { nameTemplate: 'x', setup: () => undefined, newlink: () => 0, onLease: (q) => told.push(q.index) },
      ns,
      'x',
      undefined,
    )
    dev.numRxQueues = dev.realRxQueues = 4
    if (parent) dev.parent = { name: 'bus0', bus: 'bus' }
    return dev
  }
  return { nic: make(true), virtual: make(false), told, kernel }
}

describe('a lease', () => {
  it('is known at both ends, and ends at both from either', () => {
    for (const from of ['nic', 'virtual'] as const) {
      const all = devices()
      const [physical, leased] = [all.nic.rxQueue(2)!, all.virtual.rxQueue(1)!]
      lease(leased, physical)
      expect([leasedTo(all.nic, 2), leasedTo(all.virtual, 1)]).toEqual([leased, physical])
      expect([backing(leased), backing(physical)]).toEqual([physical, physical])
      unlease(all.kernel, from === 'nic' ? physical : leased)
      expect([physical.lease, leased.lease]).toEqual([undefined, undefined])
      unlease(all.kernel, physical)
      // The driver hears of both, its own queue's number.
      expect(all.told).toEqual([2, 2])
    }
  })

  it('that ends takes what read the queue without copies along, and tells it', () => {
    const { nic, virtual, kernel } = devices()
    const [physical, leased] = [nic.rxQueue(2)!, virtual.rxQueue(1)!]
    const released: unknown[] = []
    const provider = testProvider({ uninstall: (queue) => void released.push(queue) })
    lease(leased, physical)
    physical.memoryProvider = provider
    physical.xskPool = {} as XskPool
    unlease(kernel, leased)
    expect(released).toEqual([leased])
    expect([physical.memoryProvider, physical.xskPool]).toEqual([undefined, undefined])
  })

  it('is not seen of a queue that is not in use', () => {
    const { nic, virtual } = devices()
    lease(virtual.rxQueue(1)!, nic.rxQueue(2)!)
    nic.realRxQueues = 2
    expect(leasedTo(nic, 2)).toBeUndefined()
    expect(leasedTo(nic, 0)).toBeUndefined()
    expect(nic.rxQueue(4)).toBeUndefined()
  })
})

it('why a queue is busy is told in the order in which it is asked', () => {
  const { nic, virtual } = devices()
  const queue = nic.rxQueue(1)!
  expect([whyBusy(undefined), whyBusy(queue)]).toEqual([undefined, undefined])
  queue.memoryProvider = testProvider()
  expect(whyBusy(queue)).toBe('Device queue in use by memory provider')
  lease(virtual.rxQueue(1)!, queue)
  expect(whyBusy(queue)).toBe('Device queue in use due to queue leasing')
  queue.xskPool = {} as XskPool
  expect(whyBusy(queue)).toBe('Device queue in use by AF_XDP')
})
