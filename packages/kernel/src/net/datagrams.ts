import type { Writer } from '@netkit/netlink'

const BLOCK = 16_384
/** Up to this size an array of its own is as cheap, as its bytes lie beside it. */
const SMALL = 64

let block = new Uint8Array(0)
let used = 0

/**
 * A copy of what was written, to be handed out. Datagrams of some hundred bytes share blocks of memory, as making a buffer
 * for each would cost more than writing what is in it.
 */
export function takeDatagram(w: Writer): Uint8Array {
  const size = w.length
  if (size <= SMALL || size > BLOCK / 4) return w.take()
  if (used + size > block.length) {
    block = new Uint8Array(BLOCK)
    used = 0
  }
  const datagram = block.subarray(used, used + size)
  datagram.set(size === w.bytes.length ? w.bytes : w.bytes.subarray(0, size))
  used += (size + 7) & ~7
  return datagram
}
