import { embedded, type RandomState, randomFrom } from '@netkit/kernel'
import type { KernelDoors } from '@netkit/netlink'
import { TestKernel } from './kernel-process.ts'
import { type Operation, operations } from './operations.ts'
import { addresses, difference, readState, withoutChance } from './state.ts'

/** What a run of crashes did. */
export interface Crashes {
  readonly kills: number
  readonly acknowledged: number
  /** Kills after which the operation in flight turned out to be done, and not done. */
  readonly done: number
  readonly undone: number
}

export interface CrashOptions {
  readonly seed: number
  /** Operations that are acknowledged in all. */
  readonly operations: number
  /** Kills after which it is enough. */
  readonly kills?: number
  /** Most ms until a kill. */
  readonly within: number
  /** Bytes of log at which the kernel process writes a snapshot. */
  readonly compactBytes?: number
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

const demandSame = (difference: string, what: string): void => demand(difference === '', `${what}:\n${difference}`)

/** A twin of the kernel process that never crashes and is asked for the same. */
class Twin {
  readonly #doors: KernelDoors
  readonly #dice: RandomState
  /** Addresses as they were last seen, if nothing was changed since. */
  #addresses: ReadonlyMap<string, string> = new Map()
  /** The operation that was sent and not acknowledged. */
  #inFlight: Operation | undefined

  constructor(doors: KernelDoors, dice: RandomState) {
    this.#doors = doors
    this.#dice = dice
  }

  /** Does an operation on both and compares what they say, and now and then how they are. */
  async step(operation: Operation, doors: KernelDoors): Promise<void> {
    this.#inFlight = operation
    this.#addresses = new Map()
    const said = await operation.run(doors)
    this.#inFlight = undefined
    demand((await operation.run(this.#doors)) === said, `${operation.what}: said ${said}`)
    if (this.#dice.next() % 4 === 0) demandSame(await this.#compare(doors), operation.what)
  }

  /** How the kernel process differs from the twin. */
  async #compare(doors: KernelDoors): Promise<string> {
    const state = await readState(doors)
    this.#addresses = addresses(state)
    return difference(withoutChance(await readState(this.#doors)), withoutChance(state))
  }

  /** After a crash all that was acknowledged is there, and the operation in flight is done or not. Returns which. */
  async afterCrash(doors: KernelDoors): Promise<'done' | 'undone' | 'between'> {
    const inFlight = this.#inFlight
    this.#inFlight = undefined
    const before = this.#addresses
    const undone = await this.#compare(doors)
    const changed = [...before].filter(([key, address]) => this.#addresses.get(key) !== address)
    demand(changed.length === 0, `addresses changed: ${changed}`)
    if (!inFlight) {
      demandSame(undone, 'between operations')
      return 'between'
    }
    if (undone === '') return 'undone'
    await inFlight.run(this.#doors)
    demandSame(await this.#compare(doors), `${inFlight.what} is half done: not undone:\n${undone}\nand not done`)
    return 'done'
  }
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Asks for random things and kills the kernel process at random moments, and looks whether anything is lost or half made. */
export async function crashes({
  seed,
  operations: wanted,
  kills = Number.POSITIVE_INFINITY,
  within,
  compactBytes,
}: CrashOptions): Promise<Crashes> {
  await using kernel = new TestKernel(compactBytes === undefined ? {} : { NETKIT_JOURNAL_BYTES: String(compactBytes) })
  const dice = randomFrom(seed ^ 0x5eed)
  const stream = operations(seed)
  let doors = await kernel.connect()
  const twin = new Twin(await embedded()(), dice)
  const count = { kills: 0, acknowledged: 0, done: 0, undone: 0, between: 0 }
  while (count.acknowledged < wanted && count.kills < kills) {
    const killed = later(dice.next() % within).then(() => kernel.kill())
    try {
      while (true) {
        await twin.step(stream.next().value, doors)
        count.acknowledged++
      }
    } catch (error) {
      if (!isGone(error)) throw error
    } finally {
      await killed
    }
    count.kills++
    doors = await kernel.connect()
    count[await twin.afterCrash(doors)]++
  }
  return count
}

const isGone = (error: unknown): boolean => {
  const { code } = error as { code?: unknown }
  return code === 'ECONNRESET' || code === 'ENOTCONN'
}
