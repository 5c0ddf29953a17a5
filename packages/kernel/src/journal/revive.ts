import type { OpenTap } from '@netkit/netlink'
import type { KernelFiles } from '../files.ts'
import { Kernel } from '../kernel.ts'
import { systemWorld, type World } from '../world.ts'
import { type Birth, checkRelease, readBirth, writeBirth } from './birth.ts'
import { decodeEvent, encodeEvent } from './event.ts'
import { Journal } from './journal.ts'
import { JournalError, JournaledWorld } from './journaled-world.ts'
import { Replay } from './replay.ts'
import { restoreSnapshot, snapshotBirth } from './restore.ts'
import { Wires } from './wires.ts'

export interface ReviveOptions {
  /** Lines of the last snapshot, if there is one. */
  readonly snapshot?: readonly string[]
  /** Events since, in order. */
  readonly events?: Iterable<Uint8Array>
  /** Takes each new event, as bytes. Throwing here ends the change that it tells of half way: end the process. */
  readonly append: (event: Uint8Array) => void
  /** Default: the machine's clock and dice. */
  readonly world?: World
  /** Release that a new kernel answers as; default: the newest. One that was kept goes on as what it was: another is refused. */
  readonly release?: string
  /** What it is to do beyond Linux, this time; not kept. Default: nothing. */
  readonly extensions?: readonly string[]
  /** Nanoseconds since 1970, for the times in captures. Default: 0 at the start. */
  readonly wallClock?: () => bigint
  /** Files that wires can be connected to. Not touched here, see `reconnectWires`. */
  readonly files?: KernelFiles
  /** Opens TAP interfaces that wires can lead to. Not called here, either. */
  readonly openTap?: OpenTap
}

export interface Revived {
  readonly kernel: Kernel
  /** Through which all that clients do has to go. */
  readonly journal: Journal
  /** How many events were done again. */
  readonly events: number
}

const BOOT = 'boot'

/**
 * A kernel in the state that a journal says, or a new one, with a journal to go on with. Clients of the time before are gone:
 * namespaces that only they held end here. Throws JournalError or SnapshotError where the journal does not fit.
 */
export function reviveKernel(options: ReviveOptions): Revived {
  const { snapshot, append, release, extensions, files, openTap, wallClock = () => 0n } = options
  const world = new JournaledWorld(options.world ?? systemWorld())
  const wires = new Wires()
  const events = [...(options.events ?? [])]
  const make = (birth: Birth) => new Kernel({ world, files, openTap, extensions, ...birth })
  const remake = (birth: Birth) => {
    checkRelease(birth, release)
    return make(birth)
  }
  let kernel: Kernel
  let done = 0
  if (snapshot) {
    kernel = remake(snapshotBirth(snapshot))
    world.resumeAt(restoreSnapshot(kernel, wires, snapshot))
  } else if (events.length > 0) {
    kernel = reboot(world, events[0], remake)
    done = 1
  } else kernel = boot(world, { epoch: wallClock() - world.now(), release }, make, append)

  const replay = new Replay(kernel, world, wires)
  for (; done < events.length; done++) {
    try {
      replay.event(events[done])
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new JournalError(`event ${done} of the journal: ${why}`, { cause })
    }
  }
  // Time has passed meanwhile.
  world.resumeAt(wallClock() - kernel.epoch)
  const journal = new Journal(kernel, world, wires, append)
  replay.release()
  journal.releaseUnused()
  return { kernel, journal, events: done }
}

/** The beginning of a kernel, which throws dice, too. Its argument is what it was made with. */
function boot(
  world: JournaledWorld,
  birth: Birth,
  make: (birth: Birth) => Kernel,
  append: ReviveOptions['append'],
): Kernel {
  return world.record(
    () => make(birth),
    ({ now, random }) => append(encodeEvent({ kind: 'change', op: BOOT, args: writeBirth(birth), now, random })),
  )
}

/** The same again: the first event of a journal without a snapshot. */
function reboot(world: JournaledWorld, first: Uint8Array, make: (birth: Birth) => Kernel): Kernel {
  const event = decodeEvent(first)
  if (event.kind !== 'change' || event.op !== BOOT) {
    throw new JournalError('the journal does not begin with the start of a kernel')
  }
  world.resumeAt(event.now)
  return world.repeat(event, () => make(readBirth(event.args)))
}
