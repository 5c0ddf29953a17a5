import type { Writer } from '@netkit/netlink'
import type { Request } from '../net/request.ts'
import { readWords, type Words } from '../prefix/words.ts'

/** Writes an address as an attribute. */
export function writeWords(w: Writer, id: number, words: Words): void {
  const mark = w.begin(id)
  const at = w.reserve(4 * words.length)
  for (let i = 0; i < words.length; i++) w.view.setInt32(at + 4 * i, words[i], false)
  w.end(mark)
}

/** The address in an attribute of `count` words; what is missing at its end is zero. */
export function wordsAt(req: Request, attr: number, count: number): Words {
  const length = req.attrLength(attr)
  if (length >= 4 * count) return readWords(req.bytes, attr + 4, count)
  const bytes = new Uint8Array(4 * count)
  bytes.set(req.bytes.subarray(attr + 4, attr + 4 + length))
  return readWords(bytes, 0, count)
}
