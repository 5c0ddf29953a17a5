import {
  ETHTOOL,
  type LinkAttrs,
  NETDEV,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NLMSG_HDRLEN,
  RT_LINK,
} from '@netkit/netlink'
import type { AddOptions, Device, DeviceSettings, Kernel, NetkitChange } from 'netkit'
import { genericAttrs } from 'netkit'
import type { Lab } from './kind.ts'
import type { Place } from './row.ts'

/** What a step acts with: the kernel, the hardware around it, and the namespace that its `in` stands for. */
export interface Scene {
  readonly kernel: Kernel
  readonly lab: Lab
  /** The name of a place's namespace. */
  readonly named: (place: Place) => Promise<string>
  readonly in: string
}

type In = { readonly in?: Place }
/** Options that name places instead of namespaces. */
type Placed<T> = T extends { readonly in?: unknown }
  ? Omit<T, 'in' | 'peer'> & In & { readonly peer?: Record<string, unknown> & { readonly namespace?: Place } }
  : never

interface Fields {
  /** A device through the SDK, which checks the options first. */
  add: Placed<AddOptions>
  /** A device from attributes as they are. */
  raw: In & { readonly attrs: LinkAttrs; readonly header?: object }
  set: In & { readonly device: string | number; readonly to: DeviceSettings }
  change: In & { readonly device: string; readonly data: NetkitChange }
  move: In & { readonly device: string; readonly to: Place; readonly name?: string; readonly ifindex?: number }
  remove: In & { readonly device: string | number }
  removeGroup: In & { readonly group: number }
  altnames: In & { readonly device: string; readonly add?: readonly string[]; readonly remove?: readonly string[] }
  /** A physical NIC appears, as `eth%d`. */
  nic: In & { readonly queues: number }
  /** The NIC of this device is pulled out. */
  unplug: In & { readonly device: string }
  lease: In & { readonly to: string; readonly from: string; readonly at?: Place; readonly queue: number }
  channels: In & { readonly device: string; readonly combined: number }
  nsid: In & { readonly of: Place; readonly id?: number }
  askNsid: In & { readonly of: Place }
  /** The namespace goes. */
  end: { readonly place: Place; readonly in?: undefined }
  /** Any message about links. `flags`: on top of what it needs. */
  link: In & {
    readonly message: keyof typeof RT_LINK
    readonly flags?: 'create' | 'create exclusive' | 'exclusive' | 'replace'
    readonly header?: object
    readonly attrs?: LinkAttrs
    /** Its namespace attribute: a descriptor of that namespace. */
    readonly netNs?: Place
  }
  netdev: In & { readonly command: keyof typeof NETDEV.commands; readonly attrs?: object; readonly dump?: true }
  ethtool: In & { readonly command: keyof typeof ETHTOOL.commands; readonly attrs?: object }
}

export type StepOf = { [K in keyof Fields]: { readonly do: K } & Fields[K] }[keyof Fields]
type Acts = { readonly [K in keyof Fields]: (scene: Scene, step: { readonly do: K } & Fields[K]) => Promise<unknown> }

const FLAGS = {
  create: NLM_F_CREATE,
  'create exclusive': NLM_F_CREATE | NLM_F_EXCL,
  exclusive: NLM_F_EXCL,
  replace: NLM_F_REPLACE,
} as const

