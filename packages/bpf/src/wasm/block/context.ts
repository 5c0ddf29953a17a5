import type { Code as BpfCode } from '../../isa/code.ts'
import type { FaultKind } from '../../run/fault.ts'
import type { Machine } from '../../run/machine.ts'
import type { Code } from '../encode/code.ts'
import type { Signature } from '../encode/module.ts'
import { I32, OP, type ValueType } from '../encode/opcodes.ts'
import type { BlockBuilder } from './builder.ts'
import type { Writer } from './writer.ts'

/** Kinds of faults by the number that compiled code names them by. */
export const FAULTS: readonly FaultKind[] = ['memory', 'budget', 'depth', 'helper', 'instruction']

/** Globals that all programs of an engine share, in the order of their import. */
export const GLOBALS = ['missed', 'budget', 'depth', 'stackTop'] as const
export type GlobalName = (typeof GLOBALS)[number]
export const globalIndex = (name: GlobalName): number => GLOBALS.indexOf(name)

/** What a call of a subprogram has to know about it. */
export interface Callee {
  readonly index: number
  /** Registers that it takes, ascending. */
  readonly registers: readonly number[]
  /** Arguments after the fifth that it takes. */
  readonly extra: number
}

/** What the code of a module can call. */
export interface ModuleIndex {
  readonly code: BpfCode
  readonly machine: Machine
  /** Nobody has verified the program: everything is checked and counted. */
  readonly checked: boolean
  /** Atomic instructions have to be ones. */
  readonly shared: boolean
  /** What the program uses that needs locals in its functions. */
  readonly features: { readonly mayGoto: boolean; readonly extraArguments: boolean }
  readonly fault: number
  readonly packetLoad: number
  /** Gives the I32 of an address (I64, bytes, slot) that may be read or written; faults if it may not. */
  readonly check: { readonly read: number; readonly write: number }
  /** Places in the table of programs by now. */
  readonly placesNow: number
  /** Type of a program's main. */
  readonly mainType: number
  readonly helper: (callee: 'helper' | 'kfunc', id: number) => number
  /** Undefined for one that is refused. */
  readonly subprogram: (slot: number) => Callee | undefined
  /** Index of a function that the module has once for a key. */
  readonly define: (key: string, signature: Signature, write: (code: Code) => void) => number
  /** What a program gets as the address of the callback at a slot. */
  readonly callback: (slot: number) => number
}

/** A function that is being compiled. */
export interface FunctionContext {
  readonly module: ModuleIndex
  readonly locals: {
    readonly fp: number
    /** Backward jumps and calls left; -1 where they are not counted. */
    readonly budget: number
    /** Passes through may_goto left; -1 without one. */
    readonly mayGoto: number
    /** Arguments after the fifth, from the caller and for callees. */
    readonly incoming: readonly number[]
    readonly outgoing: readonly number[]
  }
}

/** Stops the run. */
export function writeFault({ code }: Writer, module: ModuleIndex, kind: FaultKind, slot: number): void {
  code.i32(FAULTS.indexOf(kind))
  code.i32(slot)
  code.i32(0)
  code.i32(0)
  code.opIndex(OP.call, module.fault)
  code.op(OP.unreachable)
}

/** Ends the block with a fault. */
export function faultHere(block: BlockBuilder, module: ModuleIndex, kind: FaultKind, slot: number): void {
  block.do({ kind: 'other', inputs: [], frame: [], write: (writer) => writeFault(writer, module, kind, slot) })
  block.ending = { kind: 'fault' }
}

/** Takes one from the budget. */
export function writeSpend(writer: Writer, { module, locals }: FunctionContext, slot: number): void {
  const { code } = writer
  code.get(locals.budget)
  code.op(OP.i32Eqz)
  code.begin(OP.if, 0x40)
  writeFault(writer, module, 'budget', slot)
  code.end()
  code.get(locals.budget)
  code.i32(1)
  code.op(OP.i32Sub)
  code.set(locals.budget)
}

/** Puts the budget where other functions find it, or takes it from there. */
export function writeBudget({ code }: Writer, { locals }: FunctionContext, direction: 'out' | 'in'): void {
  if (locals.budget < 0) return
  if (direction === 'out') {
    code.get(locals.budget)
    code.opIndex(OP.globalSet, globalIndex('budget'))
  } else {
    code.opIndex(OP.globalGet, globalIndex('budget'))
    code.set(locals.budget)
  }
}

/** Parameters of a program's main: R1, R2 and R10. */
export const MAIN_PARAMETERS: readonly ValueType[] = [I32, I32, I32]
