import { ELEMENT, HASH_HEADER, MULTIPLIER, ROTATION } from '../../maps/hash.ts'
import { MAP_HEADER } from '../../run/map-header.ts'
import type { Code } from '../encode/code.ts'
import { EMPTY_BLOCK, I32, OP } from '../encode/opcodes.ts'
import { extend, low, type Node } from '../value/node.ts'
import type { BlockBuilder } from './builder.ts'
import type { ModuleIndex } from './context.ts'
import { frameRange, type KnownMap } from './inline.ts'

/** Longer keys are left to the helper's body. */
const LONGEST_KEY = 64
const KEY = 0

/** Lookup in a hash: a call of a function that is made for the map. */
export function lookupInHash(block: BlockBuilder, module: ModuleIndex, map: KnownMap): Node | undefined {
  const keySize = map.field(MAP_HEADER.KEY_SIZE)
  if (keySize > LONGEST_KEY) return undefined
  const key = low(block.get(2))
  const result = block.result(I32, 32)
  const find = module.define(`lookup in ${map.handle}`, { parameters: [I32], results: [I32] }, (code) =>
    writeLookup(code, map, keySize),
  )
  block.do({
    kind: 'other',
    inputs: [key],
    frame: frameRange(block.get(2), keySize),
    result,
    write(writer) {
      writer.value(key)
      writer.code.opIndex(OP.call, find)
    },
  })
  return extend(result)
}

function writeLookup(code: Code, map: KnownMap, keySize: number): void {
  const hash = code.local(I32)
  const element = code.local(I32)
  writeHash(code, map, keySize, hash)
  code.get(hash)
  code.i32(map.field(HASH_HEADER.MASK))
  code.op(OP.i32And)
  code.i32(2)
  code.op(OP.i32Shl)
  code.memory(OP.i32Load, map.field(HASH_HEADER.BUCKETS))
  code.set(element)
  code.begin(OP.loop, EMPTY_BLOCK)
  code.get(element)
  code.op(OP.i32Eqz)
  code.begin(OP.if, EMPTY_BLOCK)
  code.i32(0)
  code.op(OP.return)
  code.end()
  code.begin(OP.block, EMPTY_BLOCK)
  code.get(element)
  code.memory(OP.i32Load, ELEMENT.HASH)
  code.get(hash)
  code.op(OP.i32Ne)
  code.opIndex(OP.brIf, 0)
  for (const { at, load, differ } of piecesOf(keySize)) {
    code.get(element)
    code.memory(load, ELEMENT.KEY + at)
    code.get(KEY)
    code.memory(load, at)
    code.op(differ)
    code.opIndex(OP.brIf, 0)
  }
  code.get(element)
  code.i32(map.field(HASH_HEADER.VALUE_AT))
  code.op(OP.i32Add)
  code.op(OP.return)
  code.end()
  code.get(element)
  code.memory(OP.i32Load, ELEMENT.NEXT)
  code.set(element)
  code.opIndex(OP.br, 0)
  code.end()
  code.op(OP.unreachable)
}

/** The same steps as `hashOf` in maps/hash.ts, unrolled. */
function writeHash(code: Code, map: KnownMap, keySize: number, hash: number): void {
  code.i32(map.field(HASH_HEADER.SEED))
  for (let at = 0; at < keySize; at += 4) {
    writeWord(code, at, Math.min(keySize - at, 4))
    code.op(OP.i32Xor)
    code.i32(MULTIPLIER)
    code.op(OP.i32Mul)
    code.i32(ROTATION)
    code.op(OP.i32Rotl)
  }
  code.tee(hash)
  code.get(hash)
  code.i32(16)
  code.op(OP.i32ShrU)
  code.op(OP.i32Xor)
  code.set(hash)
}

/** Up to four bytes of the key as a number. */
function writeWord(code: Code, at: number, bytes: number): void {
  code.get(KEY)
  if (bytes === 4 || bytes === 2) code.memory(bytes === 4 ? OP.i32Load : OP.i32Load16U, at)
  else code.memory(OP.i32Load8U, at)
  if (bytes !== 3) return
  code.get(KEY)
  code.memory(OP.i32Load16U, at + 1)
  code.i32(8)
  code.op(OP.i32Shl)
  code.op(OP.i32Or)
}

/** How a key is compared: in the largest pieces there are. */
function piecesOf(keySize: number): { at: number; load: number; differ: number }[] {
  const pieces: { at: number; load: number; differ: number }[] = []
  let at = 0
  for (const [bytes, load, differ] of [
    [8, OP.i64Load, OP.i64Ne],
    [4, OP.i32Load, OP.i32Ne],
    [2, OP.i32Load16U, OP.i32Ne],
    [1, OP.i32Load8U, OP.i32Ne],
  ]) {
    for (; at + bytes <= keySize; at += bytes) pieces.push({ at, load, differ })
  }
  return pieces
}
