import { type KernelError, refused } from '@netkit/netlink'
import type { NamespaceArg } from '../wire/protocol.ts'

/** The arguments of a call, or a part of the first frame: what came as JSON and was not looked at yet. */
export type Arguments = Readonly<Record<string, unknown>>

const wrong = (op: string, key: string, expected: string): KernelError =>
  refused(op, 'EINVAL', `${key}: expected ${expected}`)

/** Reads arguments; each method throws KernelError EINVAL where something else came than expected. */
export class ArgumentReader {
  readonly op: string
  readonly #args: Arguments

  constructor(op: string, args: Arguments) {
    this.op = op
    this.#args = args
  }

  has(key: string): boolean {
    return this.#args[key] !== undefined && this.#args[key] !== null
  }

  string(key: string): string {
    const value = this.#args[key]
    if (typeof value !== 'string') throw wrong(this.op, key, 'a string')
    return value
  }

  optionalString(key: string): string | undefined {
    return this.has(key) ? this.string(key) : undefined
  }

  integer(key: string, min = 0, max = 0xffff_ffff): number {
    const value = this.#args[key]
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw wrong(this.op, key, `an integer from ${min} to ${max}`)
    }
    return value
  }

  number(key: string): number {
    const value = this.#args[key]
    if (typeof value !== 'number') throw wrong(this.op, key, 'a number')
    return value
  }

  optionalInteger(key: string, min = 0, max = 0xffff_ffff): number | undefined {
    return this.has(key) ? this.integer(key, min, max) : undefined
  }

  optionalBoolean(key: string): boolean | undefined {
    if (!this.has(key)) return undefined
    const value = this.#args[key]
    if (typeof value !== 'boolean') throw wrong(this.op, key, 'true or false')
    return value
  }

  optionalStrings(key: string): readonly string[] | undefined {
    if (!this.has(key)) return undefined
    const value = this.#args[key]
    if (!Array.isArray(value) || value.some((one) => typeof one !== 'string'))
      throw wrong(this.op, key, 'a list of strings')
    return value as string[]
  }

  oneOf<T extends string>(key: string, known: readonly T[]): T {
    const value = this.#args[key]
    if (!known.includes(value as T)) throw wrong(this.op, key, known.join(' or '))
    return value as T
  }

  optionalObject(key: string): ArgumentReader | undefined {
    if (!this.has(key)) return undefined
    const value = this.#args[key]
    if (typeof value !== 'object' || Array.isArray(value)) throw wrong(this.op, key, 'an object')
    return new ArgumentReader(this.op, value as Arguments)
  }

  list(key: string): readonly unknown[] {
    const value = this.#args[key]
    if (!Array.isArray(value)) throw wrong(this.op, key, 'a list')
    return value
  }

  raw(key: string): unknown {
    return this.#args[key]
  }

  optionalNamespace(key: string): NamespaceArg | undefined {
    const ref = this.optionalObject(key)
    if (!ref) return undefined
    return ref.has('fd') ? { fd: ref.integer('fd') } : { name: ref.string('name') }
  }
}
