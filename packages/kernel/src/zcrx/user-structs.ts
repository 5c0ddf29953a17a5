import type { ApplicationMemory } from '../packet/application-memory.ts'

/** Highest address that exists in packet memory, which is below 2 GiB. */
const MOST_ADDRESS = 0x7fffffffn

/** Structures that an application hands to the kernel, by their addresses. */
export class UserStructs {
  readonly application: ApplicationMemory

  constructor(application: ApplicationMemory) {
    this.application = application
  }

  /** The bytes themselves, to be read and written; undefined where the application has nothing mapped (EFAULT). */
  at(address: bigint, length: number): DataView | undefined {
    if (!this.covers(address, BigInt(length))) return undefined
    const { memory } = this.application
    return new DataView(memory.u8.buffer, Number(address), length)
  }

  /** Whether all of it is mapped. */
  covers(address: bigint, length: bigint): boolean {
    if (address + length > MOST_ADDRESS) return false
    const region = this.application.pin(Number(address), Number(length))
    if (region) this.application.unpin(region)
    return region !== undefined
  }
}

/** Whether the bytes from one offset to another are all zero. */
export function isZero(view: DataView, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (view.getUint8(at) !== 0) return false
  return true
}

export const u32 = (view: DataView, at: number): number => view.getUint32(at, true)
export const u64 = (view: DataView, at: number): bigint => view.getBigUint64(at, true)
export const setU32 = (view: DataView, at: number, value: number): void => view.setUint32(at, value, true)
export const setU64 = (view: DataView, at: number, value: bigint): void => view.setBigUint64(at, value, true)
