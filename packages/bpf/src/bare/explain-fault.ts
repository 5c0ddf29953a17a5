import { printInstruction } from '../asm/print.ts'
import { helperName } from '../helpers/names.ts'
import { type Code, opAt } from '../isa/code.ts'
import { explain } from '../isa/identify.ts'
import type { BpfFault } from '../run/fault.ts'
import { MAX_FRAMES, STACK_BYTES } from '../run/limits.ts'
import { BARE_BLOCK } from './run-bare.ts'

/** Says in one sentence why a bare program over a block of `length` bytes was stopped. */
export function explainFault(fault: BpfFault, code: Code, length: number): string {
  const { slot } = fault
  if (slot < 0 || slot >= code.length) return `control left the program: it has no instruction ${slot}`
  return `instruction ${slot} (${printInstruction(code, slot)}) ${reason(fault, code, length)}`
}

function reason({ kind, slot, address }: BpfFault, code: Code, length: number): string {
  switch (kind) {
    case 'memory':
      return `reaches ${accessed(code, slot)} at ${place(address ?? 0n, length)}, outside of its memory (${length} bytes) and its stack`
    case 'helper':
      return `calls ${callee(code, slot)}: a bare program has no helpers`
    case 'budget':
      return 'was stopped: the program jumped backward or called too often'
    case 'depth':
      return `calls deeper than ${MAX_FRAMES} frames`
    case 'instruction':
      return `cannot be run: ${invalid(code, slot)}`
  }
}

function accessed(code: Code, slot: number): string {
  const op = opAt(code, slot)
  return 'bytes' in op ? `${op.bytes} bytes` : 'memory'
}

/** Addresses mean nothing to whoever gave the memory, unless they are near it. */
function place(address: bigint, length: number): string {
  const offset = BigInt.asIntN(64, address) - BigInt(BARE_BLOCK)
  const near = offset >= -BigInt(STACK_BYTES / 2) && offset < BigInt(length + STACK_BYTES)
  return near ? `offset ${offset}` : `address 0x${address.toString(16)}`
}

function callee(code: Code, slot: number): string {
  const op = opAt(code, slot)
  const id = code.imm[slot]
  if (op.kind === 'call' && op.callee === 'kfunc') return `function ${id} of the kernel`
  const name = helperName(id)
  return name === undefined ? `helper ${id}` : `helper ${id} (${name})`
}

const invalid = (code: Code, slot: number): string => {
  const why = explain(code.opcode[slot], code.dst[slot], code.src[slot], code.off[slot], code.imm[slot])
  return opAt(code, slot).kind === 'invalid' ? why : 'this engine does not have it'
}
