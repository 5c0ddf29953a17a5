import type { ErrnoName } from '@netkit/netlink'
import type { StepOf } from './steps.ts'

/** Namespaces of a row: fresh ones, made when they are first named, gone at its end. */
export type Place = 'A' | 'B' | 'C'

/** One thing that is done. `in`: where, by default in A. */
export type Step = StepOf

/** What a kernel refuses a step with. What is absent is not looked at; null: there must be none. */
export interface Refused {
  readonly code: ErrnoName
  readonly extack?: string | null
  readonly attr?: string | null
  readonly missing?: string
}

/** Parts of a value that must be as given. undefined: must be absent. */
export type Parts = Readonly<Record<string, unknown>>

/** One fact about a kernel, as data: what is there, what is done, and what then must be true. */
export interface Row {
  readonly name: string
  /** Where the rule is written: section of the specification, and row of its table. */
  readonly from: string
  /** Steps that must succeed, in order. */
  readonly given?: readonly Step[]
  /** The step that the row is about. */
  readonly when?: Step
  readonly refused?: Refused
  /** Parts of what `when` results in. */
  readonly answers?: Parts
  /** Devices as they are at the end, by `name` or `name@PLACE`; null: there is none. See `deviceView`. */
  readonly shows?: Readonly<Record<string, Parts | null>>
  /** Queues in use at the end of devices that are up, by `name` or `name@PLACE`: receive, transmit. */
  readonly queues?: Readonly<Record<string, readonly [rx: number, tx: number]>>
  /** Leases of the physical devices of a place, as `eth0 3 > nk0 1`; with ` #ID` if the lessee's namespace is another. */
  readonly leases?: Readonly<Partial<Record<Place, readonly string[]>>>
  /** What is heard in a place because of `when`, each event in words, see `eventText`. */
  readonly tells?: Readonly<Partial<Record<Place, readonly string[]>>>
  /** Ids that a place has for others, at the end. */
  readonly nsids?: Readonly<Partial<Record<Place, readonly number[]>>>
}
