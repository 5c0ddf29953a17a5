import { MAP_HEADER } from '../../run/map-header.ts'
import { compare } from '../value/compare.ts'
import { binary } from '../value/fold.ts'
import { const32, extend, low, type Node, select } from '../value/node.ts'
import { addressOf, loadFrom } from './access.ts'
import type { BlockBuilder } from './builder.ts'
import type { ModuleIndex } from './context.ts'
import type { KnownMap } from './inline.ts'

/** Lookup in an array, or in this CPU's part of a per-CPU array. */
export function lookupInArray(block: BlockBuilder, { machine }: ModuleIndex, map: KnownMap): Node {
  const index = low(loadFrom(block, addressOf(block.get(2), 0), 4))
  const first = map.field(MAP_HEADER.VALUES) + (machine.cpu ?? 0) * map.field(MAP_HEADER.CPU_STRIDE)
  const offset = binary('mul', index, const32(map.field(MAP_HEADER.STRIDE)))
  const exists = compare('lt', index, const32(map.field(MAP_HEADER.MAX_ENTRIES)))
  const value = select(binary('add', offset, const32(first)), const32(0), exists)
  value.nonZeroIf = exists
  return extend(value)
}
