import { embedded } from '@netkit/kernel'
import { connect, faultText, type Kernel, StateError, stepText } from 'netkit'
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
/** Applies, expects that nothing is left to do, and tells the steps. */
async function apply(parts: object, options = {}): Promise<string[]> {
  const planned = (await kernel.state.plan(document(parts), options)).steps.map(stepText)
  const { steps } = await kernel.state.apply(document(parts), options)
  const texts = steps.map(stepText)
  expect(texts, 'what was planned is all that was done').toEqual(planned)
  expect((await kernel.state.plan(document(parts), options)).differences).toEqual([])
  return texts
}
const faults = async (parts: object, options = {}): Promise<string[]> => {
  const error = await kernel.state.apply(document(parts), options).catch((e) => e)
  expect(error).toBeInstanceOf(StateError)
  return (error as StateError).faults.map(faultText)
}
const addresses = async (device: string, where = {}): Promise<string[]> =>
  (await kernel.addresses.list({ device, family: 'inet', ...where })).map((a) => `${a.address}/${a.prefixLength}`)
const routes = async (where = {}): Promise<string[]> =>
  (await kernel.routes.list({ family: 'inet', ...where })).flatMap(({ dst, protocol }) =>
    protocol === 'kernel' ? [] : [dst],
  )

const device = (more: object) => ({ singles: { nk0: { up: true, ...more } } })

