import { Kernel as EmbeddedKernel, embedded } from '@netkit/kernel'
import fc from 'fast-check'
import { connect, type Kernel } from 'netkit'
import { readState, type StateDocument } from 'netkit/state'
import { describe, expect, test } from 'vitest'
import { someDocument } from './documents.ts'
import { expectIp } from './expect-ip.ts'
import { type Watch, watched } from './watched.ts'

const seed = Number(process.env.NETKIT_SEED ?? (Math.random() * 0x7fff_ffff) | 0)
const ALL = { prune: true, allowRecreate: true } as const

/** A kernel with a client under watch. */
async function machine(): Promise<{ kernel: Kernel; watch: Watch; again: () => Promise<Kernel> }> {
  const provider = embedded({ kernel: new EmbeddedKernel() })
  const watch: Watch = { changes: 0, limit: Number.POSITIVE_INFINITY }
  return { kernel: await connect(watched(provider, watch)), watch, again: () => connect(provider) }
}

const exported = async (kernel: Kernel): Promise<StateDocument> => {
  const { document, omitted } = await kernel.state.export({ all: true, set: 's' })
  expect(omitted).toEqual([])
  return document
}

/** Without what every kernel chooses at random. */
const comparable = (document: StateDocument): unknown =>
  JSON.parse(JSON.stringify(document, (key, value) => (key === 'address' ? undefined : value)))

/** What holds of any documents, tried on so many. */
export const stateProperties = (numRuns: number) =>
  describe(`random documents, seed ${seed}`, () => {
    test('are brought about, and then nothing is left to do, nor sent', async () => {
      await fc.assert(
        fc.asyncProperty(someDocument, async (document) => {
          const { kernel, watch } = await machine()
          await kernel.state.apply(document)
          expectDeclared(document, await exported(kernel))
          await expectIp(document, kernel)
          const before = watch.changes
          expect((await kernel.state.apply(document)).steps).toEqual([])
          expect(watch.changes).toBe(before)
          await kernel.close()
        }),
        { seed, numRuns },
      )
    })

    test('what is exported gives the same on an empty kernel', async () => {
      await fc.assert(
        fc.asyncProperty(someDocument, async (document) => {
          const { kernel } = await machine()
          await kernel.state.apply(document)
          const first = await exported(kernel)
          const { kernel: other } = await machine()
          const { document: read, faults } = readState(first)
          expect(faults).toBeUndefined()
          await other.state.apply(read!)
          expect(await exported(other)).toEqual(first)
          await Promise.all([kernel.close(), other.close()])
        }),
        { seed, numRuns },
      )
    })

    test('one follows the other, and leaves what is of nobody as it was', async () => {
      await fc.assert(
        fc.asyncProperty(someDocument, someDocument, async (one, other) => {
          const { kernel } = await machine()
          await kernel.devices.add({
            kind: 'netkit',
            name: 'mine',
            data: { mode: 'l2' },
            peer: { name: 'yours' },
            mtu: 1300,
          })
          await kernel.devices.add({ kind: 'dummy', name: 'other', up: true })
          const foreign = () =>
            Promise.all(['mine', 'yours', 'other'].map(async (n) => (await kernel.devices.get(n)).attrs))
          const before = await foreign()
          await kernel.state.apply(one)
          await kernel.state.apply(other, ALL)
          expectDeclared(other, await exported(kernel))
          await expectIp(other, kernel)
          const { differences, undeclared } = await kernel.state.plan(other, ALL)
          expect({ differences, undeclared }).toEqual({ differences: [], undeclared: [] })
          expect(await foreign()).toEqual(before)
          await kernel.close()
        }),
        { seed, numRuns },
      )
    })

    test('cut short anywhere, and applied again, they come to the same', async () => {
      await fc.assert(
        fc.asyncProperty(someDocument, someDocument, fc.nat(), async (one, other, point) => {
          const whole = await machine()
          await whole.kernel.state.apply(one)
          const applied = whole.watch.changes
          await whole.kernel.state.apply(other, ALL)
          const wanted = comparable(await exported(whole.kernel))
          const total = whole.watch.changes

          const cut = await machine()
          cut.watch.limit = point % Math.max(total, 1)
          const document = cut.watch.limit < applied ? one : other
          await cut.kernel.state.apply(one).catch(() => undefined)
          if (document === other) await cut.kernel.state.apply(other, ALL).catch(() => undefined)
          const kernel = await cut.again()
          await kernel.state.apply(document, ALL)
          if (document === one) await kernel.state.apply(other, ALL)
          expect(comparable(await exported(kernel))).toEqual(wanted)
          await Promise.all([kernel.close(), whole.kernel.close()])
        }),
        { seed, numRuns },
      )
    })
  })

/** Holds every value of a document against what was exported, entry by entry. */
function expectDeclared(document: StateDocument, found: StateDocument): void {
  for (const section of ['nics', 'pairs', 'singles'] as const) {
    const entries = Object.fromEntries(
      Object.entries(document[section] ?? {}).map(([id, entry]) => [id, withoutUsual(entry)]),
    )
    expect(found[section] ?? {}).toMatchObject(entries)
  }
}

/** What exports leave out because it is usual. */
const USUAL: Readonly<Record<string, unknown>> = {
  scrub: 'default',
  headroom: 0,
  tailroom: 0,
  alias: '',
  'gso-max-size': 65536,
}

const withoutUsual = (entry: object): object =>
  JSON.parse(
    JSON.stringify(entry, (key, value) => {
      // Addresses and neighbours are looked for in the kernel itself.
      if (key === 'addresses' || key === 'neighbours') return undefined
      if (USUAL[key] === value || (key === 'leases' && value.length === 0)) return undefined
      return value
    }),
  )
