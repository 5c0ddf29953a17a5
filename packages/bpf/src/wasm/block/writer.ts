import type { Code } from '../encode/code.ts'
import { I32, type I64, OP } from '../encode/opcodes.ts'
import { type Address, type Node, PSEUDO } from '../value/node.ts'
import type { FrameSlots } from './frame-slots.ts'

/** Locals of a function that writing needs to know. */
export interface FrameLocals {
  /** R10, as I32. */
  readonly fp: number
  /** R10 − 512, as I32: offsets of WebAssembly's accesses are not negative. */
  readonly bottom: number
  readonly slots: FrameSlots
}

const FRAME_BYTES = 512

/** Writes values and addresses of one block. What is needed more than once is kept in a local from its first use on. */
export class Writer {
  readonly code: Code
  readonly frame: FrameLocals
  readonly #temporaries: { type: typeof I32 | typeof I64; local: number }[] = []

  constructor(code: Code, frame: FrameLocals) {
    this.code = code
    this.frame = frame
  }

  /** Gives the block's locals back. */
  finish(): void {
    for (const { type, local } of this.#temporaries) this.code.release(type, local)
  }

  temporary(type: typeof I32 | typeof I64): number {
    const local = this.code.temporary(type)
    this.#temporaries.push({ type, local })
    return local
  }

  /** Leaves a node's value on the stack. */
  value(n: Node): void {
    const { code } = this
    if (n.held >= 0) {
      code.get(n.held)
      return
    }
    this.#compute(n)
    if (n.uses < 2 || n.op === PSEUDO.local || n.op === PSEUDO.const || n.op === PSEUDO.frame) return
    n.held = this.temporary(n.type)
    code.tee(n.held)
  }

  /** Takes the value on the stack as that of a statement's result. */
  keep(n: Node): void {
    if (n.uses === 0) {
      this.code.op(OP.drop)
      return
    }
    n.held = this.temporary(n.type)
    this.code.set(n.held)
  }

  /** Leaves an I32 on the stack to which the returned offset is to be added. */
  address({ base, offset }: Address): number {
    const { code } = this
    if (!base) {
      code.get(this.frame.bottom)
      return FRAME_BYTES + offset
    }
    if (base.op === PSEUDO.const) {
      const at = (base.lo + offset) >>> 0
      code.i32(0)
      return at
    }
    this.value(base)
    if (offset >= 0) return offset
    code.i32(offset)
    code.op(OP.i32Add)
    return 0
  }

  #compute(n: Node): void {
    const { code } = this
    switch (n.op) {
      case PSEUDO.local:
        code.get(n.lo)
        return
      case PSEUDO.const:
        if (n.type === I32) code.i32(n.lo)
        else code.i64(n.lo, n.hi)
        return
      case PSEUDO.frame:
        code.get(this.frame.fp)
        code.op(OP.i64ExtendI32U)
        code.i64(n.lo, n.lo >> 31)
        code.op(OP.i64Add)
        return
      case PSEUDO.swap16:
        this.#swap16(n.a!)
        return
      case PSEUDO.swap32:
        this.#swap32(n.a!)
        return
      case PSEUDO.result:
        throw new Error('a result is used before its statement')
      default:
        if (n.a) this.value(n.a)
        if (n.b) this.value(n.b)
        if (n.c) this.value(n.c)
        code.op(n.op)
    }
  }

  /** A value on the stack that is needed twice. */
  #twice(n: Node): number {
    if (n.held >= 0 || n.op === PSEUDO.local) return n.held >= 0 ? n.held : n.lo
    const local = this.temporary(I32)
    this.value(n)
    this.code.set(local)
    return local
  }

  /** `(x << 8 | x >> 8) & 0xffff`, of 16 bits. */
  #swap16(n: Node): void {
    const { code } = this
    const x = this.#twice(n)
    code.get(x)
    code.i32(8)
    code.op(OP.i32Shl)
    code.get(x)
    code.i32(8)
    code.op(OP.i32ShrU)
    code.op(OP.i32Or)
    code.i32(0xffff)
    code.op(OP.i32And)
  }

  /** Two rotations, each of which puts half of the bytes into place. */
  #swap32(n: Node): void {
    const { code } = this
    const x = this.#twice(n)
    for (const [rotation, mask] of [
      [8, 0x00ff00ff],
      [24, 0xff00ff00],
    ]) {
      code.get(x)
      code.i32(rotation)
      code.op(OP.i32Rotl)
      code.i32(mask)
      code.op(OP.i32And)
    }
    code.op(OP.i32Or)
  }
}