describe('addresses', () => {
  test('are given in the order in which they are declared, so that the first is the primary', async () => {
    await apply(device({ addresses: ['10.0.0.1/24', '10.0.0.2/24', '10.0.1.1/24'] }))
    expect(await apply(device({ addresses: ['10.0.0.2/24', '10.0.0.1/24', '10.0.1.1/24'] }))).toEqual([
      'remove address 10.0.0.1/24 from nk0',
      'add address 10.0.0.2/24 to nk0',
      'add address 10.0.0.1/24 to nk0',
    ])
    const [, first, second] = await kernel.addresses.list({ device: 'nk0', family: 'inet' })
    expect([first.address, first.flags, second.address]).toEqual(['10.0.0.2', ['permanent'], '10.0.0.1'])
  })

  test('that go along with their primary are given again', async () => {
    await apply(device({ addresses: ['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24'] }))
    expect(await apply(device({ addresses: ['10.0.0.2/24'] }))).toEqual([
      'remove address 10.0.0.3/24 from nk0',
      'remove address 10.0.0.1/24 from nk0',
      'add address 10.0.0.2/24 to nk0',
    ])
  })

  test('keep their place where only metric or lifetimes change', async () => {
    await apply(device({ addresses: [{ address: '10.0.0.1/24', metric: 5 }] }))
    expect(await apply(device({ addresses: [{ address: '10.0.0.1/24', metric: 7, 'valid-lft': 1000 }] }))).toEqual([
      'change address 10.0.0.1/24 metric 7 valid-lft 1000 of nk0',
    ])
    await kernel.addresses.replace('nk0', { address: '10.0.0.1/24', metric: 7, validLifetime: 900 })
    await apply(device({ addresses: [{ address: '10.0.0.1/24', metric: 7, 'valid-lft': 1000 }] }))
    expect((await kernel.addresses.list({ device: 'nk0', family: 'inet' }))[0].validLifetime).toBeLessThanOrEqual(900)
  })

  test('with another end, label or scope are given and taken', async () => {
    const odd = { address: '10.0.0.1', peer: '10.0.0.2/32', label: 'nk0:x', scope: 'link', broadcast: '10.0.0.9' }
    await apply(device({ addresses: [odd] }))
    expect(await apply(device({ addresses: [] }))).toEqual([
      'remove address 10.0.0.1 peer 10.0.0.2/32 broadcast 10.0.0.9 label nk0:x scope link from nk0',
    ])
  })

  test('of IPv6 that the kernel makes are neither removed nor told of', async () => {
    const pair = { pairs: { p: { mode: 'l2', up: true, addresses: ['10.0.0.1/24'], peer: { name: 'q', up: true } } } }
    await apply(pair)
    const before = await kernel.addresses.list({ device: 'p', family: 'inet6' })
    expect(before).toMatchObject([{ scope: 'link' }])
    await apply({ pairs: { p: { ...pair.pairs.p, addresses: [] } } })
    expect((await kernel.addresses.list({ device: 'p', family: 'inet6' }))[0].address).toBe(before[0].address)
    expect((await kernel.state.export()).document.pairs?.p.addresses).toBeUndefined()
  })

  test('that others gave are taken from a device of the set, but not from a NIC that is only used', async () => {
    await kernel.nics.add({ name: 'eth0' })
    await apply({ nics: { eth0: { up: true, addresses: ['10.0.0.1/24'] } }, ...device({}) })
    await kernel.addresses.add('eth0', { address: '10.9.0.1/24' })
    await kernel.addresses.add('nk0', { address: '10.9.1.1/24' })
    await apply({ nics: { eth0: { up: true, addresses: [] } }, ...device({ addresses: [] }) })
    expect([await addresses('eth0'), await addresses('nk0')]).toEqual([['10.9.0.1/24'], []])
  })

  test('that are left over on what the set does not own go with prune, and are told of otherwise', async () => {
    await kernel.nics.add({ name: 'eth0' })
    await apply({ nics: { eth0: { addresses: ['10.0.0.1/24'] } }, own: { lo: { addresses: ['192.0.2.1/32'] } } })
    await kernel.addresses.add('eth0', { address: '10.9.0.1/24' })
    expect((await kernel.state.apply(document({}))).undeclared).toEqual(['10.0.0.1/24 of eth0', '192.0.2.1/32 of lo'])
    await apply({}, { prune: true })
    expect([await addresses('eth0'), await addresses('lo')]).toEqual([['10.9.0.1/24'], []])
  })

  test('are given anew after a move, a fall, and a recreation', async () => {
    const state = { addresses: ['10.0.0.1/24', { address: '2001:db8::1/64', nodad: true }] }
    await apply({ namespaces: { pod: {} }, ...device(state) })
    await apply({ namespaces: { pod: {} }, ...device({ ...state, netns: 'pod' }) })
    expect(await addresses('nk0', { in: 'pod' })).toEqual(['10.0.0.1/24'])
    await apply({ namespaces: { pod: {} }, ...device({ ...state, netns: 'pod', up: false }) })
    await apply({ namespaces: { pod: {} }, ...device({ ...state, netns: 'pod', mode: 'l2' }) }, { allowRecreate: true })
    const [first] = await kernel.addresses.list({ in: 'pod', device: 'nk0', family: 'inet6' })
    expect(first.address).toBe('2001:db8::1')
  })
})

test('neighbours are made, changed and forgotten; those that were learnt are not', async () => {
  const known = (lladdr: string) =>
    device({
      mode: 'l2',
      neighbours: [
        { to: '10.0.0.9', lladdr },
        { to: '10.0.0.8', proxy: true },
      ],
    })
  await apply(known('02:00:00:00:00:09'))
  await kernel.neighbours.add('nk0', { address: '10.0.0.7', lladdr: '02:00:00:00:00:07', state: 'stale' })
  expect(await apply(known('02:00:00:00:00:0a'))).toEqual(['change neighbour 10.0.0.9 lladdr 02:00:00:00:00:0a on nk0'])
  expect(await apply(device({ mode: 'l2', neighbours: [] }))).toEqual([
    'remove neighbour 10.0.0.9 lladdr 02:00:00:00:00:0a on nk0',
    'remove neighbour 10.0.0.8 proxy on nk0',
  ])
  const left = await kernel.neighbours.list({ family: 'inet' })
  expect(left.map(({ address }) => address)).toEqual(['10.0.0.7'])
})

