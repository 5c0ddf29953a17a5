import { errno, KernelError, NETDEV, NETKIT, RT_LINK } from '@netkit/netlink'
import type { Places } from './places/places.ts'
import { routeRequest } from './request/message.ts'

/** What a kernel may be able to do. */
export type FeatureName = 'netkit' | 'headroom' | 'single' | 'leases'

interface Probe {
  /** First release of Linux that has it: a check on the probe, not a way to answer. */
  readonly since: string
  readonly doc: string
  readonly ask: (places: Places) => Promise<boolean>
}

/** Link info of kind netkit with one attribute whose payload is one byte: always too short for it. */
const tooShort = (id: number) => ({ kind: 'netkit', data: { rest: [{ type: id, payload: new Uint8Array(1) }] } })

/**
 * Asks about an attribute without changing anything: the request names no device and may not create one, so that it fails
 * in any case, but a kernel that knows the attribute fails earlier, over its length. Source: spec 01 §2.5, steps 5 and 9.
 */
async function knowsNetkitAttr(places: Places, name: string, id: number): Promise<boolean> {
  const op = `probe ${name}`
  try {
    await places.own.route.request(routeRequest(RT_LINK.newlink, 0, {}, { linkinfo: tooShort(id) }), { op })
  } catch (e) {
    if (!(e instanceof KernelError)) throw e
    if (e.code === 'ERANGE' && (e.attr === undefined || e.attr.startsWith('linkinfo.data'))) return true
    if (e.code === 'ENODEV') return false
    throw e
  }
  throw new KernelError({ op, errno: errno.EPROTO, extack: 'a request that no kernel can carry out succeeded' })
}

/** The command is looked for before the privilege and before the attributes, so that any other refusal means yes. */
async function hasQueueCreate(places: Places): Promise<boolean> {
  try {
    await places.own.call(NETDEV, NETDEV.commands.queueCreate, {}, { op: 'probe leases' })
  } catch (e) {
    if (!(e instanceof KernelError)) throw e
    if (e.code === 'EINVAL' || e.code === 'EPERM') return true
    if (e.code === 'EOPNOTSUPP' || e.code === 'ENOENT') return false
    throw e
  }
  return true
}

const { ids } = NETKIT

/** How each feature is asked for. */
export const PROBES: Readonly<Record<FeatureName, Probe>> = {
  netkit: {
    since: '6.7',
    doc: 'Pairs of kind netkit.',
    ask: (places) => knowsNetkitAttr(places, 'netkit', ids.mode),
  },
  headroom: {
    since: '6.14',
    doc: 'Head- and tailroom of netkit devices.',
    ask: (places) => knowsNetkitAttr(places, 'headroom', ids.headroom),
  },
  single: {
    since: '7.1',
    doc: 'Netkit devices without a peer.',
    ask: (places) => knowsNetkitAttr(places, 'single', ids.pairing),
  },
  leases: { since: '7.1', doc: 'Leases of receive queues.', ask: hasQueueCreate },
}

/**
 * What the kernel can do: `kernel.features`. It is asked, not guessed from its release, by requests that change nothing.
 * A clear yes or no is remembered; where there is none (EPERM, for want of CAP_NET_ADMIN), it rejects and asks again
 * the next time.
 */
export class Features {
  readonly #places: Places
  readonly #known = new Map<FeatureName, boolean>()

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** Whether the kernel has a feature. */
  async has(name: FeatureName): Promise<boolean> {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const answer = await PROBES[name].ask(this.#places)
    this.#known.set(name, answer)
    return answer
  }

  /** All features. */
  async all(): Promise<Readonly<Record<FeatureName, boolean>>> {
    const all = { netkit: false, headroom: false, single: false, leases: false }
    for (const name of Object.keys(all) as FeatureName[]) all[name] = await this.has(name)
    return all
  }
}
