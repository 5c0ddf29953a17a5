/** A recording (pcap) of frames that are all alike, of an EtherType that nobody handles. */
export function recording(count: number, size: number): Uint8Array {
  const frame = new Uint8Array(size).fill(7)
  frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5])
  const bytes = new Uint8Array(24 + count * (16 + size))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0xa1b2c3d4, true)
  view.setUint16(4, 2, true)
  view.setUint16(6, 4, true)
  view.setUint32(16, 65535, true)
  view.setUint32(20, 1, true)
  for (let n = 0; n < count; n++) {
    const at = 24 + n * (16 + size)
    view.setUint32(at + 8, size, true)
    view.setUint32(at + 12, size, true)
    bytes.set(frame, at + 16)
  }
  return bytes
}
