import { type CaptureSink, type CaptureSource, refused } from '@netkit/netlink'
import type { Device } from '../devices/device.ts'
import type { AddOptions } from '../devices/options.ts'
import type { DeviceSelector } from '../devices/selector.ts'
import { parseImpairment } from '../impairment/text.ts'
import type { Namespace } from '../places/namespace.ts'
import type { StateContext } from './actual.ts'
import { nicNumber } from './impairments.ts'
import { addressOptions } from './ip/address.ts'
import { neighbourOptions } from './ip/neighbour.ts'
import { routeOptions, routeSelector } from './ip/route.ts'
import { ruleOptions } from './ip/rule.ts'
import type { StateRef, StateStep, StepKind, StepOf } from './step.ts'

/** How paths of recordings become what a kernel can open. Default: the paths as they are. */
export interface StateFiles {
  source(path: string): CaptureSource | Promise<CaptureSource>
  sink(path: string): CaptureSink | Promise<CaptureSink>
}

/** What steps are carried out with. */
export interface Hands extends StateContext {
  readonly files: StateFiles
  readonly signal: AbortSignal | undefined
  /** The client's own namespace, open. */
  readonly own: Namespace
}

const selectorOf = ({ by, name }: StateRef): DeviceSelector => by ?? { name: name ?? '' }

const whereOf = ({ netns }: Pick<StateRef, 'netns'>, { signal }: Hands) => ({ in: netns, signal })

const mark = (hands: Hands, device: Device | StateRef, mark: string): Promise<void> =>
  'ifindex' in device
    ? hands.devices.addAltnames(device, [mark], { signal: hands.signal })
    : hands.devices.addAltnames(selectorOf(device), [mark], whereOf(device, hands))

type Act<K extends StepKind> = (hands: Hands, step: StepOf<K>) => Promise<unknown>

/** How each step is carried out: one or two requests, the first of which already says whose the device is. */
const ACTS: { readonly [K in StepKind]: Act<K> } = {
  async 'namespace add'(hands, { netns, mark: name }) {
    await hands.namespaces.create(netns)
    await mark(hands, { netns, name: 'lo' }, name)
  },
  'namespace remove': ({ namespaces }, { netns }) => namespaces.remove(netns),
  async 'nic add'(hands, { device, mark: name, queues, address, wire }) {
    const { play, record, pace } = wire ?? {}
    const { files, nics } = hands
    await nics.add({
      name: device.name,
      in: device.netns,
      queues,
      address,
      wire: wire && {
        kind: 'capture',
        from: play === undefined ? undefined : await files.source(play),
        to: record === undefined ? undefined : await files.sink(record),
        pace,
      },
    })
    await mark(hands, { netns: device.netns, name: device.name }, name)
  },
  'nic remove': ({ nics }, { id }) => nics.remove(id),
  async 'pair add'(hands, { device, mark: name, birth, data, peer }) {
    const namespace = peer.device.netns ?? hands.own
    const options = {
      kind: 'netkit',
      in: device.netns,
      ...birth,
      data,
      peer: { ...peer.birth, namespace },
    } as AddOptions
    const primary = await hands.devices.add({ ...options, signal: hands.signal })
    await mark(hands, primary, name)
    await mark(hands, await hands.devices.peerOf(primary, namespace, hands.signal), peer.mark)
  },
  async 'single add'(hands, { device, mark: name, birth, data }) {
    const options = { kind: 'netkit', in: device.netns, ...birth, data } as AddOptions
    await mark(hands, await hands.devices.add({ ...options, signal: hands.signal }), name)
  },
  remove: (hands, { device }) => hands.devices.remove(selectorOf(device), whereOf(device, hands)),
  mark: (hands, step) => mark(hands, step.device, step.mark),
  rename: (hands, { device, to }) => hands.devices.set(selectorOf(device), { name: to }, whereOf(device, hands)),
  move: (hands, { device, to, up }) =>
    hands.devices.move(selectorOf(device), { ...whereOf(device, hands), to: to.netns ?? hands.own, name: to.name, up }),
  set: (hands, { device, settings }) => hands.devices.set(selectorOf(device), settings, whereOf(device, hands)),
  policy: (hands, { device, data }) => hands.devices.change(selectorOf(device), data, whereOf(device, hands)),
  'altname add': (hands, { device, altnames }) =>
    hands.devices.addAltnames(selectorOf(device), altnames, whereOf(device, hands)),
  'altname remove': (hands, { device, altnames }) =>
    hands.devices.removeAltnames(selectorOf(device), altnames, whereOf(device, hands)),
  channels: (hands, { device, count }) =>
    hands.ethtool.channels.set(selectorOf(device), { combinedCount: count }, whereOf(device, hands)),
  rings: (hands, { device, settings }) => hands.ethtool.rings.set(selectorOf(device), settings, whereOf(device, hands)),
  async impair(hands, { device, direction, impairment }) {
    const id = nicNumber(await hands.devices.get(selectorOf(device), whereOf(device, hands)))
    if (id === undefined)
      throw refused(`nic impair ${device.name}`, 'EOPNOTSUPP', 'it is hardware that cannot be impaired')
    const options = parseImpairment(impairment)
    await hands.nics.impair(id, direction, Object.keys(options).length > 0 ? options : undefined)
  },
  lease: (hands, { device, nic, queue }) =>
    hands.leases.add({
      lessee: { device: selectorOf(device), in: device.netns },
      lessor: { device: selectorOf(nic), in: nic.netns },
      queue,
      signal: hands.signal,
    }),
  'address add': (hands, { device, address, protocol }) =>
    hands.addresses.add(selectorOf(device), { ...addressOptions(address, protocol), ...whereOf(device, hands) }),
  'address change': (hands, { device, address, protocol }) =>
    hands.addresses.replace(selectorOf(device), { ...addressOptions(address, protocol), ...whereOf(device, hands) }),
  'address remove': (hands, { device, address: { address, peer } }) =>
    hands.addresses.remove(selectorOf(device), address, { peer, ...whereOf(device, hands) }),
  'neighbour add': (hands, { device, neighbour, protocol }) =>
    hands.neighbours.add(selectorOf(device), { ...neighbourOptions(neighbour, protocol), ...whereOf(device, hands) }),
  'neighbour change': (hands, { device, neighbour, protocol }) =>
    hands.neighbours.replace(selectorOf(device), {
      ...neighbourOptions(neighbour, protocol),
      ...whereOf(device, hands),
    }),
  'neighbour remove': (hands, { device, neighbour: { to, proxy } }) =>
    hands.neighbours.remove(selectorOf(device), to, { proxy, ...whereOf(device, hands) }),
  'route add': (hands, step) =>
    hands.routes.add({ ...routeOptions(step.route, step.protocol), ...whereOf(step, hands) }),
  'route replace': (hands, step) =>
    hands.routes.replace({ ...routeOptions(step.route, step.protocol), ...whereOf(step, hands) }),
  'route remove': (hands, step) =>
    hands.routes.remove({ ...routeSelector(step.route, step.protocol), ...whereOf(step, hands) }),
  'rule add': (hands, step) => hands.rules.add({ ...ruleOptions(step.rule, step.protocol), ...whereOf(step, hands) }),
  'rule remove': (hands, step) =>
    hands.rules.remove({ ...ruleOptions(step.rule, step.protocol), ...whereOf(step, hands) }),
}

/** Carries a step out. Rejects with what the kernel says. */
export async function execute(hands: Hands, step: StateStep): Promise<void> {
  await (ACTS[step.do] as (hands: Hands, step: StateStep) => Promise<unknown>)(hands, step)
}
