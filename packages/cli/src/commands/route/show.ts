import type { Kernel, Where } from 'netkit'
import { ipAddress } from '../../grammar/ip-values.ts'
import type { Value } from '../../grammar/value.ts'
import { deviceName } from '../../grammar/values.ts'
import { type RouteView, routeEntry } from '../../print/ip/route.ts'
import { familyOf, familyWords } from '../addr/words.ts'
import { command } from '../command.ts'
import { deviceNames } from '../names.ts'
import type { Session } from '../session.ts'
import { table } from './words.ts'

const tableOrAll: Value<'all' | number | 'main' | 'local' | 'default'> = {
  ...table,
  allowed: `'all', or ${table.allowed}`,
  source: ['all', ...(table.choices ?? [])],
  parse: (word) => (word === 'all' ? 'all' : table.parse(word)),
}

const viewOf = async (session: Session, kernel: Kernel, where: Where): Promise<RouteView> => ({
  style: session.style,
  details: session.options.details,
  device: await deviceNames(kernel, where),
})

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show the routes of a table',
  words: {
    table: { value: tableOrAll, doc: "default main; 'all' for every table" },
    dev: { value: deviceName(), doc: 'only routes out of this device' },
    ...familyWords,
  },
  notes: ['IPv4 first, then IPv6. Options: -d says what goes without saying, -j JSON with the keys of iproute2.'],
  examples: [['-n pod route show table all', 'every route of a namespace']],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const routes = await kernel.routes.list({ ...where, table: args.table, device: args.dev, family: familyOf(args) })
    const view = await viewOf(session, kernel, where)
    await session.entries(routes.map((route) => routeEntry(route, view)))
  },
})

export const get = command({
  name: 'get',
  summary: 'show the way that a packet would take',
  words: {
    to: { value: ipAddress(), positional: true, required: true, doc: 'where the packet goes' },
    from: { value: ipAddress(), doc: 'where it comes from' },
    dev: { value: deviceName(), aliases: ['oif'], doc: 'the device that it must leave by' },
  },
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const route = await kernel.routes.get(args.to, { ...where, from: args.from, device: args.dev })
    await session.entries([routeEntry(route, await viewOf(session, kernel, where))])
  },
})

export const flush = command({
  name: 'flush',
  summary: 'remove the routes of a table, but for those of addresses',
  words: {
    table: { value: table, doc: 'default main' },
    dev: { value: deviceName(), doc: 'only routes out of this device' },
    ...familyWords,
  },
  async run(args, session) {
    const { routes } = await session.kernel()
    const where = await session.where()
    const found = await routes.list({ ...where, table: args.table, device: args.dev, family: familyOf(args) })
    for (const { family, dst, table, metric, protocol, tos } of found) {
      if (protocol !== 'kernel') await routes.remove({ family, dst, table, metric, protocol, tos, ...where })
    }
  },
})
