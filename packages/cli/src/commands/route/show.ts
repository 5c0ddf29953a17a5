import type { Kernel, Where } from 'netkit'
import { ipAddress } from '../../grammar/ip-values.ts'
import type { Value } from '../../grammar/value.ts'
import { deviceName, integer, u32 } from '../../grammar/values.ts'
import { type RouteView, routeEntry } from '../../print/ip/route.ts'
import { familyOf, familyWords } from '../addr/words.ts'
import { command } from '../command.ts'
import { deviceNames } from '../names.ts'
import type { Session } from '../session.ts'
import { filterWords, routeFilter } from './filter.ts'
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
    ...filterWords,
    table: { value: tableOrAll, doc: "default main; 'all' for every table" },
    ...familyWords,
  },
  notes: ['IPv4 first, then IPv6. Options: -d says what goes without saying, -j JSON with the keys of iproute2.'],
  examples: [
    ['-n pod route show table all', 'every route of a namespace'],
    ['route show root 10.0.0.0/8', 'those to networks within another'],
    ['route show match 10.1.2.3', 'those that could be taken'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const family = familyOf(args, session)
    const found = await kernel.routes.list({ ...where, table: args.table, device: args.dev, family })
    const routes = found.filter(routeFilter(args))
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
    iif: { value: deviceName(), doc: 'the device that received it; with from' },
    mark: { value: u32('MARK'), doc: 'its mark' },
    tos: { value: integer('TOS', 0, 255), aliases: ['dsfield'], doc: 'its type of service' },
    fibmatch: { doc: 'the route that is found instead of the way that comes of it' },
  },
  examples: [['route get 192.0.2.1 from 10.0.0.9 iif nk0', 'the way of a packet that is forwarded']],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const { to, from, dev: device, iif: receivedBy, mark, tos, fibmatch: fibMatch } = args
    const route = await kernel.routes.get(to, { ...where, from, device, receivedBy, mark, tos, fibMatch })
    await session.entries([routeEntry(route, await viewOf(session, kernel, where))])
  },
})

export const flush = command({
  name: 'flush',
  summary: 'remove the routes of a table, all or some, but for those of addresses',
  words: {
    ...filterWords,
    table: { value: table, doc: 'default main' },
    ...familyWords,
  },
  async run(args, session) {
    const { routes } = await session.kernel()
    const where = await session.where()
    const listed = await routes.list({ ...where, table: args.table, device: args.dev, family: familyOf(args, session) })
    const found = listed.filter(routeFilter(args))
    for (const { family, dst, table, metric, protocol, tos } of found) {
      if (protocol !== 'kernel' || args.proto === 'kernel')
        await routes.remove({ family, dst, table, metric, protocol, tos, ...where })
    }
  },
})
