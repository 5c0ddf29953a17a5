import type { Bytes } from '../../isa/op.ts'
import { OP } from '../encode/opcodes.ts'
import { swapped } from '../value/fold.ts'
import { type Address, extend, isConst, low, type Node, PSEUDO } from '../value/node.ts'
import { loadFrom } from './access.ts'
import type { BlockBuilder } from './builder.ts'

/** Bytes that a node reads, and whether the first is the highest. */
interface Piece {
  readonly address: Address
  readonly bytes: number
  readonly epoch: number
  readonly swapped: boolean
}

/**
 * One load for a number that a program puts together from two neighbouring ones, as compilers do where they may not assume
 * alignment. `a | b` of registers' values; undefined if they are not that, or memory has changed since they were read.
 */
export function mergedLoad(block: BlockBuilder, a: Node, b: Node): Node | undefined {
  return merge(block, a, b) ?? merge(block, b, a)
}

function merge(block: BlockBuilder, plain: Node, shifted: Node): Node | undefined {
  const lower = pieceOf(plain)
  const upper = shiftedPiece(shifted)
  if (!lower || !upper || lower.bytes !== upper.bytes) return undefined
  if (lower.epoch !== block.epoch || upper.epoch !== block.epoch || lower.address.base !== upper.address.base)
    return undefined
  const { bytes, address } = lower
  if (upper.address.offset === address.offset + bytes && (bytes === 1 || !(lower.swapped || upper.swapped))) {
    return loadFrom(block, address, (bytes * 2) as Bytes)
  }
  const isBigEndian = bytes === 1 || (bytes === 2 && lower.swapped && upper.swapped)
  if (!isBigEndian || address.offset !== upper.address.offset + bytes) return undefined
  const together = loadFrom(block, upper.address, (bytes * 2) as Bytes)
  return extend(swapped(low(together), bytes === 1 ? 16 : 32))
}

/** What a register's value was loaded from. */
function pieceOf(n: Node): Piece | undefined {
  const value = n.op === OP.i64ExtendI32U ? n.a! : n
  if (value.op === PSEUDO.swap16 && value.a!.load) return { ...value.a!.load, swapped: true }
  return value.load && { ...value.load, swapped: false }
}

/** The same for a value that was then shifted by its own width. */
function shiftedPiece(n: Node): Piece | undefined {
  const value = n.op === OP.i64ExtendI32U ? n.a! : n
  if ((value.op !== OP.i32Shl && value.op !== OP.i64Shl) || !isConst(value.b!)) return undefined
  const piece = pieceOf(value.a!)
  return piece && piece.bytes * 8 === value.b!.lo ? piece : undefined
}
