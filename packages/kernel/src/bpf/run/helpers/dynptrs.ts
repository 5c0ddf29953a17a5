import { ringCommit, ringReserve } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { bytesAt, clearDynptr, copyOut, holds, isNull, KIND, makeDynptr, readDynptr, writableAt } from './dynptr.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

/** Copies bytes into what a dynptr stands for. Those of a packet may be wanted with flags, which change nothing here. */
function write(of: HelperWorld, at: number, offset: number, from: number, bytes: number, flags: number): number {
  const dynptr = readDynptr(of, at)
  if (isNull(dynptr) || (flags !== 0 && dynptr.kind !== KIND.packet)) return -errno.EINVAL
  if (!holds(dynptr, offset, bytes)) return -errno.E2BIG
  const to = bytes === 0 ? 1 : writableAt(of, dynptr, offset, bytes)
  if (to === 0) return -errno.EFAULT
  if (bytes > 0) of.memory.u8.copyWithin(to, from, from + bytes)
  return 0
}

function commit(of: HelperWorld, at: number, discards: boolean): number {
  const dynptr = readDynptr(of, at)
  if (!isNull(dynptr)) ringCommit(of.memory, dynptr.address, discards)
  clearDynptr(of, at)
  if (!discards) for (const written of of.recordReaders) written()
  return 0
}

/** Memory of which only the kernel knows how much it is. Source: spec 02 §3.6. */
export const DYNPTRS: readonly HelperRow[] = [
  {
    name: 'dynptr_from_mem',
    args: ['u32', 'u32', 'u64', 'u32'],
    returns: 's32',
    body: (of, data, size, flags, high, at) =>
      makeDynptr(of, at >>> 0, KIND.local, data >>> 0, size >>> 0, (flags | high) !== 0 ? -errno.EINVAL : 0),
  },
  {
    name: 'dynptr_read',
    args: ['u32', 'u32', 'u32', 'u64', 'u64'],
    returns: 's32',
    body(of, to, bytes, at, offset, high, flags, flagsHigh) {
      const dynptr = readDynptr(of, at >>> 0)
      if (isNull(dynptr) || (flags | flagsHigh) !== 0) return -errno.EINVAL
      if (high !== 0 || !holds(dynptr, offset >>> 0, bytes >>> 0)) return -errno.E2BIG
      return copyOut(of, dynptr, offset >>> 0, to >>> 0, bytes >>> 0) ? 0 : -errno.EFAULT
    },
  },
  {
    name: 'dynptr_write',
    args: ['u32', 'u64', 'u32', 'u32', 'u64'],
    returns: 's32',
    body: (of, at, offset, high, from, bytes, flags, flagsHigh) =>
      high !== 0 ? -errno.E2BIG : write(of, at >>> 0, offset >>> 0, from >>> 0, bytes >>> 0, flags | flagsHigh),
  },
  {
    name: 'dynptr_data',
    args: ['u32', 'u64', 'u64'],
    returns: 'u32',
    body(of, at, offset, high, bytes, bytesHigh) {
      const dynptr = readDynptr(of, at >>> 0)
      if (isNull(dynptr) || dynptr.kind === KIND.packet || (high | bytesHigh) !== 0) return 0
      return holds(dynptr, offset >>> 0, bytes >>> 0) ? bytesAt(of, dynptr, offset >>> 0, bytes >>> 0) : 0
    },
  },
  {
    name: 'ringbuf_reserve_dynptr',
    args: ['u32', 'u32', 'u64', 'u32'],
    returns: 's32',
    body(of, map, bytes, flags, high, at) {
      const error = (flags | high) !== 0 ? -errno.EINVAL : 0
      const record = error === 0 ? ringReserve(of.memory, map >>> 0, bytes >>> 0) : 0
      return makeDynptr(of, at >>> 0, KIND.ring, record, bytes >>> 0, record === 0 ? -errno.EINVAL : 0)
    },
  },
  {
    name: 'ringbuf_submit_dynptr',
    args: ['u32', 'u32'],
    returns: 'void',
    body: (of, at) => commit(of, at >>> 0, false),
  },
  {
    name: 'ringbuf_discard_dynptr',
    args: ['u32', 'u32'],
    returns: 'void',
    body: (of, at) => commit(of, at >>> 0, true),
  },
]
