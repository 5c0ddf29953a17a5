import { connect, type EventStream, type Kernel, KernelError } from 'netkit'
import { eventText } from './event-text.ts'
import type { KernelKind } from './kind.ts'
import { mismatch } from './matches.ts'
import type { Place, Refused, Row } from './row.ts'
import { act, deviceView, type Scene } from './steps.ts'

const PLACES: readonly Place[] = ['A', 'B', 'C']
let played = 0

/** A row that is not true of this kernel. */
class Untrue extends Error {
  override readonly name = 'Untrue'
}

/** Plays a row on a kernel; rejects if it is not true there. Leaves nothing behind. */
export async function playRow(kind: KernelKind, row: Row): Promise<void> {
  await using kernel = await connect(kind.provider())
  const lab = kind.lab(kernel)
  const { named, clear } = places(kernel)
  const scene = { kernel, lab, named }
  try {
    await named('A')
    for (const [i, step] of (row.given ?? []).entries()) {
      await act(scene, step).catch((e) => fail(`given ${i + 1}, ${step.do}: ${e instanceof Error ? e.message : e}`))
    }
    // A kernel may put off telling of carriers: that of what is given is not what is asked about.
    if (row.tells) await wait(kind.quiet)
    const heard = await Promise.all(Object.keys(row.tells ?? {}).map((place) => hear(scene, place as Place)))
    if (row.when) await doWhen(scene, row)
    await checkHeard(scene, row, heard, kind.quiet)
    await checkSights(scene, row)
  } finally {
    await clear()
    await lab.clear()
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

type Stage = Omit<Scene, 'in'>

function places(kernel: Kernel) {
  const prefix = `suite-${process.pid}-${++played}-`
  const made = new Map<Place, Promise<string>>()
  const create = async (name: string) => {
    await kernel.namespaces.create(name)
    return name
  }
  return {
    named(place: Place): Promise<string> {
      const found = made.get(place) ?? create(prefix + place)
      made.set(place, found)
      return found
    },
    async clear() {
      const there = new Set(await kernel.namespaces.list())
      for (const place of PLACES) if (there.has(prefix + place)) await kernel.namespaces.remove(prefix + place)
    },
  }
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }

async function doWhen(scene: Stage, { when, refused, answers }: Row): Promise<void> {
  const outcome: Outcome = await act(scene, when!).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if (refused) return checkRefused(refused, outcome)
  if ('error' in outcome) fail(`refused: ${outcome.error instanceof Error ? outcome.error.message : outcome.error}`)
  if (answers) check('answer', answers, outcome.value)
}

function checkRefused({ code, extack, attr, missing }: Refused, outcome: Outcome): void {
  if (!('error' in outcome)) fail(`${code} was expected, it succeeded`)
  if (!(outcome.error instanceof KernelError)) throw outcome.error
  const { code: got, ...said } = outcome.error
  if (got !== code) fail(`${code} was expected: ${outcome.error.message}`)
  const wanted = { extack: extack ?? undefined, attr: attr ?? undefined, missing }
  for (const [key, value] of Object.entries({ extack, attr, missing } as const))
    if (value !== undefined) check(key, wanted[key as keyof typeof wanted], said[key as keyof typeof said])
}

interface Heard {
  readonly place: Place
  readonly stream: EventStream
  readonly events: string[]
  readonly done: Promise<void>
}

async function hear({ kernel, named }: Stage, place: Place): Promise<Heard> {
  const stream = await kernel.events({ in: await named(place), groups: ['link', 'nsid', 'netdev', 'ethtool'] })
  const events: string[] = []
  const listen = async () => {
    for await (const event of stream) events.push(eventText(event))
  }
  return { place, stream, events, done: listen() }
}

async function checkHeard(scene: Stage, { tells }: Row, heard: readonly Heard[], quiet: number): Promise<void> {
  if (heard.length === 0) return
  await wait(quiet)
  for (const one of heard) await checkEvents(scene, one, tells?.[one.place] ?? [])
}

const END = 'suite-end'

/** What was heard until a device appears that is made for this: by then all that was to come has come. */
async function checkEvents({ kernel, named }: Stage, heard: Heard, wanted: readonly string[]): Promise<void> {
  const { place, stream, events, done } = heard
  const { ifindex } = await kernel.devices.add({ kind: 'dummy', name: END, in: await named(place) })
  // rtnetlink and generic netlink are sockets of their own: between them there is no order.
  for (const [generic, last] of [
    [false, `newlink ${END} created`],
    [true, `dev-add ${ifindex}`],
  ] as const) {
    while (!events.includes(last)) await new Promise((resolve) => setTimeout(resolve, 10))
    const part = (list: readonly string[]) => list.filter((event) => isGeneric(event) === generic)
    const found = part(events)
    check(`told in ${place}`, part(wanted), found.slice(0, found.indexOf(last)))
  }
  await stream.close()
  await done
}

const isGeneric = (event: string): boolean => /^(dev|ethtool)\b/.test(event)

async function checkSights({ kernel, named }: Stage, row: Row): Promise<void> {
  for (const [which, parts] of Object.entries(row.shows ?? {})) {
    const [name, place = 'A'] = which.split('@')
    const device = await kernel.devices.find(name, { in: await named(place as Place) })
    if (parts === null ? device : !device) fail(`${which} is ${device ? 'there' : 'not there'}`)
    if (parts && device) check(which, parts, deviceView(device))
  }
  for (const [which, counts] of Object.entries(row.queues ?? {})) {
    const [device, place = 'A'] = which.split('@')
    const queues = await kernel.queues.list({ device, in: await named(place as Place) })
    const count = (type: string) => queues.filter((queue) => queue.type === type).length
    check(`queues of ${which}`, counts, [count('rx'), count('tx')])
  }
  for (const [place, wanted] of Object.entries(row.leases ?? {})) {
    const leases = await kernel.leases.list({ in: await named(place as Place) })
    check(
      `leases in ${place}`,
      wanted,
      leases.map(({ lessor, lessee }) => {
        const id = lessee.namespace.netnsid
        return `${lessor.name} ${lessor.queue} > ${lessee.name} ${lessee.queue}${id === undefined ? '' : ` #${id}`}`
      }),
    )
  }
  for (const [place, wanted] of Object.entries(row.nsids ?? {}))
    check(`nsids of ${place}`, wanted, await kernel.namespaces.ids({ in: await named(place as Place) }))
}

function check(what: string, wanted: unknown, found: unknown): void {
  const difference = mismatch(wanted, found)
  if (difference !== undefined) fail(`${what}: ${difference}`)
}

function fail(why: string): never {
  throw new Untrue(why)
}
