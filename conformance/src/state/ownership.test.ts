import { embedded } from '@netkit/kernel'
import { connect, faultText, type Kernel, StateError } from 'netkit'
import { readState, type StateDocument } from 'netkit/state'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let kernel: Kernel
beforeEach(async () => {
  kernel = await connect(embedded())
})
afterEach(() => kernel.close())

const document = (parts: object): StateDocument => {
  const { document: read, faults } = readState({ version: 1, set: 's', ...parts })
  expect(faults).toBeUndefined()
  return read!
}
const apply = (parts: object, options = {}) => kernel.state.apply(document(parts), options)

/** Why a document cannot be brought about. */
async function refusal(parts: object, options = {}): Promise<string[]> {
  const before = await everything()
  const error = await apply(parts, options).catch((e) => e)
  expect(error).toBeInstanceOf(StateError)
  expect(await everything()).toEqual(before)
  return (error as StateError).faults.map(faultText)
}

/** All devices of all namespaces, as the kernel tells of them. */
async function everything(): Promise<unknown> {
  const names = [...(await kernel.namespaces.list())]
  const all = await Promise.all([undefined, ...names].map((where) => kernel.devices.list({ in: where })))
  return all.map((list) => list.map(({ ifindex, flags, attrs }) => ({ ifindex, flags, attrs })))
}

const LEASED = {
  nics: { eth0: { queues: 4, up: true } },
  singles: { nk1: { numrxqueues: 3, leases: [{ nic: 'eth0', queue: 3 }] } },
}

describe('what is not of the set', () => {
  test.each([
    ['netkit', 'a device of kind netkit is, which is not of this set; --adopt takes it over if it is what is declared'],
    ['dummy', 'a device of kind dummy is, which is not of this set'],
  ] as const)('keeps its name: %s', async (kind, why) => {
    await kernel.devices.add(kind === 'netkit' ? { kind, name: 'nk0', peer: { name: 'nk1' } } : { kind, name: 'nk0' })
    expect(await refusal({ pairs: { nk0: {} } })).toEqual([`pairs.nk0 cannot be called nk0: ${why}`])
  })

  test('keeps its alternative names', async () => {
    await kernel.devices.add({ kind: 'dummy', name: 'd0', altnames: ['uplink'] })
    const why = 'cannot be called uplink: a device of kind dummy is, which is not of this set'
    expect(await refusal({ pairs: { nk0: { altnames: ['uplink'] } } })).toEqual([`pairs.nk0.altnames[0] ${why}`])
    expect(await refusal({ pairs: { uplink: {} } })).toEqual([`pairs.uplink ${why}`])
  })

  test('is of another set: neither changed, nor adopted, nor pruned', async () => {
    await apply({ set: 'other', singles: { nk0: {} } })
    const why = ['singles.nk0 cannot be called nk0: a device of kind netkit is, which belongs to set other as nk0']
    expect(await refusal({ singles: { nk0: { mtu: 1300 } } })).toEqual(why)
    expect(await refusal({ singles: { nk0: { mtu: 1300 } } }, { adopt: true })).toEqual(why)
    expect(await apply({}, { prune: true })).toEqual({ steps: [], undeclared: [] })
  })

  test('keeps the NIC that it leases from', async () => {
    await apply(LEASED)
    await kernel.devices.add({ kind: 'netkit', name: 'mine', data: { pairing: 'single' }, numRxQueues: 2 })
    await kernel.leases.add({ lessee: { device: 'mine' }, lessor: { device: 'eth0' }, queue: 1 })
    const why = 'nics.eth0 cannot be unplugged: mine leases queue 1 of it, and stays'
    expect(await refusal({}, { prune: true })).toEqual([why])
    expect(await refusal({ nics: { eth0: { queues: 8, up: true } } }, { allowRecreate: true })).toEqual([why])
  })

  test('keeps the namespace that it lives in', async () => {
    await apply({ namespaces: { pod: {} } })
    await kernel.devices.add({ kind: 'dummy', name: 'd0', in: 'pod' })
    expect(await refusal({}, { prune: true })).toEqual([
      'namespaces.pod cannot be removed: d0 in namespace pod would be lost, and is not of this set',
    ])
    await kernel.devices.remove('d0', { in: 'pod' })
    await apply({}, { prune: true })
    expect(await kernel.namespaces.list()).toEqual([])
  })

  test('a namespace that was there is used, and not removed', async () => {
    await kernel.namespaces.create('pod')
    await apply({ namespaces: { pod: { lo: { up: true } } }, singles: { nk0: { netns: 'pod' } } })
    await apply({}, { prune: true })
    expect(await kernel.namespaces.list()).toEqual(['pod'])
  })

  test('a NIC that was there is used, and neither unplugged nor plugged in anew', async () => {
    await kernel.nics.add({ name: 'eth0', queues: 4 })
    await apply({ nics: { eth0: { up: true, mtu: 9000 } }, singles: LEASED.singles }).catch(() => undefined)
    expect((await kernel.devices.get('eth0')).mtu).toBe(9000)
    expect(await refusal({ nics: { eth0: { queues: 8 } } }, { allowRecreate: true })).toEqual([
      'nics.eth0 is a NIC that is not made by this set, and queues 4 cannot become 8',
    ])
    await apply({}, { prune: true })
    expect((await kernel.nics.list()).map(({ name }) => name)).toEqual(['eth0'])
  })
})

