import { Kernel as EmbeddedKernel, embedded } from '@netkit/kernel'
import fc from 'fast-check'
import { ApplyError, connect, type Kernel } from 'netkit'
import { describe, expect, test } from 'vitest'
import { someDocument } from './documents.ts'
import { watched } from './watched.ts'

const seed = Number(process.env.NETKIT_SEED ?? (Math.random() * 0x7fff_ffff) | 0)
const RUNS = 15
const ALL = { prune: true, allowRecreate: true } as const

/** Two clients of one kernel; the first does what `before` says in front of each of its changes. */
async function two(before: (change: number, other: Kernel) => Promise<void>): Promise<[Kernel, Kernel]> {
  const provider = embedded({ kernel: new EmbeddedKernel() })
  const other = await connect(provider)
  const watch = { changes: 0, limit: Number.POSITIVE_INFINITY, before: () => before(watch.changes, other) }
  return [await connect(watched(provider, watch)), other]
}

describe(`two at once, seed ${seed}`, () => {
  test('who apply the same document both succeed, wherever one overtakes the other', async () => {
    await fc.assert(
      fc.asyncProperty(someDocument, fc.nat(60), async (document, point) => {
        const [slow, quick] = await two(async (change, other) => {
          if (change === point) await other.state.apply(document, ALL)
        })
        await slow.state.apply(document, ALL)
        expect((await quick.state.plan(document, ALL)).differences).toEqual([])
        await Promise.all([slow.close(), quick.close()])
      }),
      { seed, numRuns: RUNS },
    )
  })

  test('who do so side by side both succeed', async () => {
    await fc.assert(
      fc.asyncProperty(someDocument, async (document) => {
        const provider = embedded({ kernel: new EmbeddedKernel() })
        const clients = await Promise.all([connect(provider), connect(provider), connect(provider)])
        await Promise.all(clients.map((client) => client.state.apply(document, ALL)))
        expect((await clients[0].state.plan(document, ALL)).differences).toEqual([])
        await Promise.all(clients.map((client) => client.close()))
      }),
      { seed, numRuns: RUNS },
    )
  })

  test('what somebody removes meanwhile is made again', async () => {
    let removed = false
    const [kernel, other] = await two(async (_change, client) => {
      const found = removed ? undefined : await client.devices.find('s0')
      if (!found) return
      removed = true
      await client.devices.remove(found)
    })
    await kernel.state.apply({ version: 1, singles: { s0: { mtu: 1300 }, s1: {} } })
    expect(removed).toBe(true)
    expect((await other.devices.get('s0')).mtu).toBe(1300)
  })

  test('what somebody puts in the way meanwhile is not touched, and told of', async () => {
    let done = false
    const [kernel, other] = await two(async (_change, client) => {
      if (done || !(await client.devices.find('s0'))) return
      done = true
      await client.devices.add({ kind: 'dummy', name: 's1' })
    })
    const failure = await kernel.state.apply({ version: 1, singles: { s0: {}, s1: {} } }).catch((e) => e)
    expect(failure).toBeInstanceOf(ApplyError)
    expect(failure).toMatchObject({
      done: [{ of: 'singles.s0' }],
      failed: { of: 'singles.s1' },
      cause: { code: 'EEXIST' },
    })
    expect((await other.devices.get('s1')).kind).toBe('dummy')
  })

  test('a refusal that stays ends it', async () => {
    let asked = 0
    const [kernel] = await two(async () => {
      asked++
    })
    const document = { version: 1, singles: { s0: { 'gso-max-size': 0xffff_ffff } } } as const
    await expect(kernel.state.apply(document)).rejects.toMatchObject({
      name: 'ApplyError',
      done: [],
      failed: { do: 'single add' },
      cause: { code: 'EINVAL', extack: 'too big gso_max_size' },
    })
    expect(asked).toBeLessThanOrEqual(4) // one of them asks whether the kernel knows single devices
  })
})
