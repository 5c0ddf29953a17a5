import type { Writer } from '@netkit/netlink'

/** Names are bytes to the kernel. Here they are strings with one character a byte, so that none is lost. */
export function readByteString(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i])
  return text
}

/** Writes an attribute with a name and its NUL. */
export function writeByteString(w: Writer, id: number, text: string): void {
  const n = text.length
  const mark = w.begin(id)
  const at = w.reserve(n + 1)
  const { bytes } = w
  for (let i = 0; i < n; i++) bytes[at + i] = text.charCodeAt(i)
  bytes[at + n] = 0
  w.end(mark)
}
