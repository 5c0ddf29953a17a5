import {
  errno,
  SOL_XDP,
  XDP_MMAP_OFFSETS,
  XDP_OPTION,
  XDP_OPTIONS_ZEROCOPY,
  XDP_RING,
  XDP_STATISTICS,
  XDP_UMEM_REG,
} from '@netkit/netlink'
import type { ApplicationMemory } from '../packet/application-memory.ts'
import { ConsumedRing, ProducedRing, ringBytes } from './ring.ts'
import { READY, type XskSocket } from './socket.ts'
import { makeUmem, readUmem } from './umem.ts'

const SOL_SOCKET = 1
const SO_ERROR = 4
const SMALLEST_BUDGET = 32
const MOST_ENTRIES = 1 << 26

type RingName = 'rx' | 'tx' | 'fill' | 'completion'

/** Which ring an option makes, whether it has descriptors, and whether the kernel fills it. */
const RINGS: ReadonlyMap<number, { readonly name: RingName; readonly descriptors: boolean; readonly filled: boolean }> =
  new Map([
    [XDP_OPTION.rxRing, { name: 'rx', descriptors: true, filled: true }],
    [XDP_OPTION.txRing, { name: 'tx', descriptors: true, filled: false }],
    [XDP_OPTION.umemFillRing, { name: 'fill', descriptors: false, filled: false }],
    [XDP_OPTION.umemCompletionRing, { name: 'completion', descriptors: false, filled: true }],
  ])

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** setsockopt(2): 0 or a negative errno. Source: spec 02 §8.1, §8.2. */
export function setOption(
  application: ApplicationMemory,
  socket: XskSocket,
  level: number,
  name: number,
  value: Uint8Array,
): number {
  if (level !== SOL_XDP) return -errno.ENOPROTOOPT
  if (RINGS.has(name)) return makeRing(application, socket, name, value)
  if (name === XDP_OPTION.umemReg) return registerUmem(application, socket, value)
  if (name === XDP_OPTION.maxTxSkbBudget) return setBudget(socket, value)
  return -errno.ENOPROTOOPT
}

function makeRing(application: ApplicationMemory, socket: XskSocket, name: number, value: Uint8Array): number {
  if (value.length < 4) return -errno.EINVAL
  const ring = RINGS.get(name)
  if (ring === undefined) return -errno.ENOPROTOOPT
  const entries = viewOf(value).getInt32(0, true)
  if (socket.state !== READY) return -errno.EBUSY
  if (entries === 0 || (entries & (entries - 1)) !== 0 || socket[ring.name]) return -errno.EINVAL
  if (entries < 0 || entries > MOST_ENTRIES) return -errno.ENOMEM
  const region = application.map(ringBytes(entries, ring.descriptors))
  if (!region) return -errno.ENOMEM
  const { memory } = application
  const made = new (ring.filled ? ProducedRing : ConsumedRing)(memory, region, entries, ring.descriptors)
  if (ring.name === 'tx') made.needWakeup = true
  Object.assign(socket, { [ring.name]: made })
  return 0
}

function registerUmem(application: ApplicationMemory, socket: XskSocket, value: Uint8Array): number {
  if (value.length < XDP_UMEM_REG.oldSize) return -errno.EINVAL
  if (socket.state !== READY || socket.umem) return -errno.EBUSY
  const umem = makeUmem(application, readUmem(value))
  if (typeof umem === 'number') return umem
  socket.umem = umem
  return 0
}

function setBudget(socket: XskSocket, value: Uint8Array): number {
  if (value.length !== 4) return -errno.EINVAL
  const budget = viewOf(value).getUint32(0, true)
  if (!socket.tx || budget < SMALLEST_BUDGET || budget > socket.tx.entries) return -errno.EACCES
  socket.budget = budget
  return 0
}

/** getsockopt(2) for a buffer of `length` bytes: the option, or a negative errno. */
export function getOption(socket: XskSocket, level: number, name: number, length: number): Uint8Array | number {
  if (level === SOL_SOCKET && name === SO_ERROR) return takeError(socket)
  if (level !== SOL_XDP) return -errno.ENOPROTOOPT
  switch (name) {
    case XDP_OPTION.statistics:
      return length < XDP_STATISTICS.oldSize ? -errno.EINVAL : statistics(socket, length)
    case XDP_OPTION.mmapOffsets:
      return length < XDP_MMAP_OFFSETS.oldSize ? -errno.EINVAL : mmapOffsets(length)
    case XDP_OPTION.options: {
      if (length < 4) return -errno.EINVAL
      return Uint8Array.of(socket.pool?.umem.zeroCopy && socket.pool.zeroCopy ? XDP_OPTIONS_ZEROCOPY : 0, 0, 0, 0)
    }
    default:
      return -errno.EOPNOTSUPP
  }
}

function takeError(socket: XskSocket): Uint8Array {
  const bytes = new Uint8Array(4)
  viewOf(bytes).setInt32(0, socket.error, true)
  socket.error = 0
  return bytes
}

/** What a socket counts: six numbers, or in the old form three. */
function statistics(socket: XskSocket, length: number): Uint8Array {
  const isNew = length >= XDP_STATISTICS.size
  const { droppedRx, invalidTx, fullRx, emptyTx, pool } = socket
  const counts = isNew
    ? [droppedRx, 0, invalidTx, fullRx, pool?.emptyFill ?? 0, emptyTx]
    : [droppedRx + fullRx, 0, invalidTx]
  return new Uint8Array(BigUint64Array.from(counts, BigInt).buffer)
}

function mmapOffsets(length: number): Uint8Array {
  const { producer, consumer, entries, flags } = XDP_RING
  const one = length >= XDP_MMAP_OFFSETS.size ? [producer, consumer, entries, flags] : [producer, consumer, entries]
  return new Uint8Array(BigUint64Array.from([...one, ...one, ...one, ...one], BigInt).buffer)
}
