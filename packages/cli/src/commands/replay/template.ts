import { fromHex, toHex } from '@netkit/netlink'

/** A stretch of bytes: fixed, or a place whose bytes differ from run to run. */
export type Part =
  | { readonly at: number; readonly length: number; readonly bytes: Uint8Array }
  | { readonly at: number; readonly length: number; readonly name: string }

/** Bytes with places. A place named `$...` is a value that the kernel chooses; one named `*...` is not compared. */
export interface Template {
  readonly length: number
  readonly parts: readonly Part[]
}

/** Reads `{@NAME}` (bytes that `defs` has), `{LENGTH NAME}` (a place) and hexadecimal digits. */
export function parseTemplate(text: string, defs: Readonly<Record<string, string>> = {}): Template {
  const whole = text.replace(/\{@([^}]+)\}/g, (_, name: string) => {
    const hex = defs[name]
    if (hex === undefined) throw new TypeError(`{@${name}} is not among the defs of the first line`)
    return hex
  })
  const parts: Part[] = []
  let at = 0
  for (const [piece, length, name] of whole.matchAll(/\{(\d+) ([^}]+)\}|[^{]+|./g)) {
    const part = name === undefined ? fixed(piece, at) : place(Number(length), name, at)
    parts.push(part)
    at += part.length
  }
  return { length: at, parts }
}

function fixed(piece: string, at: number): Part {
  const bytes = fromHex(piece)
  return { at, length: bytes.length, bytes }
}

function place(length: number, name: string, at: number): Part {
  if (!name.startsWith('$') && !name.startsWith('*'))
    throw new TypeError(`place '${name}' begins neither with $ nor with *`)
  return { at, length, name }
}

/**
 * The values that places got in this run: the same name is always the same value, and names with the same letters in front
 * of their number are different values.
 */
export class Bindings {
  readonly #values = new Map<string, string>()
  readonly #names = new Map<string, string>()

  value(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** Takes a value for a name, or says why it cannot be. */
  bind(name: string, hex: string): string | undefined {
    const known = this.#values.get(name)
    if (known !== undefined) return known === hex ? undefined : `${name} was ${known} before`
    const letters = `${name.replace(/\d+$/, '')} ${hex}`
    const other = this.#names.get(letters)
    if (other !== undefined) return `${other} is ${hex} already, and ${name} is another value`
    this.#values.set(name, hex)
    this.#names.set(letters, name)
    return undefined
  }
}

/** A request needs a value that this kernel has not told. */
export class UnseenValueError extends Error {
  override readonly name = 'UnseenValueError'
}

/** The bytes of a request. Throws UnseenValueError if a value that it needs has not been seen. */
export function fill(template: Template, bindings: Bindings): Uint8Array {
  const bytes = new Uint8Array(template.length)
  for (const part of template.parts) {
    if ('bytes' in part) bytes.set(part.bytes, part.at)
    else {
      const hex = bindings.value(part.name)
      if (hex === undefined) throw new UnseenValueError(`the value of ${part.name} has not been seen`)
      bytes.set(fromHex(hex), part.at)
    }
  }
  return bytes
}

/** The template with the bytes of `got` at its places as far as they are not known: something to decode beside `got`. */
export function shape(template: Template, bindings: Bindings, got: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(template.length)
  for (const part of template.parts) {
    if ('bytes' in part) bytes.set(part.bytes, part.at)
    else {
      const hex = bindings.value(part.name)
      if (hex !== undefined) bytes.set(fromHex(hex), part.at)
      else if (got.length === bytes.length) bytes.set(got.subarray(part.at, part.at + part.length), part.at)
    }
  }
  return bytes
}

/** Whether the bytes are as recorded, places aside. */
export function matches(template: Template, got: Uint8Array): boolean {
  if (got.length !== template.length) return false
  for (const part of template.parts) {
    if ('bytes' in part) {
      for (let i = 0; i < part.length; i++) if (part.bytes[i] !== got[part.at + i]) return false
    }
  }
  return true
}

/** Binds the places of a message that has the right length. Returns what contradicts earlier messages. */
export function bindAll(template: Template, bindings: Bindings, got: Uint8Array): { part: Part; why: string }[] {
  const wrong: { part: Part; why: string }[] = []
  for (const part of template.parts) {
    if (!('name' in part) || !part.name.startsWith('$')) continue
    const why = bindings.bind(part.name, toHex(got.subarray(part.at, part.at + part.length)))
    if (why !== undefined) wrong.push({ part, why })
  }
  return wrong
}
