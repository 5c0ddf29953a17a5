import { setImmediate } from 'node:timers/promises'
import { KernelError } from '@netkit/netlink'
import type { BpfMap, Kernel, LoadedObject, Program } from 'netkit'
import { Chance } from '../differential/chance.ts'
import type { ProgramCase } from './program-case.ts'
import { le32 } from './values.ts'

const CONTEXT_BYTES = 192
const MARK = 8
const PRIORITY = 32
const NEXT = 0xffff_ffff
/** A ring buffer has to be emptied before it is full. */
const READ_EVERY = 100

/** What came of a frame: the verdict, the packet and the context afterwards, as text. */
export type Outcome = string

/** What a kernel made of a case. */
export interface Played {
  readonly outcomes: readonly Outcome[]
  /** Elements of each map afterwards, sorted, as text. */
  readonly maps: Readonly<Record<string, readonly string[]>>
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Loads the object of a case into a kernel, runs its programs over `count` frames of a seed, and looks at its maps. */
export async function play(
  kernel: Kernel,
  of: ProgramCase,
  object: Uint8Array,
  seed: number,
  count: number,
): Promise<Played> {
  const chance = new Chance(seed)
  const file = kernel.bpf.open(object, of.object)
  for (const [name, value] of Object.entries(of.constants ?? {})) file.variables.set(name, value)
  await using loaded = await file.load()
  await fill(of, loaded, chance)
  const rings = await readers(loaded)
  const outcomes: Outcome[] = []
  for (let n = 0; n < count; n++) {
    const frame = of.frame(chance)
    const context = contextOf(chance)
    const programs = of.inTurn ? of.programs : [chance.pick(of.programs)]
    outcomes.push(
      await run(
        programs.map((name) => loaded.program(name)),
        frame,
        context,
      ),
    )
    if (n % READ_EVERY === 0) for (const ring of rings) await ring.read()
  }
  for (const ring of rings) await ring.read()
  const maps: Record<string, readonly string[]> = {}
  for (const [name, map] of loaded.maps) if (!of.volatile?.[name]) maps[name] = await contents(map)
  for (const ring of rings) {
    maps[ring.name] = ring.records
    await ring.close()
  }
  return { outcomes, maps }
}

export async function fill(of: ProgramCase, loaded: LoadedObject, chance: Chance): Promise<void> {
  for (const [name, elements] of Object.entries(of.elements?.(chance) ?? {}))
    for (const [key, value] of elements) await loaded.map(name).update(key, value)
  for (const [name, programs] of Object.entries(of.stages ?? {}))
    for (const [i, program] of programs.entries()) await loaded.map(name).update(le32(i), loaded.program(program))
}

function contextOf(chance: Chance): Uint8Array {
  const context = new Uint8Array(CONTEXT_BYTES)
  const view = new DataView(context.buffer)
  if (chance.oneIn(2)) view.setUint32(MARK, chance.below(0x1_0000_0000), true)
  if (chance.oneIn(4)) view.setUint32(PRIORITY, chance.below(16), true)
  return context
}

/** Runs programs as a device does: the next one sees what the one before it left. */
async function run(programs: readonly Program[], frame: Uint8Array, start: Uint8Array): Promise<Outcome> {
  let [data, context] = [frame, start]
  const verdicts: number[] = []
  for (const program of programs) {
    const ran = await program.testRun({ data, context }).catch(refusal)
    if (typeof ran === 'string') return ran
    const { retval, data: left, context: told } = ran
    verdicts.push(retval | 0)
    ;[data, context] = [left.slice(), told.slice()]
    if (retval !== NEXT) break
  }
  return `${verdicts.join(' ')} ${hex(data)} ${hex(context)}`
}

/** Frames that PROG_TEST_RUN does not take, such as such that end with the link-layer header. */
function refusal(error: unknown): string {
  if (error instanceof KernelError) return error.code
  throw error
}

/** Elements in an order of their own; values of CPUs are added up word by word, as nobody says which of them runs. */
export async function contents(map: BpfMap): Promise<string[]> {
  const { type } = map.info
  if (type === 'queue' || type === 'stack') {
    const values: string[] = []
    for (let value = await map.pop(); value !== undefined; value = await map.pop()) values.push(JSON.stringify(value))
    return values
  }
  if (type === 'prog_array' || type === 'ringbuf') return []
  const elements: string[] = []
  for await (const [key, value] of map.rawEntries()) elements.push(`${hex(key)} ${hex(summed(map, value))}`)
  return elements.sort()
}

function summed(map: BpfMap, value: Uint8Array): Uint8Array {
  const { valuesPerElement } = map
  if (valuesPerElement === 1) return value
  const words = new BigUint64Array(value.slice().buffer)
  const each = words.length / valuesPerElement
  return new Uint8Array(
    BigUint64Array.from({ length: each }, (_, i) =>
      Array.from({ length: valuesPerElement }, (__, cpu) => words[cpu * each + i]).reduce(
        (sum, word) => sum + word,
        0n,
      ),
    ).buffer,
  )
}

/** Reads the ring buffers of an object whenever asked, as far as they are filled. */
async function readers(loaded: LoadedObject) {
  const rings = [...loaded.maps].filter(([, map]) => map.info.type === 'ringbuf')
  return Promise.all(
    rings.map(async ([name, map]) => {
      const iterator = (await map.records())[Symbol.asyncIterator]()
      const records: string[] = []
      let next: ReturnType<typeof iterator.next> | undefined
      const nothing = Symbol('nothing')
      return {
        name,
        records,
        async read(): Promise<void> {
          while (true) {
            next ??= iterator.next()
            // Some turns: where a kernel has to be asked, its answer takes one or two.
            let got: Awaited<typeof next> | typeof nothing = nothing
            for (let turn = 0; turn < 3 && got === nothing; turn++)
              got = await Promise.race([next, setImmediate(nothing as typeof nothing)])
            if (got === nothing || got.done) return
            records.push(hex(got.value))
            next = undefined
          }
        },
        close: async () => void iterator.return(undefined),
      }
    }),
  )
}
