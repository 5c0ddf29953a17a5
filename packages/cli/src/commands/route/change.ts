import { command } from '../command.ts'
import { routeOptions, routeWords as words } from './words.ts'

export const add = command({
  name: 'add',
  summary: 'make a route',
  words,
  examples: [
    ['route add default via 10.0.0.254', 'everything else goes to a router'],
    ['route add 10.1.0.0/16 dev nk0 metric 100', 'what is on a link'],
    ['route add 192.0.2.0/24 type blackhole', 'what goes nowhere'],
  ],
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.add({ ...routeOptions(args), ...(await session.where()) })
  },
})

export const replace = command({
  name: 'replace',
  aliases: ['change'],
  summary: 'make a route, in the place of one to the same network with the same metric',
  words,
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.replace({ ...routeOptions(args), ...(await session.where()) })
  },
})

export const append = command({
  name: 'append',
  summary: 'make a route behind others to the same network, or a further way of one (IPv6)',
  words,
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.append({ ...routeOptions(args), ...(await session.where()) })
  },
})

export const del = command({
  name: 'del',
  aliases: ['delete'],
  summary: 'remove the first route that is as said',
  words,
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.remove({ ...routeOptions(args), ...(await session.where()) })
  },
})
