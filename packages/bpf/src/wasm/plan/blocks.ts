import { type Code, jumpTarget, opAt } from '../../isa/code.ts'
import type { Flow } from '../graph/flow.ts'

/** A node of a function's flow. */
export type BlockNode =
  /** Slots from `start` to before `end`, run one after the other. Where `start` is no slot, control has left the code. */
  | { readonly kind: 'code'; readonly start: number; readonly end: number }
  /** Takes one from the budget, for the backward jump at `slot`. */
  | { readonly kind: 'spend'; readonly slot: number }
  /** Before a first block that is also jumped to. */
  | { readonly kind: 'entry' }

/** A function as blocks: what is reached from its first slot. Node 0 is the entry, and nothing leads back to it. */
export interface FunctionBlocks extends Flow {
  readonly nodes: readonly BlockNode[]
}

/** @param counted Whether backward jumps are counted. */
export function blocksOf(code: Code, entry: number, counted: boolean): FunctionBlocks {
  const starts = startsOf(code, entry)
  const nodes: BlockNode[] = []
  const successors: number[][] = []
  const nodeAt = new Map<number, number>()
  const add = (node: BlockNode): number => {
    nodes.push(node)
    successors.push([])
    return nodes.length - 1
  }
  if (starts.jumpedTo.has(entry)) add({ kind: 'entry' })
  for (const start of [entry, ...starts.all.filter((slot) => slot !== entry)]) {
    nodeAt.set(start, add({ kind: 'code', start, end: endOf(code, start, starts.set) }))
  }
  if (nodes[0].kind === 'entry') successors[0].push(nodeAt.get(entry)!)
  for (const [start, from] of nodeAt) {
    const node = nodes[from]
    if (node.kind !== 'code') continue
    const last = lastSlot(code, start, node.end)
    for (const target of targetsOf(code, last, node.end)) {
      let to = nodeAt.get(target)!
      if (counted && target <= last && isJumpTo(code, last, target)) {
        const spend = add({ kind: 'spend', slot: last })
        successors[spend].push(to)
        to = spend
      }
      successors[from].push(to)
    }
  }
  return { nodes, successors }
}

const isSlot = (code: Code, slot: number): boolean => slot >= 0 && slot < code.length

/** Slots of an instruction. */
export const slotsOf = (code: Code, slot: number): number => (opAt(code, slot).kind === 'const' ? 2 : 1)

/** The last instruction of a block that ends before `end`. */
function lastSlot(code: Code, start: number, end: number): number {
  let last = start
  for (let slot = start; slot < end; slot += slotsOf(code, slot)) last = slot
  return last
}

const isJumpTo = (code: Code, slot: number, target: number): boolean => jumpTarget(code, slot) === target

/** Where control goes from an instruction that ends a block: for a branch, first where it jumps. */
function targetsOf(code: Code, slot: number, end: number): readonly number[] {
  if (!isSlot(code, slot)) return []
  switch (opAt(code, slot).kind) {
    case 'goto':
      return [jumpTarget(code, slot)]
    case 'branch':
    case 'mayGoto':
      return [jumpTarget(code, slot), slot + 1]
    case 'exit':
    case 'gotox':
    case 'cast':
    case 'second':
    case 'invalid':
      return []
    default:
      return [end]
  }
}

interface Starts {
  readonly all: readonly number[]
  readonly set: ReadonlySet<number>
  readonly jumpedTo: ReadonlySet<number>
}

/** Where blocks start: the entry, what is jumped to, what comes after a jump that may not be taken. */
function startsOf(code: Code, entry: number): Starts {
  const set = new Set([entry])
  const jumpedTo = new Set<number>()
  const seen = new Uint8Array(code.length)
  const work = [entry]
  for (let start = work.pop(); start !== undefined; start = work.pop()) {
    for (let slot = start; isSlot(code, slot) && seen[slot] === 0; slot += slotsOf(code, slot)) {
      seen[slot] = 1
      const { kind } = opAt(code, slot)
      const targets = targetsOf(code, slot, slot + slotsOf(code, slot))
      const isJump = kind === 'goto' || kind === 'branch' || kind === 'mayGoto'
      if (isJump) jumpedTo.add(targets[0])
      for (const target of isJump ? targets : targets.filter((to) => !isSlot(code, to))) {
        if (set.has(target)) continue
        set.add(target)
        work.push(target)
      }
      if (isJump || targets.length === 0) break
    }
  }
  return { all: [...set].sort((a, b) => a - b), set, jumpedTo }
}

/** First slot after the block that starts at `start`. */
function endOf(code: Code, start: number, starts: ReadonlySet<number>): number {
  let slot = start
  while (isSlot(code, slot)) {
    const { kind } = opAt(code, slot)
    const next = slot + slotsOf(code, slot)
    const goesOn = kind !== 'goto' && kind !== 'branch' && kind !== 'mayGoto' && targetsOf(code, slot, next).length > 0
    slot = next
    if (!goesOn || starts.has(slot)) break
  }
  return slot
}