describe('what is of the set', () => {
  test('is known after it was renamed and moved by others', async () => {
    const pair = {
      pairs: { p: { name: 'up0', peer: { name: 'eth0', netns: 'pod' } } },
      namespaces: { pod: {}, other: {} },
    }
    await apply(pair)
    await kernel.devices.set('up0', { name: 'renamed' })
    await kernel.devices.move('eth0', { in: 'pod', to: 'other' })
    const { differences } = await kernel.state.plan(document(pair))
    expect(differences).toMatchObject([
      {
        entry: 'pairs.p',
        action: 'change',
        changes: [
          { field: 'name', from: 'renamed', to: 'up0' },
          { field: 'peer.netns', from: 'other', to: 'pod' },
        ],
      },
    ])
    const { steps } = await apply(pair)
    expect(steps.map((step) => step.do)).toEqual(['rename', 'move'])
  })

  test('changes names in a circle, across namespaces', async () => {
    const namespaces = { pod: {} }
    await apply({ namespaces, singles: { one: { name: 'a' }, two: { name: 'b' }, three: { name: 'c', netns: 'pod' } } })
    const before = (await kernel.devices.get('a')).ifindex
    await apply({ namespaces, singles: { one: { name: 'b' }, two: { name: 'c', netns: 'pod' }, three: { name: 'a' } } })
    expect((await kernel.devices.get('b')).ifindex).toBe(before)
    expect(await kernel.devices.find('c', { in: 'pod' })).toBeDefined()
    expect(await kernel.devices.find('a')).toBeDefined()
  })

  test('comes back up where it was moved to', async () => {
    await apply({ namespaces: { pod: {} }, singles: { nk0: { up: true } } })
    await apply({ singles: { nk0: { netns: 'pod' } } })
    expect((await kernel.devices.get('nk0', { in: 'pod' })).up).toBe(true)
  })

  test('keeps what the document does not say', async () => {
    await apply({ pairs: { nk0: { mode: 'l2', mtu: 1300, up: true } } })
    await kernel.devices.set('nk0', { alias: 'mine', txqlen: 7 })
    await apply({ pairs: { nk0: { mtu: 1400 } } })
    expect(await kernel.devices.get('nk0')).toMatchObject({ mtu: 1400, alias: 'mine', up: true })
    expect((await kernel.devices.get('nk0')).attrs.txqlen).toBe(7)
  })

  test('becomes another kind only if that is allowed', async () => {
    await apply({ pairs: { x: { name: 'nk0' } } })
    expect(await refusal({ singles: { x: { name: 'nk0' } } })).toEqual([
      'singles.x would have to be removed and made anew: it is a pair',
    ])
    await apply({ singles: { x: { name: 'nk0' } } }, { allowRecreate: true })
    expect((await kernel.devices.get('nk0')).netkit?.pairing).toBe('single')
  })

  test('stays in the way when it is not declared any more, unless it is pruned', async () => {
    await apply({ singles: { old: { name: 'nk0' } } })
    expect(await refusal({ singles: { fresh: { name: 'nk0' } } })).toEqual([
      'singles.fresh cannot be called nk0: old is, which is of this set, but not declared any more; --prune removes it',
    ])
    await apply({ singles: { fresh: { name: 'nk0' } } }, { prune: true })
    expect((await kernel.devices.get('nk0')).altnames).toEqual(['netkit.s.fresh'])
  })

  test('leases more without being made anew, and otherwise not', async () => {
    await apply(LEASED)
    const { ifindex } = await kernel.devices.get('nk1')
    const more = (...queues: number[]) => ({
      ...LEASED,
      singles: { nk1: { leases: queues.map((queue) => ({ nic: 'eth0', queue })) } },
    })
    await apply(more(3, 1))
    expect((await kernel.devices.get('nk1')).ifindex).toBe(ifindex)
    expect(await refusal(more(1))).toEqual([
      'singles.nk1 would have to be removed and made anew: leases end only with the device: eth0 queue 3, eth0 queue 1 cannot become eth0 queue 1',
    ])
    expect(await refusal(more(3, 1, 0))).toEqual([
      'singles.nk1 would have to be removed and made anew: numrxqueues 3 is no room for 3 leases',
    ])
    await apply(more(3, 1, 0), { allowRecreate: true })
    expect(await kernel.leases.listAll()).toHaveLength(3)
  })

  test('goes with the NIC that it leases from, and comes back', async () => {
    await apply(LEASED)
    const more = { ...LEASED, nics: { eth0: { queues: 8, up: true } } }
    expect(await refusal(more)).toEqual([
      'nics.eth0 would have to be removed and made anew: queues 4 cannot become 8',
      'singles.nk1 would have to be removed and made anew: it leases from eth0, which is plugged in anew',
    ])
    await apply(more, { allowRecreate: true })
    expect(await kernel.leases.listAll()).toMatchObject([
      { lessor: { name: 'eth0', queue: 3 }, lessee: { name: 'nk1' } },
    ])
  })

  test('whose leases cannot be seen, because the NIC is down, is looked at when it is up', async () => {
    await apply(LEASED)
    await kernel.devices.set('eth0', { up: false })
    const { steps, unseen } = await kernel.state.plan(document(LEASED))
    expect(steps.map((step) => step.do)).toEqual(['set'])
    expect(unseen).toEqual(['singles.nk1'])
    expect((await apply(LEASED)).steps).toHaveLength(1)
    expect(await kernel.leases.listAll()).toHaveLength(1)
  })

  test('that nobody lived to mark is known, and finished', async () => {
    await apply({ pairs: { nk0: { mode: 'l2', group: 5, peer: { name: 'nk9' } } } })
    const whole = await kernel.state.export({ set: 's' })
    const steps: string[] = []
    for (const [device, mark] of [
      ['nk0', 'netkit.s.nk0'],
      ['nk9', 'netkit-peer.s.nk0'],
    ] as const) {
      const { birthGroup } = await births()
      await kernel.devices.removeAltnames(device, [mark])
      await kernel.devices.set(device, { group: birthGroup[device] })
    }
    const again = await apply({ pairs: { nk0: { mode: 'l2', group: 5, peer: { name: 'nk9' } } } })
    steps.push(...again.steps.map((step) => step.do))
    expect(steps).toEqual(['mark', 'mark', 'set', 'set'])
    expect(await kernel.state.export({ set: 's' })).toEqual(whole)
  })

  /** The groups with which the ends of `pairs.nk0` are made, from the plan that would make them elsewhere. */
  async function births(): Promise<{ birthGroup: Record<string, number> }> {
    await using empty = await connect(embedded())
    const plan = await empty.state.plan(document({ pairs: { nk0: { mode: 'l2', peer: { name: 'nk9' } } } }))
    const [step] = plan.steps
    if (step.do !== 'pair add') throw new Error('not a pair')
    return { birthGroup: { nk0: step.birth.group!, nk9: step.peer.birth.group! } }
  }

  test('may take over what is of nobody, if it is what is declared', async () => {
    await kernel.namespaces.create('pod')
    await kernel.devices.add({
      kind: 'netkit',
      name: 'nk0',
      data: { mode: 'l2' },
      peer: { name: 'eth0', namespace: 'pod' },
    })
    const declared = {
      namespaces: { pod: {} },
      pairs: { nk0: { mode: 'l2', mtu: 1300, peer: { name: 'eth0', netns: 'pod' } } },
    }
    const { steps } = await apply(declared, { adopt: true })
    expect(steps.map((step) => step.do)).toEqual(['mark', 'mark', 'mark', 'set'])
    await apply({}, { prune: true })
    expect(await kernel.namespaces.list()).toEqual([])
    expect((await kernel.devices.list()).map(({ name }) => name)).toEqual(['lo'])
  })
})

