import { ByteSink } from './byte-sink.ts'
import { I32, I64, OP, type ValueType } from './opcodes.ts'

/** The body of one function that is being written: its instructions, and the locals it has asked for. */
export class Code {
  readonly sink = new ByteSink(1024)
  readonly #parameters: number
  readonly #locals: ValueType[] = []
  readonly #free: Record<ValueType, number[]> = { [I32]: [], [I64]: [] }

  constructor(parameters: readonly ValueType[]) {
    this.#parameters = parameters.length
  }

  /** A local that nothing else uses. */
  local(type: ValueType): number {
    this.#locals.push(type)
    return this.#parameters + this.#locals.length - 1
  }

  /** A local for a while: {@link release} gives it to whoever asks next. */
  temporary(type: ValueType): number {
    return this.#free[type].pop() ?? this.local(type)
  }

  release(type: ValueType, local: number): void {
    this.#free[type].push(local)
  }

  op(opcode: number): void {
    this.sink.u8(opcode)
  }

  /** An instruction with one index: of a local, a function, a label, a type. */
  opIndex(opcode: number, index: number): void {
    this.sink.u8(opcode)
    this.sink.u32(index)
  }

  get(local: number): void {
    this.opIndex(OP.localGet, local)
  }

  set(local: number): void {
    this.opIndex(OP.localSet, local)
  }

  tee(local: number): void {
    this.opIndex(OP.localTee, local)
  }

  i32(value: number): void {
    this.sink.u8(OP.i32Const)
    this.sink.s32(value)
  }

  i64(low: number, high: number): void {
    this.sink.u8(OP.i64Const)
    this.sink.s64(low, high)
  }

  /** A load or a store at the address on the stack plus `offset`; nothing is promised about alignment. */
  memory(opcode: number, offset: number): void {
    this.sink.u8(opcode)
    this.sink.u8(0)
    this.sink.u32(offset)
  }

  /** An atomic access, which must name its natural alignment, as log2 of bytes. */
  atomic(opcode: number, alignment: number, offset: number): void {
    this.sink.u8(OP.atomicPrefix)
    this.sink.u8(opcode)
    this.sink.u8(alignment)
    this.sink.u32(offset)
  }

  /** A structured instruction: `block`, `loop` or `if`, with the type of what it gives. */
  begin(opcode: number, type: number): void {
    this.sink.u8(opcode)
    this.sink.u8(type)
  }

  end(): void {
    this.sink.u8(OP.end)
  }

  memorySize(): void {
    this.sink.u8(OP.memorySize)
    this.sink.u8(0)
  }

  tableSize(table: number): void {
    this.sink.u8(OP.bulkPrefix)
    this.sink.u32(16)
    this.sink.u32(table)
  }

  callIndirect(type: number, table: number): void {
    this.sink.u8(OP.callIndirect)
    this.sink.u32(type)
    this.sink.u32(table)
  }

  /** Writes the function as the code section has it: size, locals in runs of one type, instructions. */
  writeTo(to: ByteSink): void {
    const runs = new ByteSink(16)
    let count = 0
    for (let i = 0; i < this.#locals.length; ) {
      let end = i + 1
      while (end < this.#locals.length && this.#locals[end] === this.#locals[i]) end++
      runs.u32(end - i)
      runs.u8(this.#locals[i])
      count++
      i = end
    }
    const head = new ByteSink(5)
    head.u32(count)
    to.u32(head.length + runs.length + this.sink.length + 1)
    to.append(head.view)
    to.append(runs.view)
    to.append(this.sink.view)
    to.u8(OP.end)
  }
}
