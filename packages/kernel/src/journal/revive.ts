import { Kernel } from '../kernel.ts'
import { systemWorld, type World } from '../world.ts'
import { decodeEvent, encodeEvent } from './event.ts'
import { Journal } from './journal.ts'
import { JournalError, JournaledWorld } from './journaled-world.ts'
import { type Redo, Replay } from './replay.ts'
import { restoreSnapshot } from './snapshot.ts'

export interface ReviveOptions {
  /** Lines of the last snapshot, if there is one. */
  readonly snapshot?: Iterable<string>
  /** Events since, in order. */
  readonly events?: Iterable<Uint8Array>
  /** Takes each new event, as bytes. Throwing here ends the change that it tells of half way: end the process. */
  readonly append: (event: Uint8Array) => void
  /** Default: the machine's clock and dice. */
  readonly world?: World
  readonly release?: string
}

export interface Revived {
  readonly kernel: Kernel
  /** Through which all that clients do has to go. */
  readonly journal: Journal
  /** How many events were done again. */
  readonly events: number
}

const BOOT = 'boot'

/** Changes that do not come as datagrams, as they are made again. */
const changesOf = (kernel: Kernel): Readonly<Record<string, Redo>> => ({
  'namespace-add': (name) => kernel.names.add(name as string, kernel.createNamespace()),
  'namespace-remove': (name) => {
    kernel.names.delete(name as string)
    kernel.changes++
    kernel.settle()
  },
})

/**
 * A kernel in the state that a journal says, or a new one, with a journal to go on with. Clients of the time before are gone:
 * namespaces that only they held end here. Throws JournalError or SnapshotError where the journal does not fit.
 */
export function reviveKernel(options: ReviveOptions): Revived {
  const world = new JournaledWorld(options.world ?? systemWorld())
  const { snapshot, append, release } = options
  const events = [...(options.events ?? [])]
  const make = () => new Kernel({ world, release })
  let kernel: Kernel
  let done = 0
  if (snapshot) {
    kernel = make()
    world.resumeAt(restoreSnapshot(kernel, snapshot))
  } else if (events.length > 0) {
    kernel = reboot(world, events[0], make)
    done = 1
  } else
    kernel = world.record(make, ({ now, random }) =>
      append(encodeEvent({ kind: 'change', op: BOOT, args: null, now, random })),
    )

  const replay = new Replay(kernel, world, changesOf(kernel))
  for (; done < events.length; done++) {
    try {
      replay.event(events[done])
    } catch (cause) {
      throw new JournalError(
        `event ${done} of the journal: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
  }
  const journal = new Journal(kernel, world, append)
  replay.release()
  journal.releaseUnused()
  return { kernel, journal, events: done }
}

/** The first event of a journal without a snapshot: the beginning of the kernel, which throws dice, too. */
function reboot(world: JournaledWorld, first: Uint8Array, make: () => Kernel): Kernel {
  const event = decodeEvent(first)
  if (event.kind !== 'change' || event.op !== BOOT)
    throw new JournalError('the journal does not begin with the start of a kernel')
  world.resumeAt(event.now)
  return world.repeat(event, make)
}
