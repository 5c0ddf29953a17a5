import { errno } from '@netkit/netlink'
import {
  bytesAt,
  clearDynptr,
  copyOut,
  holds,
  isNull,
  KIND,
  makeDynptr,
  packetLength,
  readDynptr,
  writableAt,
  writeDynptr,
} from './dynptr.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

const fromPacket = (name: string): HelperRow => ({
  name,
  args: ['u32', 'u64', 'u32'],
  returns: 's32',
  body(of, context, flags, high, at) {
    const size = packetLength(of, context >>> 0)
    return makeDynptr(of, at >>> 0, KIND.packet, context >>> 0, size, (flags | high) !== 0 ? -errno.EINVAL : 0)
  },
})

/** Bytes in one piece: where they lie, or copied to a buffer. */
function slice(of: HelperWorld, at: number, offset: number, buffer: number, bytes: number): number {
  const dynptr = readDynptr(of, at)
  if (isNull(dynptr) || !holds(dynptr, offset, bytes)) return 0
  const place = bytesAt(of, dynptr, offset, bytes)
  if (place !== 0 || buffer === 0) return place
  return copyOut(of, dynptr, offset, buffer, bytes) ? buffer : 0
}

const slicer = (name: string): HelperRow => ({
  name,
  args: ['u32', 'u64', 'u32', 'u64'],
  returns: 'u32',
  body: (of, at, offset, high, buffer, bytes, bytesHigh) =>
    (high | bytesHigh) !== 0 ? 0 : slice(of, at >>> 0, offset >>> 0, buffer >>> 0, bytes >>> 0),
})

/** Bytes that are copied at a time. */
const CHUNK = 256

function copy(of: HelperWorld, to: number, toOffset: number, from: number, fromOffset: number, bytes: number): number {
  const source = readDynptr(of, from)
  const target = readDynptr(of, to)
  if (isNull(source) || isNull(target)) return -errno.EINVAL
  if (!holds(source, fromOffset, bytes) || !holds(target, toOffset, bytes)) return -errno.E2BIG
  const buffer = of.memory.reserve(CHUNK)
  if (buffer === 0) return -errno.ENOMEM
  let error = 0
  for (let done = 0; done < bytes && error === 0; done += CHUNK) {
    const count = Math.min(CHUNK, bytes - done)
    const place = writableAt(of, target, toOffset + done, count)
    if (place === 0 || !copyOut(of, source, fromOffset + done, buffer, count)) error = -errno.EFAULT
    else of.memory.u8.copyWithin(place, buffer, buffer + count)
  }
  of.memory.release(buffer, CHUNK)
  return error
}

function fill(of: HelperWorld, at: number, offset: number, bytes: number, value: number): number {
  const dynptr = readDynptr(of, at)
  if (isNull(dynptr)) return -errno.EINVAL
  if (!holds(dynptr, offset, bytes)) return -errno.E2BIG
  const place = bytes === 0 ? 1 : writableAt(of, dynptr, offset, bytes)
  if (place === 0) return -errno.EFAULT
  of.memory.u8.fill(value, place, place + bytes)
  return 0
}

/** Narrows what a dynptr stands for. */
function adjust(of: HelperWorld, at: number, start: number, end: number): number {
  const dynptr = readDynptr(of, at)
  if (isNull(dynptr) || start > end) return -errno.EINVAL
  if (end > dynptr.size) return -errno.ERANGE
  writeDynptr(of, at, { ...dynptr, offset: dynptr.offset + start, size: end - start })
  return 0
}

function answer({ memory: { view }, resultCell }: HelperWorld, value: number): number {
  view.setBigInt64(resultCell, BigInt(value), true)
  return 0
}

/** Functions of the kernel about dynptrs. Source: spec 02 §3.7. */
export const DYNPTR_FUNCTIONS: readonly HelperRow[] = [
  fromPacket('bpf_dynptr_from_skb'),
  fromPacket('bpf_dynptr_from_xdp'),
  slicer('bpf_dynptr_slice'),
  slicer('bpf_dynptr_slice_rdwr'),
  {
    name: 'bpf_dynptr_adjust',
    args: ['u32', 'u64', 'u64'],
    returns: 's32',
    body: (of, at, start, startHigh, end, endHigh) =>
      (startHigh | endHigh) !== 0 ? -errno.ERANGE : adjust(of, at >>> 0, start >>> 0, end >>> 0),
  },
  {
    name: 'bpf_dynptr_is_null',
    args: ['u32'],
    returns: 'u32',
    body: (of, at) => (isNull(readDynptr(of, at >>> 0)) ? 1 : 0),
  },
  { name: 'bpf_dynptr_is_rdonly', args: ['u32'], returns: 'u32', body: () => 0 },
  {
    name: 'bpf_dynptr_size',
    args: ['u32'],
    returns: 'u64',
    body(of, at) {
      const dynptr = readDynptr(of, at >>> 0)
      return answer(of, isNull(dynptr) ? -errno.EINVAL : dynptr.size)
    },
  },
  {
    name: 'bpf_dynptr_clone',
    args: ['u32', 'u32'],
    returns: 's32',
    body(of, from, to) {
      const dynptr = readDynptr(of, from >>> 0)
      if (isNull(dynptr)) clearDynptr(of, to >>> 0)
      else writeDynptr(of, to >>> 0, dynptr)
      return isNull(dynptr) ? -errno.EINVAL : 0
    },
  },
  {
    name: 'bpf_dynptr_copy',
    args: ['u32', 'u64', 'u32', 'u64', 'u64'],
    returns: 's32',
    body: (of, to, toOffset, toHigh, from, fromOffset, fromHigh, bytes, high) =>
      (toHigh | fromHigh | high) !== 0
        ? -errno.E2BIG
        : copy(of, to >>> 0, toOffset >>> 0, from >>> 0, fromOffset >>> 0, bytes >>> 0),
  },
  {
    name: 'bpf_dynptr_memset',
    args: ['u32', 'u64', 'u64', 'u32'],
    returns: 's32',
    body: (of, at, offset, high, bytes, bytesHigh, value) =>
      (high | bytesHigh) !== 0 ? -errno.E2BIG : fill(of, at >>> 0, offset >>> 0, bytes >>> 0, value & 0xff),
  },
]
