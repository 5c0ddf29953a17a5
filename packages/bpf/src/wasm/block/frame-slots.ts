import { FRAME_BYTES } from '../../run/limits.ts'
import { OP } from '../encode/opcodes.ts'
import { type Node, PSEUDO } from '../value/node.ts'
import type { FrameRange, Statement } from './statement.ts'

/**
 * Which bytes of a function's frame only loads and stores at fixed offsets touch. What is read and written there in one size,
 * as compilers do with registers they have no room for, can live in a local.
 */
export class FrameSlots {
  /** Bytes of the slot that starts here, 0 if none does; by offset from the frame's lowest byte. */
  readonly #size = new Uint8Array(FRAME_BYTES)
  /** Bytes that are part of a slot. */
  readonly #taken = new Uint8Array(FRAME_BYTES)
  /** Bytes that something else may touch. */
  readonly #exposed = new Uint8Array(FRAME_BYTES)
  readonly #locals = new Map<number, number>()

  /** Notes a load or store at R10 + `offset`. */
  access({ offset, bytes }: FrameRange): void {
    const at = offset + FRAME_BYTES
    // Only code that nothing reaches leaves the frame.
    const isWithin = at >= 0 && at + bytes <= FRAME_BYTES
    const fits = isWithin && (this.#size[at] === bytes || !this.#taken.subarray(at, at + bytes).includes(1))
    if (!fits) {
      this.expose({ offset, bytes })
      return
    }
    this.#size[at] = bytes
    this.#taken.fill(1, at, at + bytes)
  }

  /** Notes that bytes are touched in other ways. */
  expose({ offset, bytes }: FrameRange): void {
    const at = offset + FRAME_BYTES
    this.#exposed.fill(1, Math.max(at, 0), Math.max(at + bytes, 0))
  }

  /** Bytes from an offset on whose pointer gets out of sight. */
  exposeFrom(offset: number): void {
    this.expose({ offset, bytes: FRAME_BYTES })
  }

  exposeAll(): void {
    this.#exposed.fill(1)
  }

  /** Gives every slot that nothing else touches its local. */
  promote(local: (bytes: number) => number): void {
    this.#spread()
    for (let at = 0; at < FRAME_BYTES; at++) {
      const bytes = this.#size[at]
      if (bytes > 0 && this.#exposed[at] === 0) this.#locals.set(at, local(bytes))
    }
  }

  /** The local that holds what an access of this offset and size means, or undefined: it is in memory. */
  local(offset: number): number | undefined {
    return this.#locals.get(offset + FRAME_BYTES)
  }

  /** A slot of which one byte is exposed is exposed. Slots overlap only where one of them was exposed at once. */
  #spread(): void {
    for (let at = 0; at < FRAME_BYTES; at++) {
      const bytes = this.#size[at]
      if (bytes > 0 && this.#exposed.subarray(at, at + bytes).includes(1)) this.#exposed.fill(1, at, at + bytes)
    }
  }
}

/** Notes what a statement does to the frame. */
export function noteStatement(slots: FrameSlots, statement: Statement): void {
  if (statement.kind === 'other') {
    for (const range of statement.frame ?? []) slots.expose(range)
    for (const input of statement.inputs) notePointer(slots, input, statement.frame !== undefined)
    return
  }
  const { base, offset } = statement.address
  if (base) notePointer(slots, base, false)
  else slots.access({ offset, bytes: statement.bytes })
  if (statement.kind === 'store') notePointer(slots, statement.value, false)
}

/** Notes where a value that is used points. `known`: what is touched through it was noted already. */
export function notePointer(slots: FrameSlots, value: Node, known: boolean): void {
  const pointer = value.op === OP.i32WrapI64 ? value.a! : value
  if (pointer.op === PSEUDO.frame) {
    if (!known) slots.exposeFrom(pointer.lo)
  } else if (value.frames) slots.exposeAll() // computing with a pointer may lead anywhere
}
