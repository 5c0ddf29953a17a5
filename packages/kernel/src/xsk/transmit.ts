import { errno, XDP_TXMD } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import type { PacketPath } from '../net/path.ts'
import { COPY } from '../packet/copy-reason.ts'
import { DROP } from '../packet/drop-reason.ts'
import * as layout from '../packet/fields.ts'
import { applyMetadata, stamp } from './metadata.ts'
import type { Pool } from './pool.ts'
import type { ConsumedRing } from './ring.ts'
import type { XskSocket } from './socket.ts'

const { PKT_DATA, PKT_QUEUE, PKT_SHIFT } = layout
const IFF_UP = 1
const LINE = 64
/** Pages of a packet beside its first buffer, at most. */
const MOST_FRAGMENTS = 17

/** The way of packets as copy mode needs it. */
export interface SendPath extends PacketPath {
  transmitDirect(dev: Device, handle: number): boolean
  /** Has received what was sent to devices of the kernel's own. */
  run(): void
}

/** Sends what waits in the TX ring, by copies, up to the socket's budget: 0 or a negative errno. Source: spec 02 §8.5. */
export function transmitCopies(path: SendPath, socket: XskSocket, dev: Device, pool: Pool): number {
  const { tx } = socket
  if (tx === undefined || socket.queue >= dev.realTxQueues) return 0
  let result = 0
  let sent = 0
  pool.completions.hold()
  while (tx.available(1) > 0) {
    if (sent === socket.budget) {
      result = -errno.EAGAIN
      break
    }
    const parts = partsOf(path, socket, pool, tx)
    if (parts <= 0) {
      result = parts
      break
    }
    result = sendOne(path, socket, dev, pool, tx, parts)
    if (result !== 0) break
    sent++
  }
  pool.completions.flush()
  tx.release()
  path.run()
  return result
}

/** Descriptors of the next packet, 0 if it is not whole or was invalid, EAGAIN if they could not come back. */
function partsOf(path: PacketPath, socket: XskSocket, pool: Pool, tx: ConsumedRing): number {
  const { descriptor, umem, completions } = pool
  const { i32 } = path.packets.memory
  for (let n = 0; ; n++) {
    if (tx.available(n + 1) <= n) return 0
    if (completions.room(n + 1) <= n) return -errno.EAGAIN
    const valid = descriptor.read(i32, tx.entry(n), umem)
    if (!valid || n > MOST_FRAGMENTS) {
      discard(path, socket, pool, tx, n)
      return 0
    }
    if (descriptor.isLast) return n + 1
  }
}

/** A packet with something invalid in it comes back whole; what follows up to its end too. */
function discard(path: PacketPath, socket: XskSocket, pool: Pool, tx: ConsumedRing, before: number): void {
  const { descriptor, umem, completions } = pool
  const { i32 } = path.packets.memory
  for (let n = 0; tx.available(1) > 0 && completions.room(1) > 0; n++) {
    const valid = descriptor.read(i32, tx.entry(0), umem)
    if (!valid || n >= before) socket.invalidTx++
    completions.skip(descriptor.low, descriptor.high)
    tx.take(1)
    if (descriptor.isLast) return
  }
}

function sendOne(path: SendPath, socket: XskSocket, dev: Device, pool: Pool, tx: ConsumedRing, parts: number): number {
  const { packets } = path
  const { descriptor, umem, completions } = pool
  const { i32 } = packets.memory
  let length = 0
  for (let n = 0; n < parts; n++) {
    descriptor.read(i32, tx.entry(n), umem)
    if (n === 0 && descriptor.hasMetadata) {
      const block = umem.offset + descriptor.offset - umem.metadataLength
      const flags = applyMetadata(packets.memory, block, umem.metadataLength, descriptor.length)
      if (flags < 0) return flags
      if ((flags & XDP_TXMD.timestamp) !== 0) stamp(packets.memory, block, pool.now())
    }
    length += descriptor.length
  }
  const handle = packets.alloc(length, Math.max(LINE, Math.ceil(dev.neededHeadroom / LINE) * LINE))
  if (handle < 0) return -errno.EAGAIN
  let at = packets.table.fields[(handle << PKT_SHIFT) + PKT_DATA]
  for (let n = 0; n < parts; n++) {
    descriptor.read(packets.memory.i32, tx.entry(n), umem)
    packets.memory.move(at, umem.offset + descriptor.offset, descriptor.length, COPY.umem)
    at += descriptor.length
    completions.skip(descriptor.low, descriptor.high)
  }
  tx.take(parts)
  packets.table.fields[(handle << PKT_SHIFT) + PKT_QUEUE] = dev.realTxQueues > 1 ? socket.queue + 1 : 0
  return hand(path, dev, handle)
}

/** Past captures and programs at its egress to the driver; EBUSY if it was dropped. */
function hand(path: SendPath, dev: Device, handle: number): number {
  if ((dev.flags & IFF_UP) === 0 || !dev.carrier) {
    dev.counters.txDropped++
    path.drop(dev, handle, DROP.DEV_READY)
    return -errno.EBUSY
  }
  const before = dev.counters.txDropped
  const taken = path.transmitDirect(dev, handle)
  return taken && dev.counters.txDropped === before ? 0 : -errno.EBUSY
}
