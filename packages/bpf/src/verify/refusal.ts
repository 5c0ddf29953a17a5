import { type Reg, typeName } from './reg.ts'

/** Why a program is not loaded: what the log ends with, and the error number of the system call. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** Positive. */
  readonly errno: number

  constructor(errno: number, text: string) {
    super(text)
    this.errno = errno
  }
}

export const ENOENT = 2
export const EACCES = 13
export const EFAULT = 14
export const EINVAL = 22
export const E2BIG = 7
export const ENOTSUPP = 524

/** A register that holds something else than is wanted. */
export const mismatch = (r: number, reg: Reg, expected: string): Refusal =>
  denied(`R${r} type=${typeName(reg)} expected=${expected}`)

/** The usual refusal: access that is not allowed. */
export const denied = (text: string): Refusal => new Refusal(EACCES, text)
export const invalid = (text: string): Refusal => new Refusal(EINVAL, text)
