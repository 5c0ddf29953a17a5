/** A string of encoded types by its offset, as line info refers to it; undefined if there is none. */
export function btfTextAt(btf: Uint8Array, offset: number): string | undefined {
  const view = new DataView(btf.buffer, btf.byteOffset, btf.byteLength)
  const start = view.getUint32(4, true) + view.getUint32(16, true)
  const strings = btf.subarray(start, start + view.getUint32(20, true))
  if (offset >= strings.length) return undefined
  const end = strings.indexOf(0, offset)
  return end < 0 ? undefined : new TextDecoder().decode(strings.subarray(offset, end))
}
