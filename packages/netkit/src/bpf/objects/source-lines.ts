import { btfTextAt, LINE_INFO_BYTES } from '@netkit/bpf'
import type { SourceLine } from './verifier-error.ts'

/** Bits of a column, below those of the line. Source: uapi BPF_LINE_INFO_LINE_NUM. */
const COLUMN_BITS = 10

/** Reads line info: by instruction. `btf`: encoded types, with the strings that it refers to. */
export function sourceLines(info: Uint8Array, btf: Uint8Array): Map<number, SourceLine> {
  const view = new DataView(info.buffer, info.byteOffset, info.byteLength)
  const lines = new Map<number, SourceLine>()
  for (let at = 0; at + LINE_INFO_BYTES <= info.length; at += LINE_INFO_BYTES) {
    const text = (offset: number) => btfTextAt(btf, view.getUint32(at + offset, true))?.trim() ?? ''
    const line = view.getUint32(at + 12, true) >>> COLUMN_BITS
    lines.set(view.getUint32(at, true), { file: text(4), line, text: text(8) })
  }
  return lines
}
