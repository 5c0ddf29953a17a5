/**
 * Why a run was stopped. Verified programs never fault; both engines stop the others with the same kind, and at the same
 * slot unless said otherwise.
 *
 * - `memory`: an access outside all windows, or a write to a read-only one. `address` is where.
 * - `budget`: more backward jumps and calls than the limits allow.
 * - `depth`: a call deeper than 16 frames. `slot` is the call's.
 * - `helper`: a call of a helper or kfunc that the machine does not have.
 * - `instruction`: an invalid instruction, or one that the engine refuses, was reached; or control left the code (then
 *   `slot` is the one it went to).
 */
export type FaultKind = 'memory' | 'budget' | 'depth' | 'helper' | 'instruction'

/** A run that was stopped. What the program wrote before stays written. */
export class BpfFault extends Error {
  override readonly name = 'BpfFault'
  readonly kind: FaultKind
  readonly slot: number
  readonly address: bigint | undefined
  constructor(kind: FaultKind, slot: number, address?: bigint) {
    super(`${kind} fault at instruction ${slot}${address === undefined ? '' : `, address 0x${address.toString(16)}`}`)
    this.kind = kind
    this.slot = slot
    this.address = address
  }
}

/** What a kfunc body throws for bpf_throw: all frames end, and R0 of the program is the cookie. */
export class ProgramException extends Error {
  override readonly name = 'ProgramException'
  readonly cookie: bigint
  constructor(cookie: bigint) {
    super(`the program threw ${cookie}`)
    this.cookie = BigInt.asUintN(64, cookie)
  }
}
