import {
  CTRL,
  CTRL_OP_POLICY,
  endMessage,
  errno,
  isDescribable,
  NLM_F_MULTI,
  POLICY_TLV,
  POLICY_TYPE_NUMBER,
  type Policy,
  type PolicyTable,
  type Writer,
  writePolicyLimits,
} from '@netkit/netlink'
import type { Dump } from '../../net/dump.ts'
import type { Request } from '../../net/request.ts'
import { beginReply, type GenlCall, type Registered } from '../call.ts'
import { wantedFamily } from './get-family.ts'
import { numberPolicies } from './policies.ts'
import type { Families } from './server.ts'

const C = CTRL.ids
const P = POLICY_TLV.ids

/** CTRL_CMD_GETPOLICY: how the requests of a family, or of one of its commands, are checked. Source: spec 01 §1.8, §1.10. */
export function dumpPolicies(call: GenlCall, families: Families): number {
  const { req, attrs } = call
  const family = wantedFamily(call, families)
  if (typeof family === 'number') return family
  const wanted = attrs[C.op]
  if (wanted === 0) return req.socket.startDump(new PolicyDump(call, family, allOf(family)))
  const served = family.commands.get(req.u32(wanted))
  if (!served) return req.refuse(errno.ENOENT, undefined, wanted)
  return req.socket.startDump(new PolicyDump(call, family, [served.command]))
}

const allOf = (family: Registered) => [...family.commands.values()].map((served) => served.command)

type Write = (w: Writer) => void

/** One message a command that tells its policies, then one an attribute of each policy. */
class PolicyDump implements Dump {
  readonly doneApart = true
  readonly #call: GenlCall
  readonly #messages: readonly Write[]
  #next = 0

  constructor(call: GenlCall, family: Registered, commands: Parameters<typeof numberPolicies>[0]) {
    this.#call = call
    const { ops, tables } = numberPolicies(commands, call.kernel.release.does)
    const indexOf = (table: PolicyTable) => tables.indexOf(table)
    const messages: Write[] = ops.map((o) => (w) => writeOpPolicy(w, family.id, o))
    tables.forEach((table, index) => {
      for (const [id, policy] of table.policies.entries()) {
        if (policy && isDescribable(policy))
          messages.push((w) => writeAttrPolicy(w, family.id, index, id, policy, indexOf))
      }
    })
    this.#messages = messages
  }

  get request(): Request {
    return this.#call.req
  }

  fill(w: Writer, limit: number): number {
    for (; this.#next < this.#messages.length; this.#next++) {
      if (w.length >= limit) return 1
      const mark = beginReply(w, this.#call, NLM_F_MULTI)
      this.#messages[this.#next](w)
      endMessage(w, mark)
    }
    return 0
  }
}

function writeOpPolicy(w: Writer, familyId: number, o: { op: number; do?: number; dump?: number }): void {
  w.attrU16(C.familyId, familyId)
  const all = w.beginNest(C.opPolicy)
  const one = w.beginNest(o.op)
  if (o.do !== undefined) w.attrU32(CTRL_OP_POLICY.ids.do, o.do)
  if (o.dump !== undefined) w.attrU32(CTRL_OP_POLICY.ids.dump, o.dump)
  w.end(one)
  w.end(all)
}

function writeAttrPolicy(
  w: Writer,
  familyId: number,
  index: number,
  id: number,
  policy: Policy,
  indexOf: (table: PolicyTable) => number,
): void {
  w.attrU16(C.familyId, familyId)
  const all = w.beginNest(C.policy)
  const table = w.beginNest(index)
  const attr = w.beginNest(id)
  writePolicyLimits(w, policy)
  if ((policy.type === 'nest' || policy.type === 'nest-array') && policy.inner) {
    const inner = policy.inner()
    w.attrU32(P.policyIndex, indexOf(inner))
    w.attrU32(P.policyMaxType, inner.maxId)
  }
  w.attrU32(P.type, POLICY_TYPE_NUMBER[policy.type])
  w.end(attr)
  w.end(table)
  w.end(all)
}
