import type { Node } from '../value/node.ts'
import type { BlockBuilder } from './builder.ts'
import type { ModuleIndex } from './context.ts'

/**
 * Carries out a helper in the code of the program: R1 to R5 of `block` are its arguments. Gives R0, or undefined where the
 * body has to be called after all.
 */
export type Inliner = (block: BlockBuilder, module: ModuleIndex) => Node | undefined

/** By helper id. */
export const INLINED: ReadonlyMap<number, Inliner> = new Map()
