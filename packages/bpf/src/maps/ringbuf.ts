import { MAP_HEADER } from '../run/map-header.ts'
import { MAP_FLAG } from '../syscall/numbers.ts'
import { align8, copyBytes, type MapMemory } from './memory.ts'
import { RING } from './ring-layout.ts'
import { type RingPages, takeRecords } from './ring-reader.ts'
import { checkShape, type Shape } from './shape.ts'
import { E2BIG, EINVAL, ENOTSUPP, type MapSpec, type MapType } from './type.ts'

const PAGE = 4096
const PAGE_SHIFT = 12
const EAGAIN = -11
const SHAPE: Shape = { key: [0, 0], value: [0, 0], flags: MAP_FLAG.rbOverwrite }
const MOST_BYTES = 64 << 20
/** What the length of a record in its header can be. */
const MOST_RECORD = 0x3fff_ffff
/** Flags of giving a record back. */
const NO_WAKEUP = 1
const FORCE_WAKEUP = 2

function check(spec: MapSpec): number {
  const { maxEntries } = spec
  const isPower = (maxEntries & (maxEntries - 1)) === 0
  return checkShape(spec, SHAPE) || (!isPower || maxEntries % PAGE !== 0 ? EINVAL : maxEntries > MOST_BYTES ? E2BIG : 0)
}

/** Starts at a page, so that the start is found from the page number that each record has. */
function create({ view }: MapMemory, map: number, { maxEntries }: MapSpec, at: number): void {
  const ring = (at + PAGE - 1) & -PAGE
  view.setUint32(map + MAP_HEADER.VALUES, ring, true)
  view.setUint32(ring + RING.SIZE, maxEntries, true)
}

const position = ({ view }: MapMemory, ring: number, which: number): number =>
  view.getUint32(ring + which, true) + view.getUint32(ring + which + 4, true) * 0x1_0000_0000

function setPosition({ view }: MapMemory, ring: number, which: number, to: number): void {
  view.setUint32(ring + which, to % 0x1_0000_0000, true)
  view.setUint32(ring + which + 4, Math.floor(to / 0x1_0000_0000), true)
}

const ringOf = ({ view }: MapMemory, map: number): number => view.getUint32(map + MAP_HEADER.VALUES, true)
const sizeOf = ({ view }: MapMemory, map: number): number => view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)

/** Bytes that nobody has consumed. */
export function ringAvailable(memory: MapMemory, map: number): number {
  const ring = ringOf(memory, map)
  return position(memory, ring, RING.PRODUCER) - position(memory, ring, RING.CONSUMER)
}

/** Address of `bytes` for a new record, which consumers stop at until it is given back; 0 if there is no room. `bytes`: any number from 0 on. */
export function ringReserve(memory: MapMemory, map: number, bytes: number): number {
  if (bytes > MOST_RECORD) return 0
  const ring = ringOf(memory, map)
  const size = sizeOf(memory, map)
  const length = RING.HEADER + align8(bytes)
  if (length > size) return 0
  const producer = position(memory, ring, RING.PRODUCER)
  if (producer + length - position(memory, ring, RING.CONSUMER) > size - 1) return 0
  const header = ring + RING.DATA + (producer % size)
  memory.view.setUint32(header, (bytes | RING.BUSY) >>> 0, true)
  memory.view.setUint32(header + 4, (header - ring) >>> PAGE_SHIFT, true)
  setPosition(memory, ring, RING.PRODUCER, producer + length)
  return header + RING.HEADER
}

/** A record is complete, or is not wanted after all. */
export function ringCommit({ view, u8 }: MapMemory, record: number, discards: boolean): void {
  const header = record - RING.HEADER
  const length = view.getUint32(header, true) & ~RING.BUSY
  const ring = ((header >>> PAGE_SHIFT) - view.getUint32(header + 4, true)) << PAGE_SHIFT
  const end = ring + RING.DATA + view.getUint32(ring + RING.SIZE, true)
  if (record + length > end) u8.copyWithin(ring + RING.DATA, end, record + length)
  view.setUint32(header, (discards ? length | RING.DISCARD : length) >>> 0, true)
}

/** Copies a record in. */
export function ringOutput(memory: MapMemory, map: number, from: number, bytes: number, flags: number): number {
  if ((flags & ~(NO_WAKEUP | FORCE_WAKEUP)) !== 0) return EINVAL
  const record = ringReserve(memory, map, bytes)
  if (record === 0) return EAGAIN
  copyBytes(memory, record, from, bytes)
  ringCommit(memory, record, false)
  return 0
}

/** Takes the records that are finished, as the ring's one consumer. */
export function ringTake(memory: MapMemory, map: number): Uint8Array[] {
  const ring = ringOf(memory, map)
  const { buffer } = memory.view
  const pages: RingPages = {
    consumer: { buffer, offset: ring + RING.CONSUMER },
    producer: { buffer, offset: ring + RING.PRODUCER },
    size: sizeOf(memory, map),
  }
  return takeRecords(pages)
}

/** What can be asked of a ring: bytes to consume, its size, the consumer's and the producer's position. */
export function ringQuery(memory: MapMemory, map: number, what: number): number {
  const ring = ringOf(memory, map)
  if (what === 0) return ringAvailable(memory, map)
  if (what === 1) return sizeOf(memory, map)
  if (what === 2) return position(memory, ring, RING.CONSUMER)
  return what === 3 ? position(memory, ring, RING.PRODUCER) : 0
}

const refuse = (): number => ENOTSUPP

export const ringbuf: MapType = {
  name: 'ringbuf',
  check,
  bytes: ({ maxEntries }) => PAGE + RING.DATA + 2 * maxEntries,
  create,
  lookup: refuse,
  update: refuse,
  remove: refuse,
  next: refuse,
}
