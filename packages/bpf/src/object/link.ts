import type { CoreRelocation, LineInfo } from '../btf/ext.ts'
import { R_BPF_64_32, R_BPF_64_64, type Relocation } from '../elf/file.ts'
import { type Code, concatenate, decode, identifyAll, jumpTarget, opAt } from '../isa/code.ts'
import { ObjectError } from './error.ts'
import { type BpfObject, type ObjectFunction, type ObjectProgram, placeKey, SETTINGS_PLACE } from './object.ts'

/** What an instruction refers to that only a loader can fill in. */
export type Reference =
  /** LD_IMM64 of a map. */
  | { readonly kind: 'map'; readonly slot: number; readonly map: number }
  /** LD_IMM64 of a global variable: place in the value of its section's map. */
  | { readonly kind: 'value'; readonly slot: number; readonly map: number; readonly offset: number }
  /** LD_IMM64 of a variable or function of the kernel (`__ksym`). */
  | { readonly kind: 'variable'; readonly slot: number; readonly name: string; readonly weak: boolean }
  /** Call of a function of the kernel (`__ksym`). */
  | { readonly kind: 'kfunc'; readonly slot: number; readonly name: string; readonly weak: boolean }

/** A program and all functions that it calls, one after the other. */
export interface LinkedProgram {
  readonly program: ObjectProgram
  /** Calls and callbacks are relative already; references are not filled in. */
  readonly code: Code
  readonly references: readonly Reference[]
  /** Where functions begin, main first, with their BTF types (0 where the file has none). */
  readonly functions: readonly { readonly slot: number; readonly name: string; readonly type: number }[]
  readonly lines: readonly (Omit<LineInfo, 'offset'> & { readonly slot: number })[]
  readonly relocations: readonly (Omit<CoreRelocation, 'offset'> & { readonly slot: number })[]
}

/** Linux loads no more instructions than this. */
const MAX_SLOTS = 1_000_000

interface Placed {
  readonly func: ObjectFunction
  readonly start: number
}

/**
 * Puts a program together: its own instructions, then each function that they call, directly or not, once, in the order in which they are
 * first called. Throws an ObjectError for calls and references that lead nowhere.
 */
export function linkProgram(object: BpfObject, program: ObjectProgram): LinkedProgram {
  return new Linker(object, program).link()
}

class Linker {
  private readonly object: BpfObject
  private readonly program: ObjectProgram
  private readonly placed: Placed[] = []
  private readonly starts = new Map<ObjectFunction, number>()
  private readonly references: Reference[] = []
  private readonly callees: ReadonlyMap<string, ObjectFunction>
  private length = 0

  constructor(object: BpfObject, program: ObjectProgram) {
    this.object = object
    this.program = program
    this.callees = new Map(object.functions.map((func) => [placeKey(func.section, func.offset), func]))
  }

  link(): LinkedProgram {
    const { object, program } = this
    this.place(program.entry)
    const parts: Code[] = []
    // Grows while it is walked: functions that are called are placed at its end.
    for (const one of this.placed) parts.push(this.part(one))
    const code = concatenate(parts)
    const shifted = <T extends { readonly offset: number }>(infos: ReadonlyMap<string, readonly T[]> | undefined) =>
      this.placed.flatMap(({ func, start }) => {
        const all = infos?.get(object.elf.sections[func.section].name) ?? []
        return all
          .filter(({ offset }) => offset >= func.offset && offset < func.offset + func.slots * 8)
          .map(({ offset, ...rest }) => ({ ...rest, slot: start + (offset - func.offset) / 8 }))
      })
    const types = new Map(shifted(object.ext?.functions).map(({ slot, type }) => [slot, type]))
    const functions = this.placed.map(({ func, start }) => ({
      slot: start,
      name: func.name,
      type: types.get(start) ?? 0,
    }))
    const { references } = this
    return {
      program,
      code,
      references,
      functions,
      lines: shifted(object.ext?.lines),
      relocations: shifted(object.ext?.relocations),
    }
  }

  /** Where a function begins in the program; it is put at the end if it is not there yet. */
  private place(func: ObjectFunction): number {
    const known = this.starts.get(func)
    if (known !== undefined) return known
    const start = this.length
    this.length += func.slots
    if (this.length > MAX_SLOTS)
      throw new ObjectError('E2BIG', `it has more than ${MAX_SLOTS} instructions`, `program ${this.program.name}`)
    this.starts.set(func, start)
    this.placed.push({ func, start })
    return start
  }

