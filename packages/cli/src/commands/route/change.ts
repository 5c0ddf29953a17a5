import { command } from '../command.ts'
import { routeOptions, routeWords as words } from './words.ts'

export const add = command({
  name: 'add',
  summary: 'make a route',
  words,
  examples: [
    ['route add default via 10.0.0.254', 'everything else goes to a router'],
    ['route add 10.1.0.0/16 dev nk0 metric 100', 'what is on a link'],
    ['route add blackhole 192.0.2.0/24', 'what goes nowhere'],
    [
      'route add default nexthop via 10.0.0.8 nexthop via 10.0.0.9 weight 3',
      'two routers, one with three shares of four',
    ],
  ],
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.add({ ...routeOptions(args, session), ...(await session.where()) })
  },
})

export const replace = command({
  name: 'replace',
  summary: 'make a route, in the place of one to the same network with the same metric',
  words,
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.replace({ ...routeOptions(args, session), ...(await session.where()) })
  },
})

export const change = command({
  name: 'change',
  summary: 'change a route that is there',
  words,
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.change({ ...routeOptions(args, session), ...(await session.where()) })
  },
})

export const prepend = command({
  name: 'prepend',
  summary: 'make a route before others to the same network (IPv4)',
  words,
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.prepend({ ...routeOptions(args, session), ...(await session.where()) })
  },
})

export const append = command({
  name: 'append',
  summary: 'make a route behind others to the same network, or a further way of one (IPv6)',
  words,
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.append({ ...routeOptions(args, session), ...(await session.where()) })
  },
})

export const del = command({
  name: 'del',
  aliases: ['delete'],
  summary: 'remove the first route that is as said',
  words,
  async run(args, session) {
    const { routes } = await session.kernel()
    await routes.remove({ ...routeOptions(args, session), ...(await session.where()) })
  },
})
