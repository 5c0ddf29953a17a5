import type { Data } from '../bytes/data.ts'
import type { Writer } from '../bytes/writer.ts'

/** The 16 bytes in front of every netlink message. `length` counts header and payload, without padding behind. */
export interface MessageHeader {
  readonly length: number
  readonly type: number
  readonly flags: number
  readonly seq: number
  readonly portId: number
}

export const decodeHeader = (data: Data, at: number): MessageHeader => ({
  length: data.u32(at),
  type: data.u16(at + 4),
  flags: data.u16(at + 6),
  seq: data.u32(at + 8),
  portId: data.u32(at + 12),
})

/** Opens a message; returns the mark for `endMessage`. */
export function beginMessage(w: Writer, type: number, flags: number, seq: number, portId: number): number {
  const at = w.reserve(16)
  const { view } = w
  view.setUint16(at + 4, type, true)
  view.setUint16(at + 6, flags, true)
  view.setUint32(at + 8, seq, true)
  view.setUint32(at + 12, portId, true)
  return at
}

/** Closes a message: fills in its length and pads. */
export function endMessage(w: Writer, mark: number): void {
  w.view.setUint32(mark, w.length - mark, true)
  w.pad()
}
