import { ByteSink } from './byte-sink.ts'
import { Code } from './code.ts'
import type { ValueType } from './opcodes.ts'

/** A type of functions. */
export interface Signature {
  readonly parameters: readonly ValueType[]
  readonly results: readonly ValueType[]
}

const MAGIC = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 }
const KIND = { function: 0, table: 1, memory: 2, global: 3 }
const MUTABLE = 1
const FUNCREF = 0x70
/** The widest limits there are, so that any memory can be imported. */
const MOST_PAGES = 65536

interface Import {
  readonly name: string
  readonly kind: number
  readonly write: (sink: ByteSink) => void
}

/** A WebAssembly module that is being written. Everything is imported from the namespace `n`. Functions that are imported
 *  come before those that are defined, as the format has it. */
export class ModuleWriter {
  readonly #types = new Map<string, { index: number; signature: Signature }>()
  readonly #imports: Import[] = []
  readonly #functions: { type: number; code: Code }[] = []
  readonly #exports: { name: string; index: number }[] = []
  #importedFunctions = 0

  /** Index of a signature; the same for equal ones. */
  type(signature: Signature): number {
    const key = `${signature.parameters.join()}:${signature.results.join()}`
    let known = this.#types.get(key)
    if (!known) {
      known = { index: this.#types.size, signature }
      this.#types.set(key, known)
    }
    return known.index
  }

  /** Imports the memory; the type has to say whether it is shared. */
  importMemory(name: string, shared: boolean): void {
    this.#imports.push({
      name,
      kind: KIND.memory,
      write: (sink) => {
        sink.u8(shared ? 3 : 0)
        sink.u32(0)
        if (shared) sink.u32(MOST_PAGES)
      },
    })
  }

  /** Imports a table of functions; the first is table 0. */
  importTable(name: string): void {
    this.#imports.push({
      name,
      kind: KIND.table,
      write: (sink) => {
        sink.u8(FUNCREF)
        sink.u8(0)
        sink.u32(0)
      },
    })
  }

  /** Imports a variable that can be written. */
  importGlobal(name: string, type: ValueType): void {
    this.#imports.push({
      name,
      kind: KIND.global,
      write: (sink) => {
        sink.u8(type)
        sink.u8(MUTABLE)
      },
    })
  }

  importFunction(name: string, signature: Signature): number {
    if (this.#functions.length > 0) throw new Error(`function ${name} is imported after others were defined`)
    const type = this.type(signature)
    this.#imports.push({ name, kind: KIND.function, write: (sink) => sink.u32(type) })
    return this.#importedFunctions++
  }

  /** Begins a function; its code can be written later and in any order. */
  define(signature: Signature): { index: number; code: Code } {
    const code = new Code(signature.parameters)
    this.#functions.push({ type: this.type(signature), code })
    return { index: this.#importedFunctions + this.#functions.length - 1, code }
  }

  export(name: string, functionIndex: number): void {
    this.#exports.push({ name, index: functionIndex })
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new ByteSink(4096)
    out.append(MAGIC)
    section(out, SECTION.type, [...this.#types.values()], (sink, { signature }) => {
      sink.u8(0x60)
      for (const list of [signature.parameters, signature.results]) {
        sink.u32(list.length)
        for (const type of list) sink.u8(type)
      }
    })
    section(out, SECTION.import, this.#imports, (sink, { name, kind, write }) => {
      sink.name('n')
      sink.name(name)
      sink.u8(kind)
      write(sink)
    })
    section(out, SECTION.function, this.#functions, (sink, { type }) => sink.u32(type))
    section(out, SECTION.export, this.#exports, (sink, { name, index }) => {
      sink.name(name)
      sink.u8(KIND.function)
      sink.u32(index)
    })
    section(out, SECTION.code, this.#functions, (sink, { code }) => code.writeTo(sink))
    return out.view
  }
}

function section<T>(out: ByteSink, id: number, items: readonly T[], write: (sink: ByteSink, item: T) => void): void {
  if (items.length === 0) return
  const content = new ByteSink(1024)
  content.u32(items.length)
  for (const item of items) write(content, item)
  out.u8(id)
  out.u32(content.length)
  out.append(content.view)
}
