import { embedded, simulatedWorld } from '@netkit/kernel'
import { connect, IncompleteError, type Kernel } from 'netkit'
import { describe, expect, test } from 'vitest'
import { familyIds } from '../testing/families.ts'
import { refusing } from '../testing/refusing.ts'
import { LEASED, shell } from '../testing/shell.ts'

type Operation = (kernel: Kernel, line: (words: string) => Promise<void>) => Promise<unknown>

/** Every operation that takes several requests, by what it does, with how many of these change something. */
const OPERATIONS: readonly (readonly [name: string, changes: number, Operation])[] = [
  [
    'a pair into a namespace, with names and switches of both ends',
    6,
    (k) =>
      k.devices.addPair({
        name: 'a',
        alias: 'outside',
        altnames: ['x'],
        peer: { namespace: 'pod', name: 'b', up: true, alias: 'inside', altnames: ['y', 'z'] },
      }),
  ],
  ['a veth pair', 2, (k) => k.devices.add({ kind: 'veth', name: 'a', peer: { name: 'b', up: true } })],
  ['alternative names', 3, (k) => k.devices.addAltnames('p0', ['x', 'y', 'z'])],
  ['alternative names that go', 2, (k) => k.devices.removeAltnames('p0', ['one', 'two'])],
  [
    'a single device with leases',
    3,
    (k) => k.leases.addDevice({ name: 'a', in: 'pod', lessor: { device: 'eth0', queues: [1, 2] } }),
  ],
  ['netkit link add', 3, (_, line) => line('link add a altname x type netkit peer name b netns pod up')],
  ['netkit link set with a move', 2, (_, line) => line('link set p0 netns pod name a mtu 1400 up')],
  [
    'netkit link set with policies and a move',
    3,
    (_, line) => line('link set p0 netns pod mtu 1400 type netkit blackhole peer policy blackhole'),
  ],
  ['netkit link set in another namespace', 2, (_, line) => line('-n pod link set q0 netns other alias hello')],
]

/** What is done before: devices that operations change. */
const BENCH = [
  ...LEASED,
  'netns add other',
  'link add p0 mtu 1300 altname one altname two up type netkit mode l2 peer name p1',
  '-n pod link add q0 type dummy',
]

/** A kernel, and a connection to it on which some changes are refused. */
async function bench(refuses: (n: number) => boolean) {
  const provider = embedded({ world: simulatedWorld() })
  const netkit = shell()
  for (const line of BENCH) expect(await netkit(line, { kernel: provider }), line).toMatchObject({ status: 0 })
  const families = await familyIds(provider)
  const hostile = async () => refusing(await provider(), families, refuses)
  const kernel = await connect(hostile)
  const line = async (words: string) => {
    const { status, err } = await netkit(words, { kernel: hostile })
    if (status !== 0) throw new Error(err)
  }
  return { kernel, line, seen: () => seen(provider) }
}

/** All that a rollback can bring back, of all namespaces. */
async function seen(provider: Parameters<typeof connect>[0]): Promise<unknown> {
  await using kernel = await connect(provider)
  const all: unknown[] = []
  for (const place of [undefined, 'pod', 'other']) {
    for (const { ifindex, name, flags, altnames, attrs } of await kernel.devices.list({ in: place })) {
      const { mtu, ifalias, linkinfo, link, group } = attrs
      all.push({
        place,
        ifindex,
        name,
        up: flags & 1,
        mtu,
        ifalias,
        altnames: altnames.toSorted(),
        linkinfo,
        link,
        group,
      })
    }
  }
  return [...all, await kernel.leases.listAll()]
}

describe.each(OPERATIONS)('%s', (_, changes, operate) => {
  test('takes as many changes as are refused below, one by one', async () => {
    let asked = 0
    const { kernel, line } = await bench((n) => {
      asked = Math.max(asked, n)
      return false
    })
    await operate(kernel, line)
    expect(asked).toBe(changes)
    await kernel.close()
  })

  test.each(Array.from({ length: changes }, (_, i) => i + 1))('is taken back when change %i is refused', async (n) => {
    const { kernel, line, seen } = await bench((k) => k === n)
    const before = await seen()
    await expect(operate(kernel, line)).rejects.toThrow('EOPNOTSUPP')
    expect(await seen()).toEqual(before)
    await kernel.close()
  })

  test.each(Array.from({ length: changes }, (_, i) => i + 1))(
    'says what is left when nothing works from change %i on',
    async (n) => {
      const { kernel, line, seen } = await bench((k) => k >= n)
      const before = await seen()
      const error: Error = await operate(kernel, line).then(
        () => expect.unreachable(),
        (e) => e,
      )
      expect(error.message).toContain('EOPNOTSUPP')
      expect(error instanceof IncompleteError || / left behind: /.test(error.message)).toBe(n > 1)
      if (n === 1) expect(await seen()).toEqual(before)
      else expect(await seen()).not.toEqual(before)
      await kernel.close()
    },
  )
})

test('what a move takes away for good is said', async () => {
  const { line } = await bench((n) => n === 2)
  await expect(line('link set p0 netns pod mtu 1400')).rejects.toThrow(
    'left behind: addresses and routes of p0, if it had any, are gone with the move',
  )
})
