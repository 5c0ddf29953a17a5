import { type Code, identifyAll } from '../isa/code.ts'
import { POISON_HELPER } from '../run/helper.ts'
import { ObjectError } from './error.ts'
import type { LinkedProgram, Reference } from './link.ts'

/** What the loader knows when maps exist. */
export interface Resolution {
  /** File descriptor of a map, by its index in the object. */
  mapFd(map: number): number
  /** BTF id of a variable or function of the kernel; undefined if there is none. Without it there are none at all. */
  kernelType?(name: string): number | undefined
}

const PSEUDO = { MAP_FD: 1, MAP_VALUE: 2, BTF_ID: 3 } as const
/**
 * Fills in what instructions refer to, as PROG_LOAD wants it. Changes `code`, which has to be the program's own or a copy of it.
 * Throws an ObjectError for strong references to what the kernel does not have.
 */
export function resolveReferences(linked: LinkedProgram, code: Code, resolution: Resolution): void {
  for (const reference of linked.references) fillIn(code, reference, resolution)
  identifyAll(code)
}

function fillIn(code: Code, reference: Reference, resolution: Resolution): void {
  const { slot } = reference
  if (reference.kind === 'map') setConst(code, slot, PSEUDO.MAP_FD, resolution.mapFd(reference.map), 0)
  else if (reference.kind === 'value')
    setConst(code, slot, PSEUDO.MAP_VALUE, resolution.mapFd(reference.map), reference.offset)
  else if (reference.kind === 'variable') {
    const id = found(reference, resolution.kernelType?.(reference.name))
    setConst(code, slot, id === undefined ? 0 : PSEUDO.BTF_ID, id ?? 0, 0)
  } else {
    const id = found(reference, resolution.kernelType?.(reference.name))
    code.src[slot] = id === undefined ? 0 : 2
    code.imm[slot] = id ?? POISON_HELPER
  }
}

function setConst(code: Code, slot: number, src: number, low: number, high: number): void {
  code.src[slot] = src
  code.imm[slot] = low
  code.imm[slot + 1] = high
}

function found(
  { kind, name, weak }: Reference & { kind: 'variable' | 'kfunc' },
  id: number | undefined,
): number | undefined {
  if (id !== undefined || weak) return id
  throw new ObjectError('ESRCH', `the kernel has no ${kind === 'kfunc' ? 'function' : 'variable'} ${name}`)
}
