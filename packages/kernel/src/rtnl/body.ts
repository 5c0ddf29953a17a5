import { checkAttrs, errno, LIBERAL, type PolicyTable, type Strictness } from '@netkit/netlink'
import type { Request } from '../net/request.ts'

/** Where the header of a request's own kind begins. */
export const bodyOf = (req: Request): number => req.start + 16

/** Checks the attributes behind a header of `size` bytes and notes where they are. Returns 0 or a negative errno. */
export function parseBody(
  req: Request,
  size: number,
  policy: PolicyTable,
  found: Int32Array,
  level: Strictness = LIBERAL,
): number {
  const body = bodyOf(req)
  if (req.end - body < size) return req.refuse(errno.EINVAL, 'Invalid header length')
  return checkAttrs(req, body + size, req.end, req.policy(policy), level, found)
}

/** Refuses the first attribute, by its number, that is there and not `allowed`. */
export function onlyThese(req: Request, found: Int32Array, allowed: readonly number[], text: string): number {
  for (let id = 1; id < found.length; id++) {
    if (found[id] !== 0 && !allowed.includes(id)) return req.refuse(errno.EINVAL, text)
  }
  return 0
}
