import type { Btf } from '../btf/type.ts'
import type { Code } from '../isa/code.ts'
import type { MapFacts } from './reg.ts'

/** What an LD_IMM64 stands for. */
export type Resolved =
  | { readonly kind: 'map'; readonly map: MapFacts }
  | { readonly kind: 'mapValue'; readonly map: MapFacts; readonly offset: number }

/** The type of the function that starts at a slot. */
export interface FunctionType {
  readonly slot: number
  /** A `func`. */
  readonly type: number
}

/** Types that a loader told with a program. */
export interface ProgramTypes {
  readonly btf: Btf
  /** In the loader's order. */
  readonly functions: readonly FunctionType[]
}

/** A line of a program's source. */
export interface SourceLine {
  readonly file: string
  /** The line itself; empty if it was not kept. */
  readonly text: string
  /** From 1. */
  readonly line: number
}

/** A program, who loads it, and what it refers to. */
export interface VerifyInput {
  /** With the LD_IMM64 as the loader wrote them. */
  readonly code: Code
  /** PROG_TYPE. */
  readonly programType: number
  /** ATTACH_TYPE. */
  readonly attachType: number
  /** Under a licence that is compatible with the GPL. */
  readonly gpl: boolean
  /** Loaded by someone with CAP_PERFMON. */
  readonly perfmon: boolean
  /** Refuse what is not aligned also in the packet. */
  readonly strictAlignment: boolean
  /** What the LD_IMM64 of kind map or mapValue at a slot refers to. */
  readonly resolved: ReadonlyMap<number, Resolved>
  /** Types that the loader told; without those of functions they cannot be pointed at. */
  readonly types?: ProgramTypes
  /** Source lines by the first slot of what they became. */
  readonly lines: ReadonlyMap<number, SourceLine>
  /** 0: no log is kept. */
  readonly logLevel: number
}