describe('routes', () => {
  const base = device({ addresses: ['10.0.0.1/24', '10.0.0.2/24'] })
  const own = (...list: object[]) => ({ ...base, own: { routes: list } })

  test('of others are neither removed nor replaced, unless they are adopted', async () => {
    await apply(base)
    await kernel.routes.add({ dst: '10.1.0.0/16', via: '10.0.0.9' })
    await kernel.routes.add({ dst: '10.2.0.0/16', via: '10.0.0.9', protocol: 'static' })
    await apply(own({ to: '10.3.0.0/16', via: '10.0.0.9' }, { to: '10.2.0.0/16', via: '10.0.0.9' }))
    expect(await apply(own())).toEqual(['remove route 10.3.0.0/16 via 10.0.0.9 dev nk0'])
    const mine = own({ to: '10.1.0.0/16', via: '10.0.0.8' })
    expect(await faults(mine)).toEqual([
      'own.routes[0] cannot be had: 10.1.0.0/16 via 10.0.0.9 dev nk0 is there, which is not of this set; another metric, or --adopt, which replaces it',
    ])
    expect(await apply(mine, { adopt: true })).toEqual(['replace route 10.1.0.0/16 via 10.0.0.8'])
    expect(await routes()).toEqual(['10.1.0.0/16', '10.2.0.0/16'])
  })

  test('that go along with an address or with a device come back in the same run', async () => {
    const list = [
      { to: 'default', via: '10.0.0.254' },
      { to: '10.5.0.0/16', via: '10.0.0.9', src: '10.0.0.2' },
      { to: '10.6.0.0/16', dev: 'nk0', metric: 4 },
    ]
    await apply(own(...list))
    const other = { own: { routes: list }, ...device({ addresses: ['10.0.0.3/24', '10.0.0.2/24'] }) }
    expect(await apply(other)).toEqual([
      'remove address 10.0.0.1/24 from nk0',
      'add address 10.0.0.3/24 to nk0',
      'add address 10.0.0.2/24 to nk0',
      'add route 10.6.0.0/16 dev nk0 metric 4',
      'add route default via 10.0.0.254',
      'add route 10.5.0.0/16 via 10.0.0.9 src 10.0.0.2',
    ])
    await kernel.devices.set('nk0', { up: false })
    expect(await apply(other)).toHaveLength(4)
    expect(await routes()).toEqual(['default', '10.5.0.0/16', '10.6.0.0/16'])
  })

  test('of IPv6 change between one way, several, and none', async () => {
    const state = device({ mode: 'l2', addresses: [{ address: '2001:db8::1/64', nodad: true }] })
    const to = '2001:db8:9::/48'
    const ways = [{ via: '2001:db8::2' }, { via: '2001:db8::3', dev: 'nk0', weight: 2 }]
    for (const route of [
      { to, via: '2001:db8::2' },
      { to, nexthops: ways },
      { to, type: 'unreachable' },
      { to, dev: 'nk0' },
    ])
      await apply({ ...state, own: { routes: [route] } })
    expect(await kernel.routes.list({ family: 'inet6' })).toMatchObject([
      { dst: '2001:db8::/64' },
      { dst: to, nexthops: [{ gateway: undefined }] },
      { dst: 'fe80::/64' },
    ])
  })

  test('name devices as they will be called', async () => {
    await apply(own({ to: '10.1.0.0/16', dev: 'nk0' }))
    const renamed = {
      singles: { nk0: { ...base.singles.nk0, name: 'up0' } },
      own: { routes: [{ to: '10.1.0.0/16', dev: 'up0' }] },
    }
    expect(await apply(renamed)).toEqual(['rename nk0 to up0'])
    expect(await faults({ ...renamed, own: { routes: [{ to: '10.1.0.0/16', dev: 'nk0' }] } })).toEqual([
      "own.routes[0].dev must be a device that is there or declared here, not 'nk0'",
    ])
  })

  test('and rules of two sets stand side by side', async () => {
    const both = { routes: [{ to: '10.1.0.0/16', type: 'blackhole' }], rules: [{ priority: 7, table: 100 }] }
    await apply({ set: 'one', own: both })
    await apply({
      set: 'two',
      own: { routes: [{ to: '10.2.0.0/16', type: 'blackhole' }], rules: [{ priority: 8, table: 100 }] },
    })
    expect((await kernel.state.export({ set: 'one' })).document.own).toEqual({ ...both, lo: undefined })
    await apply({ set: 'two', own: { routes: [], rules: [] } })
    expect(await routes()).toEqual(['10.1.0.0/16'])
    expect((await kernel.rules.list()).map(({ priority }) => priority)).toEqual([0, 7, 32766, 32767])
  })

  test('and rules that no list declares any more are told of, and go with prune', async () => {
    await apply({
      namespaces: { pod: {} },
      own: { routes: [{ to: '10.1.0.0/16', type: 'blackhole' }], rules: [{ priority: 7, action: 'prohibit' }] },
    })
    expect((await kernel.state.apply(document({ namespaces: { pod: {} } }))).undeclared).toEqual([
      'route blackhole 10.1.0.0/16',
      'rule priority 7 action prohibit',
    ])
    expect(await apply({ namespaces: { pod: {} } }, { prune: true })).toEqual([
      'remove rule priority 7 action prohibit',
      'remove route blackhole 10.1.0.0/16',
    ])
  })
})

