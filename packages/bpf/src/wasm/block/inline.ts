import { MAP_DELETE, MAP_LOOKUP, MAP_UPDATE } from '../../maps/helpers.ts'
import { MAP_HEADER } from '../../run/map-header.ts'
import { MAP_TYPE } from '../../syscall/numbers.ts'
import { isConst, low, type Node, PSEUDO } from '../value/node.ts'
import type { BlockBuilder } from './builder.ts'
import type { ModuleIndex } from './context.ts'
import { lookupInArray } from './inline-array.ts'
import { lookupInHash } from './inline-hash.ts'
import type { FrameRange } from './statement.ts'

/**
 * Carries out a helper in the code of the program: R1 to R5 of `block` are its arguments. Gives R0, or undefined where the
 * body has to be called after all.
 */
export type Inliner = (block: BlockBuilder, module: ModuleIndex) => Node | undefined

/** By helper id. */
export const INLINED: ReadonlyMap<number, Inliner> = new Map([[MAP_LOOKUP, lookup]])

const BY_TYPE: ReadonlyMap<number, (block: BlockBuilder, module: ModuleIndex, map: KnownMap) => Node | undefined> =
  new Map([
    [MAP_TYPE.array, lookupInArray],
    [MAP_TYPE.percpuArray, lookupInArray],
    [MAP_TYPE.hash, lookupInHash],
  ])

function lookup(block: BlockBuilder, module: ModuleIndex): Node | undefined {
  const map = knownMap(block, module)
  return map && BY_TYPE.get(map.field(MAP_HEADER.TYPE))?.(block, module, map)
}

/** A map that is known while a program is compiled: its header does not change in what it says about the map's shape. */
export interface KnownMap {
  readonly handle: number
  readonly field: (offset: number) => number
}

/** The map that R1 names, if it is a constant, as it is unless ways with different maps meet before the call. */
function knownMap(block: BlockBuilder, { machine }: ModuleIndex): KnownMap | undefined {
  const handle = low(block.get(1))
  if (!isConst(handle)) return undefined
  const view = new DataView(machine.memory.buffer)
  const at = handle.lo >>> 0
  if (at === 0 || at + MAP_HEADER.CPU_STRIDE + 4 > view.byteLength) return undefined
  return { handle: at, field: (offset) => view.getUint32(at + offset, true) }
}

/** What a map's helper reads of the frame through R2 and R3; undefined where that is not known. */
export function framePartOf(block: BlockBuilder, module: ModuleIndex, id: number): readonly FrameRange[] | undefined {
  if (id !== MAP_LOOKUP && id !== MAP_UPDATE && id !== MAP_DELETE) return undefined
  const map = knownMap(block, module)
  if (!map) return undefined
  const key = frameRange(block.get(2), map.field(MAP_HEADER.KEY_SIZE))
  return id === MAP_UPDATE ? [...key, ...frameRange(block.get(3), map.field(MAP_HEADER.VALUE_SIZE))] : key
}

export const frameRange = (pointer: Node, bytes: number): FrameRange[] =>
  pointer.op === PSEUDO.frame ? [{ offset: pointer.lo, bytes }] : []
