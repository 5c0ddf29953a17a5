import type { Kernel, Neighbour, Where } from 'netkit'
import { contains, ipPrefix } from '../../grammar/ip-values.ts'
import { deviceName, words as oneOf } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { type NeighbourView, neighbourEntry } from '../../print/ip/neighbour.ts'
import { familyOf, familyWords } from '../addr/words.ts'
import { command } from '../command.ts'
import { deviceNames } from '../names.ts'
import type { Session } from '../session.ts'
import { STATES, which } from './words.ts'

/** Which neighbours are meant. */
const filterWords = {
  to: { value: ipPrefix(), positional: true, doc: 'only those with this address, or in this network' },
  dev: { value: deviceName(), doc: 'only those behind this device' },
  proxy: { doc: 'the addresses that this host answers for instead' },
  ...familyWords,
} satisfies Words

const nud = {
  value: oneOf(['all', ...STATES], 'STATE'),
  aliases: ['state'],
  multi: true,
} as const

type Said = ArgsOf<typeof filterWords> & { readonly nud?: readonly string[] }

/** Neighbours in some states; where none is said, all but those in states that `otherwise` holds. */
async function found(args: Said, otherwise: readonly string[], session: Session, where: Where): Promise<Neighbour[]> {
  const { neighbours } = await session.kernel()
  const { to, dev, nud: states, proxy } = args
  const listed = await neighbours.list({ ...where, device: dev, family: familyOf(args, session), proxy })
  return listed.filter((one) => {
    if (to !== undefined && !contains(to, one.address)) return false
    if (proxy || states?.includes('all')) return true
    return states ? one.states.some((s) => states.includes(s)) : one.states.some((s) => !otherwise.includes(s))
  })
}

const viewOf = async (session: Session, kernel: Kernel, where: Where): Promise<NeighbourView> => ({
  style: session.style,
  stats: session.options.statistics > 0,
  device: await deviceNames(kernel, where),
})

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show what is known of neighbours',
  words: {
    ...filterWords,
    nud: {
      ...nud,
      doc: "only those in this state, or in one of several; default: all but those that need no ARP, 'all' for these, too",
    },
  },
  notes: ['Options: -s when it was used, confirmed and updated (seconds ago), -j JSON with the keys of iproute2.'],
  examples: [
    ['-j neigh show dev nk0', 'as JSON'],
    ['neigh show nud reachable nud stale', 'those whose hardware address is known'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const view = await viewOf(session, kernel, where)
    const shown = await found(args, ['noarp'], session, where)
    await session.entries(shown.map((one) => neighbourEntry(one, view)))
  },
})

export const get = command({
  name: 'get',
  summary: 'show what is known of one neighbour',
  words: which,
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const one = await kernel.neighbours.get(args.dev, args.to, { proxy: args.proxy, ...where })
    await session.entries([neighbourEntry(one, await viewOf(session, kernel, where))])
  },
})

export const flush = command({
  name: 'flush',
  summary: 'forget neighbours',
  words: {
    ...filterWords,
    nud: { ...nud, doc: 'only those in this state; default: all but permanent ones and those that need no ARP' },
  },
  examples: [['neigh flush dev nk0', 'what was learnt behind a device']],
  async run(args, session) {
    const { neighbours } = await session.kernel()
    const where = await session.where()
    for (const { ifindex, address } of await found(args, ['permanent', 'noarp'], session, where))
      await neighbours.remove(ifindex, address, { proxy: args.proxy, ...where })
  },
})
