import { ipText } from '@netkit/netlink'
import { InputError } from '../../input/input-error.ts'
import type { Neighbour, NeighbourOptions } from '../../ip/neighbours.ts'
import { addressOf } from '../../ip/prefix.ts'
import type { NeighbourState } from '../schema/schema.ts'
import { fieldsText, present } from './text.ts'

const OP = 'neighbour'
const HARDWARE_ADDRESS = /^[0-9a-f]{2}(:[0-9a-f]{2})*$/

/** A neighbour in the one form in which it is compared. Throws InputError. */
export function plainNeighbour(said: NeighbourState): NeighbourState {
  const { lladdr, proxy } = said
  if (proxy && lladdr !== undefined) throw new InputError(OP, 'lladdr', 'must be absent of a proxy')
  if (!proxy && lladdr === undefined) throw new InputError(OP, 'lladdr', 'is missing: its hardware address')
  if (lladdr !== undefined && !HARDWARE_ADDRESS.test(lladdr))
    throw new InputError(OP, 'lladdr', `must be bytes in lower case like 02:00:00:00:00:01, not '${lladdr}'`)
  return present({
    to: ipText(addressOf(OP, 'to', said.to)),
    lladdr,
    router: said.router || undefined,
    'extern-learn': said['extern-learn'] || undefined,
    proxy: proxy || undefined,
  })
}

/** What a device knows for good of a neighbour, or answers for; undefined of what it learnt or made by itself. */
export function neighbourNow(n: Neighbour): NeighbourState | undefined {
  const proxy = n.flags.includes('proxy')
  if (!proxy && (!n.states.includes('permanent') || n.lladdr === undefined)) return undefined
  return plainNeighbour({
    to: n.address,
    lladdr: proxy ? undefined : n.lladdr,
    router: n.flags.includes('router'),
    'extern-learn': n.flags.includes('extern_learn'),
    proxy,
  })
}

/** What there is only one of. */
export const neighbourKey = ({ to, proxy }: NeighbourState): string => `${to}${proxy ? ' proxy' : ''}`

export const sameNeighbour = (a: NeighbourState, b: NeighbourState): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What the SDK makes of it. */
export const neighbourOptions = (plain: NeighbourState, protocol: number): NeighbourOptions => ({
  address: plain.to,
  lladdr: plain.lladdr,
  router: plain.router,
  externLearn: plain['extern-learn'],
  proxy: plain.proxy,
  protocol,
})

/** `10.0.0.9 lladdr 02:00:00:00:00:09` */
export const neighbourText = ({ to, ...rest }: NeighbourState): string => `${to}${fieldsText(rest)}`