test('two sets that bear the same number are not mixed up', async () => {
  const number = async (set: string): Promise<number> => {
    const { steps } = await kernel.state.plan(
      document({ set, own: { routes: [{ to: '10.1.0.0/16', type: 'throw' }] } }),
    )
    return 'protocol' in steps[0] ? steps[0].protocol : 0
  }
  const first = await number('x0')
  let other = 'x1'
  for (let i = 2; (await number(other)) !== first; i++) other = `x${i}`
  await apply({ set: 'x0', singles: { nk0: {} } })
  expect(await faults({ set: other, own: { rules: [{ priority: 7 }] } })).toEqual([
    `set must be another name: routes of set x0, which is there, bear the same number ${first}`,
  ])
})

describe('export', () => {
  test('of everything has what people made, says what it cannot say, and gives the same elsewhere', async () => {
    await kernel.devices.add({ kind: 'dummy', name: 'd0', up: true })
    await kernel.addresses.add('d0', { address: '10.7.0.1/24' })
    await kernel.devices.add({ kind: 'netkit', name: 'nk0', peer: { name: 'nk1' }, up: true })
    await kernel.addresses.add('nk0', { address: '10.0.0.1/24', label: 'nk0:a' })
    await kernel.routes.add({ dst: '10.1.0.0/16', via: '10.7.0.2' })
    await kernel.routes.add({ dst: '10.2.0.0/16', device: 'nk0', protocol: 'static', metric: 9 })
    await kernel.routes.add({ dst: '10.3.0.0/16', device: 'nk0', protocol: 'bird' })
    await kernel.rules.add({ priority: 9, from: '10.1.0.0/16', table: 7 })
    await kernel.rules.add({ priority: 10, realms: 5 })
    const { document: whole, omitted } = await kernel.state.export({ all: true })
    expect(omitted).toEqual([
      'route 10.1.0.0/16 via 10.7.0.2 dev d0: d0 is not in the document',
      'rule 10: documents cannot say it',
    ])
    expect(whole.own).toEqual({
      routes: [{ to: '10.2.0.0/16', dev: 'nk0', metric: 9 }],
      rules: [{ priority: 9, from: '10.1.0.0/16', table: 7 }],
    })
    expect(whole.pairs?.nk0.addresses).toEqual([{ address: '10.0.0.1/24', label: 'nk0:a' }])
    await using empty = await connect(embedded())
    await empty.state.apply(document(JSON.parse(JSON.stringify({ ...whole, set: 's' }))))
    expect((await empty.state.export({ all: true })).document.own).toEqual(whole.own)
  })
})
