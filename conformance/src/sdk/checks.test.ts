import { embedded } from '@netkit/kernel'
import type { LinkAttrs } from '@netkit/netlink'
import fc from 'fast-check'
import { type AddOptions, connect, type FeatureName, InputError, KernelError, PROBES } from 'netkit'
import { expect, test } from 'vitest'

/** The request that these options stand for, as the SDK would make it if it checked nothing. */
function unchecked(o: AddOptions): LinkAttrs {
  const peer = o.peer && { header: { ifindex: o.peer.ifindex ?? 0 }, ...plain(o.peer) }
  return { ...plain(o), linkinfo: { kind: 'netkit', data: { ...o.data, peerInfo: peer } } } as LinkAttrs
}

const plain = ({
  name: ifname,
  mtu,
  address,
  numRxQueues,
  numTxQueues,
}: AddOptions | NonNullable<AddOptions['peer']>) => ({
  ifname,
  mtu,
  address,
  numRxQueues,
  numTxQueues,
})

/** Mostly sound values, so that many combinations are. */
const mostly = (good: readonly (string | number)[], bad: readonly (string | number)[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) })

const optional = { requiredKeys: [] as never[], noNullPrototype: true } as const
const settings = {
  name: mostly(['nk7', 'a', 'x%d'], ['%d%d', 'a b', '', '.', '1234567890123456']),
  mtu: mostly([68, 1500, 65535], [20, 70000]),
  address: mostly(['02:00:00:00:00:01'], ['01:00:00:00:00:01', '00:00:00:00:00:00', '02:00']),
  numRxQueues: mostly([1, 4, 1024], [1025, 4097, 0]),
  numTxQueues: mostly([1], [2, 0]),
}
const options = fc.record(
  {
    ...settings,
    data: fc.record(
      {
        mode: mostly(['l2', 'l2', 'l3', 0, 1], [2]),
        policy: mostly(['forward', 'blackhole', 0], [1]),
        peerPolicy: mostly(['forward', 'blackhole'], [7]),
        scrub: mostly(['none', 'default'], [2]),
        peerScrub: fc.constantFrom('none', 'default'),
        headroom: fc.constantFrom(0, 100, 65535),
        pairing: mostly(['pair', 'single', 0, 1], [3]),
      },
      optional,
    ),
    peer: fc.record({ ...settings, name: mostly(['p0', 'p%d'], ['p/']) }, optional),
  },
  optional,
)

test('the SDK refuses nothing that the kernel would carry out', async () => {
  let refused = 0
  let made = 0
  await fc.assert(
    fc.asyncProperty(options, async (o) => {
      await using kernel = await connect(embedded())
      const wanted = { kind: 'netkit', ...o } as AddOptions
      const error = await kernel.devices.add(wanted).then(
        () => undefined,
        (e) => e,
      )
      if (error === undefined) made++
      if (!(error instanceof InputError))
        return void expect(error ?? new KernelError({ op: '', errno: 1 })).toBeInstanceOf(KernelError)
      refused++
      const answer = await kernel.devices.addRaw(unchecked(wanted)).catch((e) => e)
      expect(answer, error.message).toBeInstanceOf(Error)
      expect(await kernel.devices.list()).toHaveLength(1)
    }),
    { numRuns: 400 },
  )
  expect(Math.min(refused, made)).toBeGreaterThan(5)
})

test('a refusal of the kernel names the attribute, wherever it is', async () => {
  await using kernel = await connect(embedded())
  await kernel.namespaces.create('pod')
  const refusal = (act: Promise<unknown>) =>
    act.then(
      () => undefined,
      ({ code, attr, extack }: KernelError) => [code, attr, extack],
    )
  const raw = (data: object) => kernel.devices.addRaw({ linkinfo: { kind: 'netkit', data } })
  expect(await refusal(raw({ mode: 7 }))).toEqual(['ERANGE', 'linkinfo.data.mode', 'integer out of range'])
  expect(await refusal(raw({ policy: 1 }))).toEqual([
    'EINVAL',
    'linkinfo.data.policy',
    'Provided default xmit policy not supported',
  ])
  expect(await refusal(raw({ peerInfo: { txqlen: 40000 } }))).toEqual([
    'ERANGE',
    'linkinfo.data.peerInfo.txqlen',
    'integer out of range',
  ])
  await kernel.devices.add({ kind: 'netkit', name: 'nk0', peer: { name: 'nk1' } })
  expect(await refusal(kernel.devices.change('nk1', { policy: 'blackhole' }))).toEqual([
    'EACCES',
    undefined,
    'netkit link settings can be changed only through the primary device',
  ])
  expect(await refusal(kernel.ethtool.channels.get('nk0'))).toEqual(['EOPNOTSUPP', undefined, undefined])
  expect(await refusal(kernel.ethtool.channels.get('nk7'))).toEqual([
    'ENODEV',
    'header.devName',
    'no device matches name',
  ])
  const nic = await kernel.nics.add({ queues: 2, name: 'eth0' })
  expect(await refusal(kernel.ethtool.channels.set('eth0', { combinedCount: 3 }))).toEqual([
    'EINVAL',
    'combinedCount',
    'requested channel count exceeds maximum',
  ])
  expect(await refusal(kernel.leases.add({ lessee: { device: 'nk1' }, lessor: { device: 'eth0' }, queue: 7 }))).toEqual(
    ['ERANGE', 'lease.queue.id', undefined],
  )
  expect(await refusal(kernel.namespaces.setId('pod', 0).then(() => kernel.namespaces.setId('pod', 1)))).toEqual([
    'EEXIST',
    'fd',
    'Peer netns already has a nsid assigned',
  ])
  await kernel.nics.remove(nic.id)
})

test('a kernel of a release that has a feature says yes when it is asked', async () => {
  await using kernel = await connect(embedded())
  const number = (release: string) => release.split('.').map(Number)
  const [major, minor] = number(kernel.release)
  for (const [name, { since }] of Object.entries(PROBES)) {
    const [wantMajor, wantMinor] = number(since)
    const should = major > wantMajor || (major === wantMajor && minor >= wantMinor)
    expect(await kernel.features.has(name as FeatureName), name).toBe(should)
  }
  expect(await kernel.devices.list()).toHaveLength(1)
})
