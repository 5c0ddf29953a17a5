import { errno } from '@netkit/netlink'
import type { CopyReason } from './copy-reason.ts'
import { PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_SHIFT } from './fields.ts'
import type { Packets } from './packets.ts'

/** Bytes of a fragment that is a page. */
const PAGE = 4096
/** Fragments that a packet can have. */
const MAX_FRAGMENTS = 17

/** Owners of fragments that are frame buffers, by the packets that they belong to. The cookie is the buffer. */
const owners = new WeakMap<Packets, number>()

/** The owner of fragments that are frame buffers: the cookie is the buffer. */
export function pageOwner(packets: Packets): number {
  let owner = owners.get(packets)
  if (owner === undefined) {
    const { buffers } = packets
    owner = packets.fragments.addOwner({
      retain: (buffer) => buffers.retain(buffer),
      release: (buffer) => buffers.release(buffer),
    })
    owners.set(packets, owner)
  }
  return owner
}

/** A packet with a copy of `bytes`: the first `linear` of them as its linear part, the rest in fragments of a page each. -1 without
 *  memory or with too many fragments. */
export function allocPaged(packets: Packets, bytes: Uint8Array, linear: number, reason: CopyReason): number {
  const handle = packets.alloc(linear)
  if (handle < 0) return handle
  packets.memory.copyArrayIn(packets.fields[(handle << PKT_SHIFT) + PKT_DATA], bytes.subarray(0, linear), reason)
  if (appendPages(packets, handle, bytes.subarray(linear), reason)) return handle
  packets.free(handle)
  return -1
}

/** Puts a copy of `bytes` behind a packet without fragments, in fragments of a page each. False without memory or with too many. */
export function appendPages(packets: Packets, handle: number, bytes: Uint8Array, reason: CopyReason): boolean {
  let last = 0
  for (let at = 0, n = 0; at < bytes.length; at += PAGE, n++) {
    const fragment = n === MAX_FRAGMENTS ? 0 : allocPage(packets, bytes.subarray(at, at + PAGE), reason)
    if (fragment === 0) return false
    const i = handle << PKT_SHIFT
    packets.fields[i + PKT_LENGTH] += packets.fragments.length(fragment)
    if (last === 0) packets.fields[i + PKT_FRAGMENTS] = fragment
    else packets.fragments.link(last, fragment)
    last = fragment
  }
  return true
}

/** Makes a fragment that is a page longer by zeros; EINVAL beyond the page, EOPNOTSUPP for a fragment that is none. */
export function growPage(packets: Packets, fragment: number, bytes: number): number {
  const { fragments, memory } = packets
  if (fragments.owner(fragment) !== owners.get(packets)) return -errno.EOPNOTSUPP
  const length = fragments.length(fragment)
  if (length + bytes > PAGE) return -errno.EINVAL
  const end = fragments.offset(fragment) + length
  memory.u8.fill(0, end, end + bytes)
  fragments.setLength(fragment, length + bytes)
  return 0
}

/** A fragment over `length` bytes at `offset` of a frame buffer, with a reference of its own; 0 when the table is full. */
export function shareBuffer(packets: Packets, buffer: number, offset: number, length: number): number {
  const fragment = packets.fragments.alloc(offset, length, pageOwner(packets), buffer)
  if (fragment !== 0) packets.buffers.retain(buffer)
  return fragment
}

/** A fragment with a copy of the bytes; 0 without memory. */
function allocPage(packets: Packets, bytes: Uint8Array, reason: CopyReason): number {
  const buffer = packets.buffers.alloc(PAGE)
  if (buffer < 0) return 0
  const offset = packets.buffers.offset(buffer)
  packets.memory.copyArrayIn(offset, bytes, reason)
  const fragment = packets.fragments.alloc(offset, bytes.length, pageOwner(packets), buffer)
  if (fragment === 0) packets.buffers.release(buffer)
  return fragment
}