describe('what cannot be is refused before anything is done', () => {
  test.each<[string, object, string]>([
    [
      'a namespace that there is not',
      { singles: { s: { netns: 'nowhere' } } },
      "singles.s.netns must be a namespace that is there or declared, not 'nowhere'",
    ],
    [
      'a NIC that there is not',
      { singles: { s: { leases: [{ nic: 'eth9', queue: 0 }] } } },
      'singles.s.leases[0].nic cannot be found: there is no NIC eth9',
    ],
    [
      'a lease of a NIC that is not up',
      { nics: { eth0: {} }, singles: { s: { leases: [{ nic: 'eth0', queue: 0 }] } } },
      'singles.s.leases[0].nic is down, and kernels tell of leases of NICs that are up only: declare up: true of nics.eth0',
    ],
    [
      'the name of the loopback device',
      { singles: { lo: {} } },
      'singles.lo cannot be called lo: that is the loopback device',
    ],
  ])('%s', async (_what, parts, why) => {
    expect(await refusal(parts)).toEqual([why])
  })
})

test('a kernel of before leases, scrub and single devices has pairs all the same', async () => {
  await using old = await connect(embedded({ release: '6.12' }))
  const pair = document({
    namespaces: { pod: {} },
    pairs: { nk0: { mode: 'l2', peer: { name: 'eth0', netns: 'pod' } } },
  })
  await old.state.apply(pair)
  expect((await old.state.apply(pair)).steps).toEqual([])
  const { document: exported } = await old.state.export()
  expect(exported.pairs).toMatchObject({ nk0: { policy: 'forward', peer: { policy: 'forward', netns: 'pod' } } })
  const newer = document({
    pairs: { nk0: { headroom: 64, peer: { leases: [{ nic: 'eth0', queue: 0 }] } } },
    singles: { nk1: {} },
  })
  const error = (await old.state.apply(newer).catch((e) => e)) as StateError
  expect(error.faults.map(faultText)).toEqual([
    'pairs.nk0.headroom is not known to this kernel: it came with Linux 6.14',
    'pairs.nk0.peer.leases is not known to this kernel: it came with Linux 7.1',
    'singles.nk1 is not known to this kernel: it came with Linux 7.1',
  ])
})
