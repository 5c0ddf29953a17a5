import { NEIGH_STATES, ROUTE_PROTOCOLS } from '@netkit/netlink'
import type { NeighbourOptions, NeighbourState } from 'netkit'
import { ipAddress, namedNumber } from '../../grammar/ip-values.ts'
import { address, deviceName, words } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'

export const STATES = Object.keys(NEIGH_STATES) as NeighbourState[]

/** Which one is meant. */
export const which = {
  to: { value: ipAddress(), positional: true, required: true, doc: 'its IP address' },
  dev: { value: deviceName(), required: true, doc: 'the device that it is behind' },
  proxy: { doc: 'answer for the address in the place of others' },
} satisfies Words

/** What can be said of a neighbour. */
export const neighbourWords = {
  ...which,
  lladdr: { value: address(), doc: 'its hardware address' },
  nud: { value: words(STATES, 'STATE'), aliases: ['state'], doc: 'what is known of it; default permanent' },
  router: { doc: 'it forwards' },
  extern_learn: { doc: 'something outside of the kernel learnt it' },
  protocol: { value: namedNumber(ROUTE_PROTOCOLS, 'PROTO', 255), aliases: ['proto'], doc: 'who makes it' },
} satisfies Words

/** What the SDK makes of it. */
export function neighbourOptions(args: ArgsOf<typeof neighbourWords>): NeighbourOptions {
  const { to, lladdr, nud, router, extern_learn, proxy, protocol } = args
  return { address: to, lladdr, state: nud, router, externLearn: extern_learn, proxy, protocol }
}
