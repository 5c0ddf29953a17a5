import { IFF_UP } from '@netkit/netlink'
import { type Device, type Kernel, KernelError, type ProgramInfo, type Where } from 'netkit'
import { deviceName, token } from '../../grammar/values.ts'
import { briefEntry, linkEntry } from '../../print/link/show.ts'
import type { LinkView } from '../../print/link/view.ts'
import { command } from '../command.ts'
import type { Session } from '../session.ts'
import { devicesOf } from './find.ts'
import { group, KIND_WORDS } from './words.ts'

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show devices',
  words: {
    dev: { value: deviceName(), positional: true, doc: 'only this device' },
    up: { doc: 'only devices that are up' },
    down: { doc: 'only devices that are down' },
    type: { value: token('TYPE', Object.keys(KIND_WORDS)), doc: 'only devices of this kind' },
    group: { value: group, doc: 'only devices of this group' },
    master: { value: deviceName(), doc: 'only devices that are enslaved to this one' },
    nomaster: { doc: 'only devices without a master' },
  },
  notes: [
    'Options: -d says more, -s counters, -s -s errors by kind too, -br one short line a device, -o one line a device, -j JSON with the keys of iproute2.',
  ],
  examples: [
    ['-d link show type netkit', 'all netkit devices, with their mode, policies and pairing'],
    ['-br -n pod link', 'what a namespace has, briefly'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const { options } = session
    const stats = options.statistics > 0
    const master = args.master === undefined ? undefined : (await devicesOf(kernel, [args.master], where))[0].ifindex
    const found = args.dev
      ? await devicesOf(kernel, [args.dev], where, stats)
      : await kernel.devices.list({ ...where, stats, kind: args.type, master })
    const shown = found.filter(
      (d) =>
        (!args.up || (d.flags & IFF_UP) !== 0) &&
        (!args.down || (d.flags & IFF_UP) === 0) &&
        (args.group === undefined || d.attrs.group === args.group) &&
        (args.type === undefined || d.kind === args.type) &&
        (master === undefined || d.master === master) &&
        (!args.nomaster || d.master === undefined),
    )
    const view = await viewOf(
      session,
      kernel,
      where,
      shown,
      args.dev || args.type || master !== undefined ? undefined : found,
    )
    await session.entries(shown.map((d) => (options.brief ? briefEntry(d, view) : linkEntry(d, view))))
  },
})

/** What is needed to print these devices. `all`: all devices of the namespace, if they are known. */
export async function viewOf(
  session: Session,
  kernel: Kernel,
  where: Where,
  shown: readonly Device[],
  all: readonly Device[] | undefined,
): Promise<LinkView> {
  const { options, style } = session
  const others = all ?? (await neighbours(kernel, where, shown))
  const links = new Map(others.map((d) => [d.ifindex, { name: d.name, flags: d.flags }]))
  const apart = !options.json && !options.brief && shown.some((d) => (d.attrs.linkNetnsid ?? -1) >= 0)
  const programs = options.brief ? new Map<number, ProgramInfo>() : await programsOf(kernel, shown)
  const names = apart ? await namespaceNames(kernel, where) : undefined
  return {
    style,
    details: options.details,
    statistics: options.statistics,
    human: options.human,
    iec: options.iec,
    link: (ifindex) => links.get(ifindex),
    namespace: (nsid) => names?.get(nsid),
    program: (id) => programs.get(id),
  }
}

/** The XDP programs that devices run. Who may not open programs, or whose kernel has none, sees their ids alone. */
async function programsOf(kernel: Kernel, shown: readonly Device[]): Promise<Map<number, ProgramInfo>> {
  const programs = new Map<number, ProgramInfo>()
  const ids = shown.flatMap(({ attrs: { xdp } }) => [xdp?.skbProgId, xdp?.drvProgId, xdp?.hwProgId])
  for (const id of new Set(ids)) {
    if (id === undefined) continue
    try {
      await using program = await kernel.bpf.program(id)
      programs.set(id, await program.info())
    } catch (e) {
      if (!(e instanceof KernelError)) throw e
    }
  }
  return programs
}

/** The devices that others stand on, are paired with or enslaved to: their names are shown. */
async function neighbours(kernel: Kernel, where: Where, shown: readonly Device[]): Promise<readonly Device[]> {
  const known = new Map(shown.map((d) => [d.ifindex, d]))
  const wanted = shown.flatMap((d) => [d.attrs.linkNetnsid === undefined ? d.attrs.link : undefined, d.master])
  const missing = new Set(wanted.filter((ifindex) => ifindex !== undefined && ifindex > 0 && !known.has(ifindex)))
  if (missing.size > 8) return await kernel.devices.list({ ...where, namesOnly: true })
  for (const ifindex of missing) {
    const device = await kernel.devices.find(ifindex!, { ...where, stats: false })
    if (device) known.set(device.ifindex, device)
  }
  return [...known.values()]
}

/** Names of namespaces by the ids that the namespace in question has for them. */
export async function namespaceNames(kernel: Kernel, where: Where): Promise<Map<number, string>> {
  const names = new Map<number, string>()
  for (const name of await kernel.namespaces.list()) {
    const id = await kernel.namespaces.id(name, where)
    if (id !== undefined) names.set(id, name)
  }
  return names
}
