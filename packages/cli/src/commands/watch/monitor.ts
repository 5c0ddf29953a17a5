import type { GenlFamily } from '@netkit/netlink'
import type { EventGroup, Kernel, KernelEvent, Where } from 'netkit'
import { integer } from '../../grammar/values.ts'
import { compact } from '../../print/json.ts'
import { command } from '../command.ts'
import { namespaceNames } from '../link/show.ts'
import type { Session } from '../session.ts'
import { type EventView, eventEntry, eventMessage, MONITORED } from './event-entry.ts'
import { isoTime, stamp } from './time.ts'

const GROUPS: Readonly<Record<string, readonly EventGroup[]>> = {
  link: ['link'],
  address: ['address'],
  route: ['route'],
  nsid: ['nsid'],
  netdev: ['netdev', 'page-pool'],
  ethtool: ['ethtool'],
}

export const monitor = command({
  name: 'monitor',
  summary: 'show what happens, until it is interrupted',
  words: {
    link: { doc: 'devices come, change and go' },
    address: { doc: 'devices get addresses, or lose them' },
    route: { doc: 'routes come and go' },
    nsid: { doc: 'namespaces get ids, or lose them' },
    netdev: { doc: 'devices and page pools, as the family netdev tells of them' },
    ethtool: { doc: 'settings of devices change' },
    all: { doc: 'links, ids of namespaces, netdev and ethtool; the default' },
    'all-nsid': { doc: 'also from namespaces that have an id here' },
    count: { value: integer('N', 1, Number.MAX_SAFE_INTEGER), doc: 'end after so many events' },
  },
  notes: [
    'Options: -t or -ts print when, -d each message whole, -j one JSON object a line. Events that could not be kept up with are reported as lost.',
  ],
  examples: [['-ts monitor link', 'devices, with timestamps']],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const said = Object.keys(GROUPS).filter((name) => args[name as keyof typeof args])
    const groups = args.all || said.length === 0 ? undefined : said.flatMap((name) => GROUPS[name])
    await using events = await kernel.events({ in: where.in, groups, allNsids: args['all-nsid'], signal: where.signal })
    const view = await watchingView(kernel, where, session)
    let left = args.count ?? Number.POSITIVE_INFINITY
    for await (const event of events) {
      await view.see(event)
      await print(event, view, session)
      if (--left === 0) break
    }
  },
})

async function print(event: KernelEvent, view: EventView, session: Session): Promise<void> {
  const { options, context } = session
  const now = context.now()
  const entry = eventEntry(event, view)
  if (options.json) {
    const time = options.timestamp === 'none' ? {} : { timestamp: isoTime(now) }
    await session.say(`${compact({ ...time, ...entry.json })}\n`)
    return
  }
  await session.say(`${stamp(now, options.timestamp)}${entry.text(options.oneline)}\n`)
  if (options.details) await session.say(eventMessage(event, view))
}

/** Keeps the names of devices and namespaces, which messages only have numbers of. */
async function watchingView(
  kernel: Kernel,
  where: Where,
  session: Session,
): Promise<EventView & { see(event: KernelEvent): Promise<void> }> {
  const { options, style } = session
  const links = new Map<number, { name: string; flags: number }>()
  for (const d of await kernel.devices.list({ ...where, namesOnly: true }))
    links.set(d.ifindex, { name: d.name, flags: d.flags })
  let names = await namespaceNames(kernel, where)
  const families = await monitoredFamilies(kernel)
  return {
    families: (id) => families.get(id),
    namespace: (nsid) => names.get(nsid),
    link: {
      style,
      details: false,
      statistics: options.statistics,
      human: options.human,
      iec: options.iec,
      link: (ifindex) => links.get(ifindex),
      namespace: (nsid) => names.get(nsid),
    },
    async see(event) {
      if (event.type === 'newlink')
        links.set(event.device.ifindex, { name: event.device.name, flags: event.device.flags })
      else if (event.type === 'newnsid') names = await namespaceNames(kernel, where)
      const unknown = 'features' in event ? event.features.ifindex : 'pool' in event ? event.pool.ifindex : undefined
      if (unknown === undefined || links.has(unknown)) return
      const device = await kernel.devices.find(unknown, { ...where, stats: false })
      if (device) links.set(unknown, { name: device.name, flags: device.flags })
    },
  }
}

async function monitoredFamilies(kernel: Kernel): Promise<Map<number, GenlFamily>> {
  return await kernel.withScope(undefined, async (scope) => {
    const found = new Map<number, GenlFamily>()
    for (const family of MONITORED) {
      const resolved = await scope.context.families.resolve(family, scope.generic).catch(() => undefined)
      if (resolved) found.set(resolved.id, family)
    }
    return found
  })
}
