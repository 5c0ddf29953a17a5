import type { SpecialField } from '../btf/special-fields.ts'
import { ANY, isKnown, known, type Scalar } from './scalar.ts'
import { Trace } from './trace.ts'

/** What the verifier has to know of a map. */
export interface MapFacts {
  readonly name?: string
  /** MAP_TYPE. */
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  /** MAP_FLAG. */
  readonly flags: number
  /** Members of its values that only helpers may touch. */
  readonly special?: readonly SpecialField[]
  /** Of maps of maps: what their elements look like. */
  readonly inner?: MapFacts
  /** Values that never change any more: read-only to programs and frozen. */
  readonly constants?: Uint8Array
}

/** What a register can hold, in the words of the kernel's log. */
export type RegType =
  | '?'
  | 'scalar'
  | 'ctx'
  | 'fp'
  | 'pkt'
  | 'pkt_meta'
  | 'pkt_end'
  | 'map_ptr'
  | 'map_value'
  | 'mem'
  | 'ringbuf_mem'
  | 'func'
  | 'sock'
  | 'sock_common'
  | 'tcp_sock'
  | 'xdp_sock'
  | 'dynptr'
  | 'const_dynptr'
  | 'iter_num'

/** A register, or a spilled one. Never changed, only replaced. */
export interface Reg {
  readonly type: RegType
  /** The number; of a pointer the part of its offset that is not known. */
  readonly scalar: Scalar
  /** The part of a pointer's offset that is known. */
  readonly off: number
  /** May be null: nothing else can be done with it before that was tested. */
  readonly nullable: boolean
  /** Not 0: what it has in common with others of the same id, the number, the unknown offset, being null or not. */
  readonly id: number
  /** Of packet pointers: bytes from offset 0 that were compared with the end. */
  readonly range: number
  /** Of map pointers and values. */
  readonly map?: MapFacts
  /** Of numbers: where they came from; absent where nothing is known of the number. */
  readonly trace: Trace | undefined
  /** Of numbers with an id: what has to be taken away to get the number that the id stands for. */
  readonly delta: number
  /** Only the low halves are so far apart; the upper half is zero. */
  readonly isHalf: boolean
  /** Of `mem` and `ringbuf_mem`: bytes. */
  readonly size: number
  /** Of stack pointers: the frame's depth. Of `func`: where it starts. */
  readonly frame: number
  /** Not 0: the reference that has to be released. */
  readonly ref: number
  readonly readonly: boolean
  /** Of dynptrs and slices of them: what they stand for. Of iterators: `active` or `drained`. */
  readonly kind: string
  /** Not 0: id of the dynptr that it is a slice of. */
  readonly parent: number
}

const PLAIN = {
  off: 0,
  nullable: false,
  id: 0,
  range: 0,
  map: undefined,
  trace: undefined,
  delta: 0,
  isHalf: false,
  size: 0,
  frame: 0,
  ref: 0,
  readonly: false,
  kind: '',
  parent: 0,
} as const
const ZERO = known(0)

export const NONE: Reg = { type: '?', scalar: ANY, ...PLAIN }
export const UNKNOWN_SCALAR: Reg = { type: 'scalar', scalar: ANY, ...PLAIN }

export const number = (scalar: Scalar, id = 0, delta = 0, trace: Trace | undefined = new Trace()): Reg => ({
  type: 'scalar',
  scalar,
  off: 0,
  nullable: false,
  id,
  range: 0,
  map: undefined,
  trace,
  delta,
  isHalf: false,
  size: 0,
  frame: 0,
  ref: 0,
  readonly: false,
  kind: '',
  parent: 0,
})
export const constant = (n: bigint | number): Reg => number(known(n))
/** A number that was made of others. */
export const derived = (scalar: Scalar, a: Reg, b?: Reg): Reg => number(scalar, 0, 0, new Trace(a.trace, b?.trace))
export const pointer = (type: RegType, more: Partial<Reg> = {}): Reg => ({ ...PLAIN, type, scalar: ZERO, ...more })

export const isPointer = (reg: Reg): boolean => reg.type !== 'scalar' && reg.type !== '?'
export const isNumber = (reg: Reg): boolean => reg.type === 'scalar'
export const isPacket = ({ type }: Reg): boolean => type === 'pkt' || type === 'pkt_meta' || type === 'pkt_end'
export const isSocket = ({ type }: Reg): boolean => type === 'sock' || type === 'sock_common' || type === 'tcp_sock'
/** The number 0: what null is. */
export const isZero = (reg: Reg): boolean => isNumber(reg) && isKnown(reg.scalar) && reg.scalar.umin === 0n

/** As the log calls its type. */
export const typeName = ({ type, nullable, readonly, kind }: Reg): string =>
  `${type === 'mem' && readonly ? 'rdonly_' : ''}${type}${kind && type === 'dynptr' ? `_${kind}` : ''}${nullable ? '_or_null' : ''}`
