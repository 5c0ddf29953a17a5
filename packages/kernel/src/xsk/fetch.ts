import { XDP_TXMD } from '@netkit/netlink'
import type { PacketBatch } from '../packet/batch.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import { applyMetadata, stamp } from './metadata.ts'
import type { Pool, Sender } from './pool.ts'

const { PKT_BUFFER, PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT } = layout

/** Descriptors of one socket before the next one's turn. Source: spec 03 §5.5. */
const TURN = 32

/**
 * Puts packets over what the sockets of a pool want to be sent into a batch, without copies. Descriptors that cannot be sent come back
 * by the completion ring in their turn, with the rest of their packet. Source: spec 02 §8.3, as of drivers that take batches.
 */
export function fetchPackets(pool: Pool, packets: Packets, batch: PacketBatch, budget: number): number {
  const { senders, completions } = pool
  completions.hold()
  let fetched = 0
  for (let idle = 0; idle < senders.length && fetched < budget && batch.room > 0; ) {
    const sender = senders[pool.turn % senders.length]
    const most = Math.min(TURN, budget - fetched, batch.room)
    const got = fetchFrom(pool, sender, packets, batch, most)
    if (got < most) {
      pool.turn++
      idle++
    } else if (got === TURN) pool.turn++
    fetched += got
  }
  return fetched
}

function fetchFrom(pool: Pool, sender: Sender, packets: Packets, batch: PacketBatch, most: number): number {
  const { tx } = sender
  if (tx === undefined) return 0
  let got = 0
  while (got < most) {
    const parts = wholePacket(pool, sender, packets)
    if (parts === 0) {
      if (got === 0) sender.emptyTx++
      break
    }
    if (parts < 0) reclaim(pool, sender, packets, -parts)
    else if (build(pool, sender, packets, batch, parts)) got++
    else break
  }
  return got
}

/** Descriptors of the packet that is next, 0 if there is none or no room for it; negative: they cannot be sent. */
function wholePacket(pool: Pool, { tx }: Sender, packets: Packets): number {
  if (tx === undefined) return 0
  const { descriptor, umem, completions } = pool
  const { i32 } = packets.memory
  let valid = true
  for (let n = 0; ; n++) {
    if (tx.available(n + 1) <= n || completions.room(n + 1) <= n) return 0
    valid = descriptor.read(i32, tx.entry(n), umem) && valid
    if (descriptor.isLast) return valid ? n + 1 : -(n + 1)
  }
}

function reclaim(pool: Pool, sender: Sender, packets: Packets, parts: number): void {
  const { descriptor, umem, completions } = pool
  const { tx } = sender
  if (tx === undefined) return
  const { i32 } = packets.memory
  for (let n = 0; n < parts; n++) {
    if (!descriptor.read(i32, tx.entry(n), umem)) sender.invalidTx++
    completions.skip(descriptor.low, descriptor.high)
  }
  tx.take(parts)
}

/** False without memory: nothing was taken. */
function build(pool: Pool, { tx }: Sender, packets: Packets, batch: PacketBatch, parts: number): boolean {
  const { descriptor, umem, completions } = pool
  const handle = packets.table.alloc()
  if (handle < 0 || tx === undefined) return false
  const { memory, fragments } = packets
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  let last = 0
  for (let n = 0; n < parts; n++) {
    descriptor.read(memory.i32, tx.entry(n), umem)
    const { length } = descriptor
    const offset = umem.offset + descriptor.offset
    if (n === 0 && descriptor.hasMetadata) {
      const block = offset - umem.metadataLength
      const flags = applyMetadata(memory, block, umem.metadataLength, length)
      if (flags > 0 && (flags & XDP_TXMD.timestamp) !== 0) stamp(memory, block, pool.now())
    }
    const buffer = completions.begin(descriptor.low, descriptor.high, offset)
    fields[i + PKT_LENGTH] += length
    if (n === 0) {
      fields[i + PKT_BUFFER] = buffer
      fields[i + PKT_DATA] = offset
      fields[i + PKT_LINEAR] = length
      continue
    }
    const fragment = fragments.alloc(offset, length, pool.fragmentOwner, buffer)
    if (last === 0) fields[i + PKT_FRAGMENTS] = fragment
    else fragments.link(last, fragment)
    last = fragment
  }
  tx.take(parts)
  batch.push(handle)
  return true
}
