import {
  AF_INET,
  AF_INET6,
  beginMessage,
  endMessage,
  errno,
  NLM_F_MULTI,
  RTM_NEWRULE,
  type Writer,
} from '@netkit/netlink'
import type { Dump } from '../../net/dump.ts'
import type { Request } from '../../net/request.ts'
import { bodyOf } from '../body.ts'
import { writeRule } from './message.ts'

const HEADER = 12

export const dumpRules = (req: Request): number => req.socket.startDump(new RuleDump(req))

/** RTM_GETRULE of one family, or of both. */
class RuleDump implements Dump {
  readonly request: Request
  readonly doneApart = true
  readonly #error: number
  #at = 0

  constructor(req: Request) {
    this.request = req
    this.#error = req.socket.strict ? check(req) : 0
  }

  fill(w: Writer, limit: number): number {
    if (this.#error !== 0) return this.#error
    const { request: req } = this
    const family = req.bytes[bodyOf(req)]
    const { v4, v6 } = req.ns.ip
    const rules = family === AF_INET ? v4.rules : family === AF_INET6 ? v6.rules : [...v4.rules, ...v6.rules]
    for (; this.#at < rules.length; this.#at++) {
      const before = w.length
      const mark = beginMessage(w, RTM_NEWRULE, NLM_F_MULTI, req.seq, req.socket.portId)
      writeRule(w, req.ns, rules[this.#at])
      endMessage(w, mark)
      if (w.length <= limit || before === 0) continue
      w.length = before
      return 1
    }
    return 0
  }
}

function check(req: Request): number {
  const body = bodyOf(req)
  if (req.end - body < HEADER) return req.refuse(errno.EINVAL, 'Invalid header for fib rule dump request')
  for (let at = body + 1; at < body + HEADER; at++) {
    if (req.bytes[at] !== 0) return req.refuse(errno.EINVAL, 'Invalid values in header for fib rule dump request')
  }
  return req.end - body > HEADER ? req.refuse(errno.EINVAL, 'Invalid data after header in fib rule dump request') : 0
}
