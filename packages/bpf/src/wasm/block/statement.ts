import type { Address, Node } from '../value/node.ts'
import type { Writer } from './writer.ts'

/** What has to happen at its place in a block. */
export type Statement =
  | {
      readonly kind: 'load'
      readonly address: Address
      readonly bytes: number
      /** Opcode where it is read from memory, and what is done to the value where it is held in a local. */
      readonly opcode: number
      readonly signed: boolean
      readonly result: Node
    }
  | {
      readonly kind: 'store'
      readonly address: Address
      readonly bytes: number
      readonly opcode: number
      readonly value: Node
    }
  | {
      readonly kind: 'other'
      /** What `write` asks the writer for. */
      readonly inputs: readonly Node[]
      /** Gets what `write` leaves on the stack. */
      readonly result?: Node
      /** Bytes of the frame that are read or written through a pointer among the inputs; without it, all from there on. */
      readonly frame?: readonly FrameRange[]
      readonly write: (writer: Writer) => void
    }

/** Bytes of a function's frame, from R10 on. */
export interface FrameRange {
  readonly offset: number
  readonly bytes: number
}

/** How a block ends. */
export type Ending =
  | { readonly kind: 'jump' }
  /** Goes to the first successor unless it is zero. */
  | { readonly kind: 'branch'; readonly condition: Node }
  | { readonly kind: 'return'; readonly value: Node }
  /** A fault was written already. */
  | { readonly kind: 'fault' }
