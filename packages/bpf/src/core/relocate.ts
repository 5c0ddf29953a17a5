import { BtfError, bareType, typeAt } from '../btf/resolve.ts'
import type { Btf } from '../btf/type.ts'
import { type Code, identifyAll } from '../isa/code.ts'
import { essentialName, nameOf, sameKind } from './compatible.ts'
import { CORE_KINDS, CoreError, type CoreKind, WITHOUT_MATCH } from './kinds.ts'
import { matchSpec } from './match.ts'
import { patch, poison } from './patch.ts'
import { localSpec, type Spec } from './spec.ts'
import { type CoreValue, coreValue, mayResize } from './value.ts'

/** A relocation at an instruction of a linked program. */
export interface CoreRecord {
  readonly slot: number
  /** Root type, in the object's own types. */
  readonly type: number
  readonly access: string
  readonly kind: number
}

/** The types of a kernel, by name. Made once for many programs. */
export class CoreTarget {
  readonly btf: Btf
  private readonly byName = new Map<string, number[]>()

  constructor(btf: Btf) {
    this.btf = btf
    for (const [id, type] of btf.types.entries()) {
      const name = essentialName(nameOf(type))
      if (!name) continue
      const ids = this.byName.get(name)
      if (ids) ids.push(id)
      else this.byName.set(name, [id])
    }
  }

  /** Types of the same kind and essential name. */
  candidates(local: Btf, id: number): number[] {
    const type = typeAt(local, id)
    const named = this.byName.get(essentialName(nameOf(type))) ?? []
    return named.filter((candidate) => sameKind(type, this.btf.types[candidate]))
  }
}

/** How a relocation came out. */
export type CoreOutcome = 'relocated' | 'poisoned'

/**
 * Adjusts instructions to the types of a kernel (CO-RE). Changes `code`. What the kernel does not have is answered with 0 where the program asks
 * whether it is there, and poisoned elsewhere. Throws a CoreError for records that are damaged or have several different answers.
 */
export function relocateCore(
  code: Code,
  local: Btf,
  records: readonly CoreRecord[],
  target: CoreTarget,
): CoreOutcome[] {
  const outcomes = records.map((record) => {
    try {
      return relocate(code, local, record, target)
    } catch (error) {
      if (error instanceof BtfError)
        throw new CoreError(`relocation at instruction ${record.slot}: ${error.message}`, {
          code: 'EINVAL',
          cause: error,
        })
      throw error
    }
  })
  identifyAll(code)
  return outcomes
}

function relocate(code: Code, local: Btf, record: CoreRecord, target: CoreTarget): CoreOutcome {
  const { slot } = record
  const kind: CoreKind | undefined = CORE_KINDS[record.kind]
  if (!kind)
    throw new CoreError(`relocation at instruction ${slot} is of unknown kind ${record.kind}`, { code: 'EINVAL' })
  const spec = localSpec(local, record.type, record.access, kind)
  const own = ownValue(spec, kind)
  const before = own?.exact ? own.value : undefined
  const found = kind === 'type_id_local' ? own : answer(spec, kind, target)
  const value = found?.value ?? WITHOUT_MATCH[kind]
  const bytes = found?.access && own?.access && found.access.bytes !== own.access.bytes ? found.access.bytes : undefined
  if (value === undefined || (bytes !== undefined && isAccess(code, slot) && !mayResize(own?.access, found?.access))) {
    poison(code, slot)
    return 'poisoned'
  }
  patch(code, { slot, value, before, bytes })
  return 'relocated'
}

/** Loads and stores, whose width may have to change. */
const isAccess = (code: Code, slot: number): boolean => (code.opcode[slot] & 7) >= 1 && (code.opcode[slot] & 7) <= 3

/** The value in the object's own types; undefined where they do not have one, as for the size of a declaration. */
function ownValue(spec: Spec, kind: CoreKind): CoreValue | undefined {
  try {
    return coreValue(spec, kind)
  } catch (error) {
    if (error instanceof BtfError) return undefined
    throw error
  }
}

/** What all candidates agree on; undefined if there is none. */
function answer(spec: Spec, kind: CoreKind, target: CoreTarget): CoreValue | undefined {
  let agreed: CoreValue | undefined
  let bitOffset = 0
  for (const candidate of target.candidates(spec.btf, spec.root)) {
    const match = matchSpec(spec, target.btf, candidate, kind)
    if (!match) continue
    const value = coreValue(match, kind)
    if (agreed && (agreed.value !== value.value || bitOffset !== match.bitOffset)) {
      const name = nameOf(bareType(spec.btf, spec.root))
      throw new CoreError(`the kernel has several types ${name}, which give different answers (${kind})`, {
        code: 'EINVAL',
      })
    }
    agreed = value
    bitOffset = match.bitOffset
  }
  return agreed
}
