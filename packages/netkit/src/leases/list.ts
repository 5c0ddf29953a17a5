import { NETDEV, type NetdevLease, type NetdevQueue } from '@netkit/netlink'
import type { Namespace } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { genericAttrs } from '../request/message.ts'
import type { KnownNamespace, Lease } from './lease.ts'
import { DeviceNames, idOf, type Labelled, openAll } from './resolve.ts'

const GET = NETDEV.commands.queueGet

/** A physical queue that is leased, as the kernel tells of it. */
type Leased = NetdevQueue & { id: number; ifindex: number; lease: NetdevLease }

interface Place {
  readonly namespace: Namespace
  readonly label: Labelled
}

/** The leases of physical devices in one namespace. */
export async function leasesIn(places: Places, place: Place, signal: AbortSignal | undefined): Promise<Lease[]> {
  const leased = await leasedQueues(place.namespace, signal)
  if (leased.length === 0) return []
  const apart = leased.some(({ lease }) => lease.netnsId !== undefined)
  const all = apart ? await openAll(places) : []
  try {
    return await resolve(place, leased, all, signal)
  } finally {
    for (const { namespace } of all) await namespace.close()
  }
}

/** The leases of all physical devices that can be seen: in the client's own namespace and in every named one. */
export async function leasesEverywhere(places: Places, signal: AbortSignal | undefined): Promise<Lease[]> {
  const all = await openAll(places)
  try {
    const leases: Lease[] = []
    for (const place of all) {
      const leased = await leasedQueues(place.namespace, signal)
      if (leased.length > 0) leases.push(...(await resolve(place, leased, all, signal)))
    }
    return leases
  } finally {
    for (const { namespace } of all) await namespace.close()
  }
}

async function leasedQueues(namespace: Namespace, signal: AbortSignal | undefined): Promise<Leased[]> {
  const replies = await namespace.scope.dump(NETDEV, GET, {}, { op: 'lease list', signal })
  return replies.map((reply) => genericAttrs(GET.attrs, reply)).filter((q): q is Leased => q.lease !== undefined)
}

/** Gives both ends their names. */
async function resolve(
  place: Place,
  leased: readonly Leased[],
  all: readonly Place[],
  signal: AbortSignal | undefined,
): Promise<Lease[]> {
  const names = new DeviceNames(place.namespace.scope)
  const labels = await labelsById(place, leased, all, signal)
  const here: KnownNamespace = { ...place.label, netnsid: undefined }
  return Promise.all(
    leased.map(async ({ id, ifindex, lease }) => {
      const { netnsId, queue } = lease
      const virtual = lease.ifindex ?? 0
      const namespace =
        netnsId === undefined ? here : { name: undefined, current: false, ...labels.get(netnsId), netnsid: netnsId }
      return {
        lessor: { ifindex, name: await names.of(ifindex, undefined, signal), queue: id, namespace: here },
        lessee: { ifindex: virtual, name: await names.of(virtual, netnsId, signal), queue: queue?.id ?? 0, namespace },
      }
    }),
  )
}

/** Which of the known namespaces the ids in the answers mean. */
async function labelsById(
  { namespace }: Place,
  leased: readonly Leased[],
  all: readonly Place[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, Labelled>> {
  const labels = new Map<number, Labelled>()
  if (leased.every(({ lease }) => lease.netnsId === undefined)) return labels
  for (const other of all) {
    const id = await idOf(namespace.scope, other.namespace, signal)
    if (id !== undefined) labels.set(id, other.label)
  }
  return labels
}
