import { embedded } from '@netkit/kernel'
import fc from 'fast-check'
import { type AddOptions, connect, IncompleteError, type Kernel, KernelError } from 'netkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let kernel: Kernel

beforeEach(async () => {
  kernel = await connect(embedded())
  await kernel.namespaces.create('pod')
})
afterEach(() => kernel.close())

/** All that can be seen of the devices of both namespaces. */
async function seen(): Promise<unknown> {
  const show = async (where?: string) =>
    (await kernel.devices.list({ in: where })).map(({ ifindex, flags, attrs }) => {
      const { carrierChanges: _1, carrierUpCount: _2, carrierDownCount: _3, qdisc: _4, ...rest } = attrs
      return { ifindex, flags, rest }
    })
  return [await show(), await show('pod')]
}

describe('a compound operation that fails leaves things as they were', () => {
  test('a pair whose peer cannot get a name, an alternative name or a setting', async () => {
    await kernel.devices.add({ kind: 'dummy', name: 'taken', in: 'pod', altnames: ['long name that is taken'] })
    await kernel.devices.add({ kind: 'dummy', name: 'here' })
    const before = await seen()
    const attempts: { options: AddOptions; code: string }[] = [
      { options: { kind: 'netkit', name: 'a', peer: { name: 'taken', namespace: 'pod', up: true } }, code: 'EEXIST' },
      { options: { kind: 'netkit', name: 'here', peer: { name: 'b', namespace: 'pod' } }, code: 'EEXIST' },
      {
        options: { kind: 'netkit', name: 'a', peer: { namespace: 'pod', altnames: ['x', 'long name that is taken'] } },
        code: 'EEXIST',
      },
      { options: { kind: 'netkit', name: 'a', peer: { name: 'b' }, altnames: ['y', 'here'] }, code: 'EEXIST' },
      { options: { kind: 'veth', name: 'a', mtu: 9000, peer: { name: 'b', mtu: 20 } }, code: 'EINVAL' },
    ]
    for (const { options, code } of attempts) {
      await expect(kernel.devices.add(options)).rejects.toMatchObject({ code })
      expect(await seen()).toEqual(before)
    }
  })

  test('any mixture of settings of which one is refused', async () => {
    await kernel.devices.add({ kind: 'netkit', name: 'nk0', data: { mode: 'l2' }, peer: { name: 'nk1' } })
    await kernel.devices.add({ kind: 'dummy', name: 'taken' })
    const device = await kernel.devices.get('nk0')
    const good = {
      mtu: fc.constantFrom(1400, 9000),
      txqlen: fc.nat(32767),
      group: fc.nat(9),
      alias: fc.constantFrom('a', 'b'),
      address: fc.constantFrom('02:00:00:00:00:07', '02:00:00:00:00:08'),
      up: fc.boolean(),
      promisc: fc.boolean(),
      arp: fc.boolean(),
    }
    const bad = fc.constantFrom(
      { mtu: 20 },
      { name: 'taken' },
      { address: '01:00:00:00:00:00' },
      { master: 'taken' },
      { gsoMaxSegs: 70000 },
    )
    await fc.assert(
      fc.asyncProperty(fc.record(good, { requiredKeys: [], noNullPrototype: true }), bad, async (some, one) => {
        const before = await seen()
        const error = await kernel.devices.set(device, { ...some, ...one }).catch((e) => e)
        expect(error).toBeInstanceOf(KernelError)
        expect(await seen()).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })

  test('a device whose second lease is refused, and the queue of the first is free again', async () => {
    await kernel.nics.add({ queues: 4, name: 'eth0' })
    await kernel.devices.set('eth0', { up: true })
    const before = await seen()
    await expect(
      kernel.leases.addDevice({ name: 'nk0', in: 'pod', lessor: { device: 'eth0', queues: [2, 9] } }),
    ).rejects.toMatchObject({ code: 'ERANGE', attr: 'lease.queue.id' })
    expect(await seen()).toEqual(before)
    expect(await kernel.leases.listAll()).toEqual([])
    const { leases } = await kernel.leases.addDevice({
      name: 'nk0',
      in: 'pod',
      lessor: { device: 'eth0', queues: [2, 3] },
    })
    expect(leases).toHaveLength(2)
  })

  test('a move is one step, and says why it failed', async () => {
    await kernel.devices.add({ kind: 'dummy', name: 'd0' })
    await kernel.devices.add({ kind: 'dummy', name: 'd0', in: 'pod' })
    const before = await seen()
    await expect(kernel.devices.move('d0', { to: 'pod' })).rejects.toMatchObject({
      code: 'EEXIST',
      extack: 'An interface with the same name exists in the target netns',
    })
    expect(await seen()).toEqual(before)
    expect(await kernel.devices.move('d0', { to: 'pod', name: 'd1' })).toMatchObject({ name: 'd1', namespace: 'pod' })
  })
})

test('what cannot be taken back is told', async () => {
  const remove = kernel.devices.remove.bind(kernel.devices)
  kernel.devices.remove = async () => Promise.reject(new Error('for the sake of the test'))
  const error = await kernel.devices
    .addPair({ name: 'nk0', peer: { name: 'nk1', altnames: ['x', 'x'] } })
    .catch((e) => e)
  expect(error).toBeInstanceOf(IncompleteError)
  expect(error).toMatchObject({ cause: { code: 'EEXIST' }, remains: [{ what: 'device nk0' }] })
  await remove('nk0')
})
