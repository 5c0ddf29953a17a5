import { type NeighbourProtocol, Resolver } from '../../net/neigh/resolver.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, ICMP6_ADDR_UNREACH, ICMP6_DEST_UNREACH } from '../core/headers.ts'
import { LateAnswers } from '../core/late-answers.ts'
import type { IpStack } from '../core/stack.ts'
import { sendError4 } from '../v4/icmp-send.ts'
import { sendError6 } from '../v6/icmp-send.ts'
import { constructArp, solicitArp } from './arp.ts'
import { constructNdp, solicitNdp } from './ndp.ts'

const { PKT_DATA, PKT_SHIFT } = layout

/** What both families do alike with packets that wait. */
const common = (
  stack: IpStack,
  tell: NeighbourProtocol['tell'],
): Omit<NeighbourProtocol, 'construct' | 'solicit' | 'fail'> => ({
  release(n, handle) {
    // IPv4 packets may wait for an IPv6 neighbour.
    const at = stack.packets.fields[(handle << PKT_SHIFT) + PKT_DATA]
    stack.outgoing.frame(n.dev, n.address, stack.packets.memory.u8[at] >>> 4 === 6, handle)
    stack.flush()
  },
  overflow: (n, handle) => stack.path.drop(n.dev, handle, DROP.NEIGH_QUEUEFULL),
  tell,
  lengthOf: (handle) => stack.outgoing.lengthOf(handle),
})

/** Resolution of IPv4 neighbours by ARP, of IPv6 neighbours by NDP. `tell`: who hears of changes. */
export function makeResolvers(stack: IpStack, tell: NeighbourProtocol['tell']): void {
  stack.lateArp = new LateAnswers(stack.clock)
  stack.lateNdp = new LateAnswers(stack.clock)
  stack.neighbours4 = new Resolver(
    {
      ...common(stack, tell),
      construct: (n) => constructArp(stack, n),
      solicit: (n, unicast) => solicitArp(stack, n, unicast),
      fail(n, handle) {
        sendError4(stack, n.dev.ns, handle, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, false)
        stack.path.drop(n.dev, handle, DROP.NEIGH_FAILED)
        stack.flush()
      },
    },
    stack.clock,
  )
  stack.neighbours6 = new Resolver(
    {
      ...common(stack, tell),
      construct: constructNdp,
      solicit: (n, unicast) => solicitNdp(stack, n, unicast),
      fail(n, handle) {
        sendError6(stack, n.dev, handle, ICMP6_DEST_UNREACH, ICMP6_ADDR_UNREACH, 0, false)
        stack.path.drop(n.dev, handle, DROP.NEIGH_FAILED)
        stack.flush()
      },
    },
    stack.clock,
  )
}
