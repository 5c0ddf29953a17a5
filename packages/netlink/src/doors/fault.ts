import { type ErrnoName, errno } from '../errno.ts'

/** Steps of the restart of a receive queue, in order; `recover`: back to the memory that there was, when `start` has failed. */
export const RESTART_STEPS = ['allocate', 'stop', 'start', 'recover'] as const
export type RestartStep = (typeof RESTART_STEPS)[number]

/**
 * Something that is to go wrong, for tests of what is built on a kernel.
 *
 * - `restart`: a step of the `nth` restart of a receive queue from now on fails, by default the next one with ENOMEM.
 * - `dump`: the next `times` dumps, default 1, say that they were interrupted (NLM_F_DUMP_INTR).
 * - `overrun`: the next `times` notifications, default 1, find each listener's receive buffer full: ENOBUFS for the reader.
 * - `stall`: nobody who listens is given anything for `ms`; what does not fit in a receive buffer meanwhile is lost.
 */
export type Fault =
  | {
      readonly kind: 'restart'
      /** The NIC's number. */
      readonly nic: number
      readonly queue: number
      readonly step: RestartStep
      readonly nth?: number
      readonly error?: ErrnoName
    }
  | { readonly kind: 'dump'; readonly times?: number }
  | { readonly kind: 'overrun'; readonly times?: number }
  | { readonly kind: 'stall'; readonly ms: number }

export const FAULT_KINDS = ['restart', 'dump', 'overrun', 'stall'] as const satisfies readonly Fault['kind'][]

/** An hour. */
const LONGEST_STALL = 3_600_000
const MOST = 0xffff_ffff

const isCount = (value: unknown, min: number): boolean =>
  value === undefined || (Number.isInteger(value) && (value as number) >= min && (value as number) <= MOST)

/** What is wrong with a fault, if anything is: the property, and what it may be. */
export function faultFault(fault: Fault): readonly [key: string, allowed: string] | undefined {
  const { kind } = fault
  if (!FAULT_KINDS.includes(kind)) return ['kind', FAULT_KINDS.join(', ')]
  if (kind === 'stall') return fault.ms >= 0 && fault.ms <= LONGEST_STALL ? undefined : ['ms', `0 to ${LONGEST_STALL}`]
  if (kind !== 'restart') return isCount(fault.times, 1) ? undefined : ['times', 'a positive integer']
  if (!RESTART_STEPS.includes(fault.step)) return ['step', RESTART_STEPS.join(', ')]
  if (!isCount(fault.nic, 0) || fault.nic === undefined) return ['nic', 'the number of a NIC']
  if (!isCount(fault.queue, 0) || fault.queue === undefined) return ['queue', 'the number of a queue']
  if (!isCount(fault.nth, 1)) return ['nth', 'a positive integer']
  if (fault.error !== undefined && !Object.hasOwn(errno, fault.error)) return ['error', 'the name of an errno']
  return undefined
}
