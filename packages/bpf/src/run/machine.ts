import type { Helper } from './helper.ts'

/** Part of memory that an unverified program may touch. */
export interface Window {
  readonly start: number
  /** First byte after it. */
  readonly end: number
  readonly writable: boolean
}

/** What programs run on: memory, helpers, limits. Engines are made for one machine; several engines can share one. */
export interface Machine {
  /**
   * Everything that programs see: a BPF pointer is a byte offset in here, zero-extended to 64 bits, and 0 is null. Little-endian.
   * A `WebAssembly.Memory` for the compiler; the interpreter takes anything with a buffer. It may grow between runs and in helpers:
   * never keep a view over a call of a body.
   */
  readonly memory: { readonly buffer: ArrayBufferLike }
  /** By helper id. Read when a program is loaded: a later change is not seen by programs that exist. */
  readonly helpers: ReadonlyMap<number, Helper>
  /** By the immediate of the call, that is by BTF id of the kernel's function. */
  readonly kfuncs: ReadonlyMap<number, Helper>
  /** Address of 8 bytes, aligned to 8, for results that are 64 bits wide. Valid until the next call of a body. */
  readonly resultCell: number
  /** Address of 4 bytes, aligned to 4, in which engines count the tail calls of a run. */
  readonly tailCallCell: number
  /**
   * Legacy packet load (LD_ABS, LD_IND): reads 1, 2 or 4 bytes at `offset` (int32; negative ones are relative to headers) of the
   * packet of context `ctx` (R6), stores them in host order and zero-extended as u64 in the result cell and returns 1; returns 0
   * if they are not there, upon which the current function returns with R0 = 0. Absent: such loads fault as `instruction`.
   */
  readonly packetLoad?: (ctx: number, offset: number, bytes: number) => number
  /** CPU number for per-CPU array lookups that engines inline. Default 0. */
  readonly cpu?: number
  /**
   * Backward jumps (target at or before the jump) and calls of subprograms and callbacks that a run of an unverified program may make
   * altogether, default `DEFAULT_BUDGET`. The next one faults before it is taken.
   */
  readonly budget?: number
  /**
   * Calls a callback of the running program in a new frame below the calling one, with R1–R4 zero-extended, and returns the low half
   * of R0. Engines set it before they call a body that has a `func` argument, and restore it afterwards; bodies call it.
   */
  invoke: (func: number, r1: number, r2: number, r3: number, r4: number) => number
}

/** `Machine.invoke` while no program runs. */
export const noInvoke: Machine['invoke'] = () => {
  throw new Error('a callback was called while no program runs')
}
