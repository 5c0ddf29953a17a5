import { command } from '../command.ts'
import { neighbourOptions, which, neighbourWords as words } from './words.ts'

export const add = command({
  name: 'add',
  summary: 'say what hardware address a neighbour has, or answer in its place',
  words,
  examples: [
    ['neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev nk0', 'a neighbour that nobody has to be asked for'],
    ['neigh add 2001:db8::9 dev nk0 proxy', 'an address that this host answers for'],
  ],
  async run(args, session) {
    const { neighbours } = await session.kernel()
    await neighbours.add(args.dev, { ...neighbourOptions(args), ...(await session.where()) })
  },
})

export const replace = command({
  name: 'replace',
  summary: 'make a neighbour, or change what is known of it',
  words,
  async run(args, session) {
    const { neighbours } = await session.kernel()
    await neighbours.replace(args.dev, { ...neighbourOptions(args), ...(await session.where()) })
  },
})

export const change = command({
  name: 'change',
  summary: 'change what is known of a neighbour',
  words,
  async run(args, session) {
    const { neighbours } = await session.kernel()
    await neighbours.change(args.dev, { ...neighbourOptions(args), ...(await session.where()) })
  },
})

export const del = command({
  name: 'del',
  aliases: ['delete'],
  summary: 'forget a neighbour',
  words: which,
  async run(args, session) {
    const { neighbours } = await session.kernel()
    await neighbours.remove(args.dev, args.to, { proxy: args.proxy, ...(await session.where()) })
  },
})