  /** The instructions of a function, with calls pointing at where callees are placed. */
  private part({ func, start }: Placed): Code {
    const { elf } = this.object
    const end = func.offset + func.slots * 8
    const code = decode(elf.sections[func.section].bytes.slice(func.offset, end))
    const relocations = elf.relocations.get(func.section) ?? []
    const moved = new Set<number>()
    for (const relocation of relocations) {
      if (relocation.offset < func.offset || relocation.offset >= end) continue
      const slot = (relocation.offset - func.offset) / 8
      moved.add(slot)
      this.relocate(code, slot, start, func, relocation)
    }
    for (let slot = 0; slot < code.length; slot++) {
      const op = opAt(code, slot)
      if (op.kind !== 'call' || op.callee !== 'subprogram' || moved.has(slot)) continue
      const target = func.offset / 8 + jumpTarget(code, slot)
      code.imm[slot] = this.distance(func.section, target, start + slot, this.where(func, slot))
    }
    identifyAll(code)
    return code
  }

  private where(func: ObjectFunction, slot: number): string {
    return `${this.object.elf.sections[func.section].name}+${func.offset + slot * 8}`
  }

  /** Distance from the instruction at `slot` of the program to the function that begins at slot `target` of a section. */
  private distance(section: number, target: number, slot: number, where: string): number {
    const callee = this.callees.get(placeKey(section, target * 8))
    if (!callee) throw new ObjectError('EINVAL', `no function begins at instruction ${target}`, where)
    return this.place(callee) - slot - 1
  }

  private relocate(code: Code, slot: number, start: number, func: ObjectFunction, relocation: Relocation): void {
    const where = this.where(func, slot)
    const { kind } = Number.isInteger(slot) ? opAt(code, slot) : { kind: 'none' }
    if (relocation.type === R_BPF_64_32 && kind === 'call') this.call(code, slot, start, relocation, where)
    else if (relocation.type === R_BPF_64_64 && kind === 'const') this.constant(code, slot, start, relocation, where)
    else throw new ObjectError('EINVAL', `relocation of type ${relocation.type} does not fit the instruction`, where)
  }

  private call(code: Code, slot: number, start: number, { symbol }: Relocation, where: string): void {
    if (symbol.section === 0) {
      this.references.push({ kind: 'kfunc', slot: start + slot, name: symbol.name, weak: symbol.binding === 'weak' })
      code.src[slot] = 2
      code.imm[slot] = 0
      return
    }
    const target = symbol.value / 8 + code.imm[slot] + 1
    code.src[slot] = 1
    code.imm[slot] = this.distance(symbol.section, target, start + slot, where)
  }

  private constant(code: Code, slot: number, start: number, { symbol }: Relocation, where: string): void {
    const { object } = this
    const at = start + slot
    const place = symbol.value + code.imm[slot]
    if (symbol.section === 0) {
      const setting = object.settings.find(({ name }) => name === symbol.name)
      const map = object.mapAt.get(SETTINGS_PLACE)
      if (setting && map !== undefined) {
        this.references.push({ kind: 'value', slot: at, map, offset: setting.offset + code.imm[slot] })
        return
      }
      this.references.push({ kind: 'variable', slot: at, name: symbol.name, weak: symbol.binding === 'weak' })
      return
    }
    const section = object.elf.sections[symbol.section]
    const defined = section?.name === '.maps' ? object.mapAt.get(placeKey(symbol.section, place)) : undefined
    const data = object.mapAt.get(placeKey(symbol.section, 0))
    if (defined !== undefined) this.references.push({ kind: 'map', slot: at, map: defined })
    else if (data !== undefined && section.name !== '.maps')
      this.references.push({ kind: 'value', slot: at, map: data, offset: place })
    else if (object.functions.some((func) => func.section === symbol.section)) {
      code.src[slot] = 4
      code.imm[slot] = this.distance(symbol.section, place / 8, at, where)
      code.imm[slot + 1] = 0
    } else
      throw new ObjectError(
        'EINVAL',
        `${symbol.name || 'a symbol'} of section ${section?.name ?? symbol.section} cannot be referred to`,
        where,
      )
  }
}
