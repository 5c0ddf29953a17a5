import { align4, ID_MASK } from '@netkit/netlink'
import type { Request } from '../net/request.ts'

/** Where each attribute stands inside a nest that has been validated, by id; 0: absent. The last one counts. */
export function findNested(req: Request, nest: number, maxId: number): Int32Array {
  const found = new Int32Array(maxId + 1)
  const end = req.attrEnd(nest)
  for (let at = nest + 4; end - at >= 4; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    const id = req.view.getUint16(at + 2, true) & ID_MASK
    if (id <= maxId) found[id] = at
    at += align4(length)
  }
  return found
}

/** Offsets of all attributes with an id between `start` and `end`, in order. */
export function findAll(req: Request, start: number, end: number, id: number): number[] {
  const found: number[] = []
  for (let at = start; end - at >= 4; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    if ((req.view.getUint16(at + 2, true) & ID_MASK) === id) found.push(at)
    at += align4(length)
  }
  return found
}
