import { errno } from '@netkit/netlink'
import { COPY } from '../../../packet/copy-reason.ts'
import { makeLinear, makeWritable, readBytes } from '../../../packet/edit.ts'
import { PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT } from '../../../packet/fields.ts'
import type { HelperWorld } from './helper.ts'

/** What a dynptr stands for; 0 is nothing. */
export const KIND = { local: 1, ring: 2, packet: 3 } as const

/** The sixteen bytes of a dynptr, u32 each: where its memory is (a context's address for packets), what it is, which part. */
const ADDRESS = 0
const WHAT = 4
const OFFSET = 8
const SIZE = 12
const BYTES = 16

const MOST_BYTES = 0xff_ffff

export interface Dynptr {
  readonly address: number
  readonly kind: number
  readonly offset: number
  readonly size: number
}

export function readDynptr({ memory: { view } }: HelperWorld, at: number): Dynptr {
  return {
    address: view.getUint32(at + ADDRESS, true),
    kind: view.getUint32(at + WHAT, true),
    offset: view.getUint32(at + OFFSET, true),
    size: view.getUint32(at + SIZE, true),
  }
}

export function writeDynptr({ memory: { view } }: HelperWorld, at: number, dynptr: Dynptr): void {
  view.setUint32(at + ADDRESS, dynptr.address, true)
  view.setUint32(at + WHAT, dynptr.kind, true)
  view.setUint32(at + OFFSET, dynptr.offset, true)
  view.setUint32(at + SIZE, dynptr.size, true)
}

/** It stands for nothing from now on. */
export const clearDynptr = ({ memory: { u8 } }: HelperWorld, at: number): void => void u8.fill(0, at, at + BYTES)

/** Makes one, or one that stands for nothing if it may not be made. */
export function makeDynptr(
  of: HelperWorld,
  at: number,
  kind: number,
  address: number,
  size: number,
  error = 0,
): number {
  const refused = error || (size > MOST_BYTES ? -errno.E2BIG : 0)
  if (refused !== 0) clearDynptr(of, at)
  else writeDynptr(of, at, { address, kind, offset: 0, size })
  return refused
}

export const isNull = ({ kind }: Dynptr): boolean => kind === 0

/** Whether so many bytes from an offset on lie in it. */
export const holds = ({ size }: Dynptr, offset: number, bytes: number): boolean =>
  bytes <= size && offset <= size - bytes

/** Bytes of the packet that a context is about. */
export function packetLength(of: HelperWorld, context: number): number {
  const { handle } = of.contexts.at(context)
  return of.contexts.packets.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
}

/** Where bytes lie in one piece; 0 if they do not. */
export function bytesAt(of: HelperWorld, { address, kind, offset }: Dynptr, at: number, bytes: number): number {
  if (kind !== KIND.packet) return address + offset + at
  const { fields } = of.contexts.packets
  const i = of.contexts.at(address).handle << PKT_SHIFT
  return offset + at + bytes <= fields[i + PKT_LINEAR] ? fields[i + PKT_DATA] + offset + at : 0
}

/** Copies bytes out; whether they are all there. */
export function copyOut(of: HelperWorld, dynptr: Dynptr, at: number, to: number, bytes: number): boolean {
  const from = bytesAt(of, dynptr, at, bytes)
  if (from !== 0) {
    of.memory.u8.copyWithin(to, from, from + bytes)
    return true
  }
  const { packets } = of.contexts
  const { u8 } = of.memory
  const views = { u8, i32: new Int32Array(u8.buffer, 0, u8.buffer.byteLength >> 2) }
  return readBytes(packets, of.contexts.at(dynptr.address).handle, dynptr.offset + at, bytes, views, to, COPY.linearize)
}

/** Makes bytes lie in one piece that can be written to; 0 if that cannot be. */
export function writableAt(of: HelperWorld, dynptr: Dynptr, at: number, bytes: number): number {
  if (dynptr.kind === KIND.packet) {
    const { contexts } = of
    const context = contexts.at(dynptr.address)
    const { packets } = contexts
    contexts.settle(context)
    const end = dynptr.offset + at + bytes
    if (!makeLinear(packets, context.handle, end) || !makeWritable(packets, context.handle)) return 0
    contexts.refresh(context)
  }
  return bytesAt(of, dynptr, at, bytes)
}
