import { embedded } from '@netkit/kernel'
import { connect, type Kernel, type KernelEvent } from 'netkit'
import { afterEach, beforeEach, expect, test } from 'vitest'

let kernel: Kernel

beforeEach(async () => {
  kernel = await connect(embedded())
  await kernel.namespaces.create('pod')
})
afterEach(() => kernel.close())

test('hundreds of requests at the same time, with dumps in between', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `d${i}`)
  const dumps: Promise<number>[] = []
  const added = names.map((name, i) => {
    if (i % 50 === 0) dumps.push(kernel.devices.list().then((all) => all.length))
    return kernel.devices.add({ kind: 'dummy', name })
  })
  expect((await Promise.all(added)).map((d) => d.name)).toEqual(names)
  for (const n of await Promise.all(dumps)) expect(n).toBeGreaterThan(0)
  const found = await Promise.all(names.map((name) => kernel.devices.get(name)))
  expect(found.map((d) => d.name)).toEqual(names)
  const errors = await Promise.all(
    names.map((name) => kernel.devices.add({ kind: 'dummy', name }).catch((e) => e.code)),
  )
  expect(new Set(errors)).toEqual(new Set(['EEXIST']))
})

test('a list is one consistent view while devices come and go', async () => {
  await Promise.all(Array.from({ length: 200 }, (_, i) => kernel.devices.add({ kind: 'dummy', name: `fix${i}` })))
  await using other = await connect(async () => kernel.doors)
  let stop = false
  const churn = (async () => {
    for (let i = 0; !stop && i < 50; i++) {
      await other.devices.add({ kind: 'netkit', name: 'a', peer: { name: 'b' } })
      await other.devices.remove('a')
    }
  })()
  for (let i = 0; i < 5; i++) {
    const names = (await kernel.devices.list()).map((d) => d.name)
    expect(names.filter((n) => n.startsWith('fix'))).toHaveLength(200)
    expect(names.includes('a')).toBe(names.includes('b'))
  }
  stop = true
  await churn
})

test('events of several namespaces tell the life of a pair', async () => {
  await using events = await kernel.events({
    in: ['pod', { pid: (await kernel.namespaces.list()).length && 1000 }].slice(0, 1),
  })
  await using here = await kernel.events({ groups: ['link', 'netdev', 'nsid'] })
  await kernel.devices.addPair({ name: 'nk0', up: true, peer: { name: 'eth0', namespace: 'pod', up: true } })
  await kernel.devices.remove('nk0')
  const until = async (stream: typeof events, last: (e: KernelEvent) => boolean) => {
    const all: KernelEvent[] = []
    for await (const event of stream) {
      all.push(event)
      if (last(event)) break
    }
    return all
  }
  const gone = (e: KernelEvent) => e.type === 'dellink'
  const there = await until(events, gone)
  expect(there.map((e) => e.type)).toContain('dev-add')
  expect(there.filter((e) => e.type === 'newlink' && e.created)).toMatchObject([
    { device: { name: 'eth0' }, namespace: 'pod' },
  ])
  const own = await until(here, gone)
  expect(own.find((e) => e.type === 'newnsid')).toMatchObject({ nsid: 0, namespace: undefined })
  expect(own.at(-1)).toMatchObject({ device: { name: 'nk0' }, movedTo: undefined })
})

test('who reads events too slowly is told what is missing', async () => {
  await using events = await kernel.events({ groups: ['link'], receiveBuffer: 8192 })
  for (let i = 0; i < 40; i++) await kernel.devices.add({ kind: 'dummy', name: `d${i}` })
  const names: string[] = []
  const read = async (last: string) => {
    for await (const event of events) {
      names.push(event.type === 'newlink' ? event.device.name : event.type)
      if (names.at(-1) === last) return
    }
  }
  await read('lost')
  expect(names.length).toBeLessThan(40)
  // What still waits in the full buffer comes after the loss; from then on all is heard again.
  const heard = names.length
  await read(`d${Math.max(3, heard)}`)
  await kernel.devices.add({ kind: 'dummy', name: 'after' })
  await read('after')
  expect(names.filter((name) => name === 'lost')).toHaveLength(1)
})

test('leases are seen from every side, wherever the devices live', async () => {
  await kernel.namespaces.create('nics')
  const nic = await kernel.nics.add({ queues: 4, name: 'eth0', in: 'nics' })
  await kernel.devices.set('eth0', { up: true }, { in: 'nics' })
  await kernel.devices.addPair({
    name: 'nk0',
    peer: { name: 'nk0', namespace: 'pod', numRxQueues: 3, up: true },
    up: true,
  })
  const lease = await kernel.leases.add({
    lessee: { device: 'nk0', in: 'pod' },
    lessor: { device: 'eth0', in: 'nics' },
    queue: 3,
  })
  const ends = {
    lessor: { name: 'eth0', queue: 3, namespace: { name: 'nics', netnsid: undefined } },
    lessee: { name: 'nk0', queue: 1, namespace: { name: 'pod', current: false } },
  }
  expect(lease).toMatchObject(ends)
  expect(await kernel.leases.list({ in: 'nics' })).toMatchObject([ends])
  expect(await kernel.leases.list()).toEqual([])
  expect(await kernel.leases.listAll()).toMatchObject([ends])
  expect(
    (await kernel.queues.list({ device: 'nk0', in: 'pod' })).filter((q) => q.type === 'rx').map((q) => q.id),
  ).toEqual([0, 1])
  await kernel.nics.remove(nic.id) // and with it the pair, in both namespaces
  expect(await kernel.devices.find('nk0')).toBeUndefined()
  expect(await kernel.devices.find('nk0', { in: 'pod' })).toBeUndefined()
})
