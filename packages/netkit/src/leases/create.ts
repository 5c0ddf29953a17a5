import { KernelError, NETDEV, type NetdevLease } from '@netkit/netlink'
import { look } from '../devices/look.ts'
import { deviceText, placeOf } from '../devices/selector.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { Namespaces } from '../namespaces/namespaces.ts'
import type { Namespace } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { genericAttrs } from '../request/message.ts'
import type { DeviceIn, KnownNamespace, Lease } from './lease.ts'

const CREATE = NETDEV.commands.queueCreate

/** Both ends of leases to be, and what they need to find each other. */
export interface Parties {
  readonly lessee: { readonly ifindex: number; readonly name: string | undefined; readonly namespace: Namespace }
  readonly lessor: { readonly ifindex: number; readonly name: string | undefined; readonly namespace: Namespace }
}

/** Finds both devices, each in its namespace. */
export function withParties<T>(
  places: Places,
  op: string,
  lessee: DeviceIn,
  lessor: DeviceIn,
  signal: AbortSignal | undefined,
  act: (parties: Parties) => Promise<T>,
): Promise<T> {
  return places.opened(placeOf(lessee.device, lessee.in), (here) =>
    places.opened(placeOf(lessor.device, lessor.in), async (there) => {
      const find = async (which: DeviceIn, namespace: Namespace) => {
        const { ifindex, attrs } = await look(namespace.scope, op, which.device, { stats: false }, signal)
        return { ifindex, name: attrs.ifname, namespace }
      }
      return act({ lessee: await find(lessee, here), lessor: await find(lessor, there) })
    }),
  )
}

/**
 * Creates a queue on the lessee, bound to one of the lessor. The lessor's namespace gets an id in the lessee's if it has
 * none; ids are given out by mere looking too, and there is no way to take one back.
 */
export async function createLease(
  namespaces: Namespaces,
  op: string,
  { lessee, lessor }: Parties,
  queue: number,
  signal: AbortSignal | undefined,
): Promise<Lease> {
  const apart = lessee.namespace.inode !== lessor.namespace.inode
  const netnsId = apart ? await namespaces.ensureId(lessor.namespace, { in: lessee.namespace, signal }) : undefined
  const lease: NetdevLease = { ifindex: lessor.ifindex, queue: { id: queue, type: 'rx' }, netnsId }
  const asked = { ifindex: lessee.ifindex, type: 'rx', lease }
  const [reply] = await lessee.namespace.scope.call(NETDEV, CREATE, asked, { op, signal })
  const { id } = genericAttrs(CREATE.attrs, reply)
  if (id === undefined)
    throw new KernelError({ op, errno: 71 /* EPROTO */, extack: 'the answer does not say the queue' })
  const from = apart ? await namespaces.id(lessee.namespace, { in: lessor.namespace, signal }) : undefined
  return {
    lessor: { ifindex: lessor.ifindex, name: lessor.name, queue, namespace: known(lessor.namespace, undefined) },
    lessee: { ifindex: lessee.ifindex, name: lessee.name, queue: id, namespace: known(lessee.namespace, from) },
  }
}

const known = ({ name, isOwn }: Namespace, netnsid: number | undefined): KnownNamespace => ({
  name,
  current: isOwn,
  netnsid,
})

/** How the lease to be is called in messages. */
export const leaseText = (lessee: DeviceIn, lessor: DeviceIn): string =>
  `lease add ${deviceText(lessee.device)} from ${deviceText(lessor.device)}`

/** Refuses what cannot be the number of a queue. */
export function checkQueue(op: string, option: string, queue: unknown): void {
  if (typeof queue === 'number' && Number.isInteger(queue) && queue >= 0 && queue <= 0xffff_ffff) return
  throw new InputError(op, option, `must be an integer from 0 to 4294967295, not ${shown(queue)}`)
}
