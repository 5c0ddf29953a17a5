/**
 * How an argument reaches a body. Everything that crosses is an int32 (signed as JavaScript sees it, `>>> 0` for the
 * unsigned value), so that no call makes a BigInt, and bodies may be WebAssembly functions of another instance.
 *
 * - `u32`: the low half of the register. Pointers, map handles, sizes, indices, and enums are passed like this.
 * - `u64`: two arguments, low half and high half.
 * - `func`: a callback's address as the program has it; pass it to `Machine.invoke`. As `u32`.
 */
export type ArgumentPassing = 'u32' | 'u64' | 'func'

/**
 * How a result becomes R0.
 *
 * - `s32`: sign-extended. Error numbers and counts.
 * - `u32`: zero-extended. Pointers, null included.
 * - `u64`: the body stores 8 bytes at `Machine.resultCell` and what it returns is ignored.
 * - `void`: R0 becomes 0.
 */
export type ResultPassing = 's32' | 'u32' | 'u64' | 'void'

/** A helper or kfunc as engines see it: how to call its body. What the verifier has to know of it is not here. */
export interface Helper {
  readonly name: string
  /** At most 5, for kfuncs 12, taken from R1 on. */
  readonly args: readonly ArgumentPassing[]
  readonly returns: ResultPassing
  /** May run other programs or callbacks and may grow memory. R1–R5 are undefined afterwards, R6–R9 kept. */
  readonly body: (...args: number[]) => number
}

/** Helpers that engines carry out themselves, because they are about control flow. */
export const TAIL_CALL = 12
/** A call of this helper, which nobody has, stands for what a kernel lacks: harmless unless it is reached. */
export const POISON_HELPER = 0xbad2310
