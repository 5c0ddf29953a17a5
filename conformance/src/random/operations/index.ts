import { mutate } from '@netkit/netlink/testing'
import {
  changeAltNames,
  changeFlags,
  changeGroup,
  changeNetkit,
  changeOne,
  changeSeveral,
  move,
  rename,
} from './change.ts'
import { createOther, createPair, createSingle, createSurely, createVeth } from './create.ts'
import { lease, setChannels } from './lease.ts'
import { addNamespace, look, nameNamespace, removeNamespace } from './namespace.ts'
import { plugNic, unplugNic } from './nic.ts'
import type { Asked, Done, Operation, Situation } from './operation.ts'
import { remove } from './remove.ts'

/** How often what is done. */
const WEIGHTS: readonly (readonly [number, Operation])[] = [
  [5, addNamespace],
  [3, removeNamespace],
  [2, nameNamespace],
  [3, look],
  [10, createSurely],
  [6, createPair],
  [4, createSingle],
  [3, createVeth],
  [2, createOther],
  [6, plugNic],
  [2, unplugNic],
  [14, lease],
  [3, setChannels],
  [14, changeFlags],
  [6, changeOne],
  [4, changeSeveral],
  [3, changeGroup],
  [4, changeNetkit],
  [6, move],
  [4, rename],
  [4, changeAltNames],
  [7, remove],
]
const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0)

function pickOperation(s: Situation): Operation {
  let n = s.chance.below(TOTAL)
  for (const [weight, operation] of WEIGHTS) {
    n -= weight
    if (n < 0) return operation
  }
  return look
}

/** The next thing to do. Now and then a request is spoilt on its way. */
export function nextOperation(s: Situation): Asked | Done | undefined {
  const next = pickOperation(s)(s)
  if (!next || !('request' in next) || !s.chance.odds(1, 12)) return next
  return {
    ...next,
    says: `spoilt ${next.says}`,
    request: mutate(next.request, s.chance),
    atomic: false,
    must: undefined,
  }
}
