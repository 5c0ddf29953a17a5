import type { Bytes } from '../isa/op.ts'
import { BpfFault } from '../run/fault.ts'
import { STACK_BYTES } from '../run/limits.ts'
import type { Machine, Window } from '../run/machine.ts'

/** The machine's memory as a run may use it. */
export class RunMemory {
  private readonly machine: Machine
  private readonly stackTop: number
  private view: DataView

  /** @param fp R10 of the run's first frame. */
  constructor(machine: Machine, fp: number) {
    this.machine = machine
    this.stackTop = fp
    this.view = new DataView(machine.memory.buffer)
  }

  /** Reads unsigned. `windows` are those of an unverified program. */
  read(address: bigint, bytes: Bytes, windows: readonly Window[] | undefined, slot: number): bigint {
    const at = this.place(address, bytes, windows, false, slot)
    switch (bytes) {
      case 1:
        return BigInt(this.view.getUint8(at))
      case 2:
        return BigInt(this.view.getUint16(at, true))
      case 4:
        return BigInt(this.view.getUint32(at, true))
      case 8:
        return this.view.getBigUint64(at, true)
    }
  }

  /** Writes the low bytes of `value`. */
  write(address: bigint, bytes: Bytes, value: bigint, windows: readonly Window[] | undefined, slot: number): void {
    const at = this.place(address, bytes, windows, true, slot)
    if (bytes === 8) this.view.setBigUint64(at, value, true)
    else if (bytes === 4) this.view.setUint32(at, Number(BigInt.asUintN(32, value)), true)
    else if (bytes === 2) this.view.setUint16(at, Number(BigInt.asUintN(16, value)), true)
    else this.view.setUint8(at, Number(BigInt.asUintN(8, value)))
  }

  /** The offset of an access that may be made; faults if it may not. Takes a new view if memory has grown. */
  private place(
    address: bigint,
    bytes: number,
    windows: readonly Window[] | undefined,
    write: boolean,
    slot: number,
  ): number {
    if (this.view.buffer !== this.machine.memory.buffer) this.view = new DataView(this.machine.memory.buffer)
    const at = Number(windows ? address : BigInt.asUintN(32, address))
    const allowed = !windows || this.inStack(at, bytes) || windows.some((window) => contains(window, at, bytes, write))
    if (!allowed || at + bytes > this.view.byteLength) throw new BpfFault('memory', slot, address)
    return at
  }

  private inStack(at: number, bytes: number): boolean {
    return at >= this.stackTop - STACK_BYTES && at + bytes <= this.stackTop
  }
}

// Addresses above 2^53 lose their low bits as numbers, but stay above every window.
const contains = (window: Window, at: number, bytes: number, write: boolean): boolean =>
  at >= window.start && at + bytes <= window.end && (window.writable || !write)