/** What is done for each step. */
const ACTS: Acts = {
  add: async ({ kernel, named, in: place }, { do: _1, in: _2, peer, ...options }) => {
    const namespace = peer?.namespace && (await named(peer.namespace))
    const whole = { ...options, in: place, ...(peer && { peer: { ...peer, namespace } }) }
    return deviceView(await kernel.devices.add(whole as unknown as AddOptions))
  },
  raw: async ({ kernel, in: place }, { attrs, header }) => {
    const device = await kernel.devices.addRaw(attrs, { in: place, header })
    return device && deviceView(device)
  },
  set: ({ kernel, in: place }, { device, to }) => kernel.devices.set(device, to, { in: place }),
  change: ({ kernel, in: place }, { device, data }) => kernel.devices.change(device, data, { in: place }),
  move: async ({ kernel, named, in: place }, { device, to, name, ifindex }) =>
    deviceView(await kernel.devices.move(device, { in: place, to: await named(to), name, ifindex })),
  remove: ({ kernel, in: place }, { device }) => kernel.devices.remove(device, { in: place }),
  removeGroup: ({ kernel, in: place }, { group }) => kernel.devices.removeGroup(group, { in: place }),
  altnames: async ({ kernel, in: place }, { device, add, remove }) => {
    if (add) await kernel.devices.addAltnames(device, add, { in: place })
    if (remove) await kernel.devices.removeAltnames(device, remove, { in: place })
  },
  nic: ({ lab, in: place }, { queues }) => lab.plug(place, queues),
  unplug: ({ lab, in: place }, { device }) => lab.unplug(place, device),
  lease: async ({ kernel, named, in: place }, { to, from, at, queue }) => {
    const lessor = { device: from, in: at ? await named(at) : place }
    const lease = await kernel.leases.add({ lessee: { device: to, in: place }, lessor, queue })
    return { queue: lease.lessee.queue }
  },
  channels: ({ kernel, in: place }, { device, combined }) =>
    kernel.ethtool.channels.set(device, { combinedCount: combined }, { in: place }),
  nsid: async ({ kernel, named, in: place }, { of, id }) => ({
    id: await kernel.namespaces.setId(await named(of), id, { in: place }),
  }),
  askNsid: async ({ kernel, named, in: place }, { of }) => ({
    id: await kernel.namespaces.id(await named(of), { in: place }),
  }),
  end: async ({ kernel, named }, { place }) => kernel.namespaces.remove(await named(place)),
  link: async ({ kernel, named, in: place }, { message, flags, header = {}, attrs = {}, netNs }) => {
    await using target = netNs && (await kernel.namespaces.open(await named(netNs)))
    const whole = target ? { ...attrs, netNsFd: target.fd } : attrs
    const number = flags === undefined ? 0 : FLAGS[flags]
    await kernel.withScope(place, (scope) =>
      scope.routeCall(RT_LINK[message], number, header, whole, { op: `suite ${message}` }),
    )
  },
  netdev: ({ kernel, in: place }, { command, attrs = {}, dump }) =>
    kernel.withScope(place, async (scope) => {
      const { [command]: wanted } = NETDEV.commands
      const op = `suite ${command}`
      const replies = await (dump
        ? scope.dump(NETDEV, wanted, attrs, { op })
        : scope.call(NETDEV, wanted, attrs, { op }))
      const read = replies.map((reply) => genericAttrs(wanted.attrs, reply))
      return dump ? { records: read } : read[0]
    }),
  ethtool: ({ kernel, in: place }, { command, attrs = {} }) =>
    kernel.withScope(place, async (scope) => {
      const { [command]: wanted } = ETHTOOL.commands
      const [reply] = await scope.call(ETHTOOL, wanted, attrs, { op: `suite ${command}` })
      return reply && reply.end - reply.start > NLMSG_HDRLEN ? genericAttrs(wanted.attrs, reply) : undefined
    }),
}

/** Does one step and resolves with what it results in. */
export async function act(scene: Omit<Scene, 'in'>, step: StepOf): Promise<unknown> {
  const place = step.do === 'end' ? '' : await scene.named(step.in ?? 'A')
  return await (ACTS[step.do] as (s: Scene, step: StepOf) => Promise<unknown>)({ ...scene, in: place }, step)
}

/** A device as rows speak of it: its attributes, and what the SDK makes of them. */
export const deviceView = (d: Device): object => ({
  ...d.attrs,
  name: d.name,
  ifindex: d.ifindex,
  type: d.type,
  flags: d.flags,
  up: d.up,
  running: d.running,
  lowerUp: d.lowerUp,
  kind: d.kind,
  data: d.data,
  peer: d.peer,
  altnames: d.altnames,
})
