import type { Device } from '../devices/device.ts'
import type { Devices } from '../devices/devices.ts'
import type { NetkitSingleOptions } from '../devices/options.ts'
import { type DeviceSelector, placeOf } from '../devices/selector.ts'
import { InputError } from '../input/input-error.ts'
import type { Namespaces } from '../namespaces/namespaces.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { Rollback } from '../rollback.ts'
import { checkQueue, createLease, leaseText, withParties } from './create.ts'
import type { DeviceIn, Lease } from './lease.ts'
import { leasesEverywhere, leasesIn } from './list.ts'

export interface LeaseOptions {
  /** The virtual device: a single netkit device, or the peer of a pair, with room in `numRxQueues`. */
  readonly lessee: DeviceIn
  /** The physical device. */
  readonly lessor: DeviceIn
  /** Its receive queue, from 0. */
  readonly queue: number
  readonly signal?: AbortSignal
}

export interface LessorQueues extends DeviceIn {
  /** Its receive queues, from 0. They become queues 1, 2, … of the virtual device. */
  readonly queues: readonly number[]
}

/** A single device to make, together with what it leases. Its `numRxQueues` is one more than it leases if not given. */
export type LesseeOptions = Omit<NetkitSingleOptions, 'kind' | 'data'> & {
  readonly data?: Omit<NetkitSingleOptions['data'], 'pairing'>
  readonly lessor: LessorQueues
}

/** Leases of receive queues: `kernel.leases`. Linux 7.1. */
export class Leases {
  readonly #places: Places
  readonly #devices: Devices
  readonly #namespaces: Namespaces

  /** @internal */
  constructor(places: Places, devices: Devices, namespaces: Namespaces) {
    this.#places = places
    this.#devices = devices
    this.#namespaces = namespaces
  }

  /**
   * Leases one receive queue of a physical device to a virtual one, and resolves with both ends. There is no operation to
   * end a single lease: see `end`. Needs CAP_NET_ADMIN in the initial user namespace. Rejects with KernelError: EPERM;
   * EBUSY if the queue is leased or in use by AF_XDP or a memory provider; ERANGE if there is no such queue; EINVAL if
   * the virtual device has no room, or the devices cannot lease; EOPNOTSUPP of the primary of a pair.
   */
  async add({ lessee, lessor, queue, signal }: LeaseOptions): Promise<Lease> {
    const op = leaseText(lessee, lessor)
    checkQueue(op, 'queue', queue)
    return await withParties(this.#places, op, lessee, lessor, signal, (parties) =>
      createLease(this.#namespaces, op, parties, queue, signal),
    )
  }

  /** Makes a single device and leases queues to it, all or nothing: if a lease is refused, the device is removed again. */
  async addDevice({ lessor, data, ...options }: LesseeOptions): Promise<{ device: Device; leases: Lease[] }> {
    const op = leaseText({ device: options.name ?? 'netkit' }, lessor)
    if (lessor.queues.length === 0) throw new InputError(op, 'lessor.queues', 'must name at least one queue')
    for (const [i, queue] of lessor.queues.entries()) checkQueue(op, `lessor.queues[${i}]`, queue)
    const { signal } = options
    const device = await this.#devices.add({
      numRxQueues: lessor.queues.length + 1,
      ...options,
      kind: 'netkit',
      data: { ...data, pairing: 'single' },
    })
    const back = new Rollback()
    back.done(`device ${device.name}`, () => this.#devices.remove(device))
    try {
      const leases = await withParties(this.#places, op, { device }, lessor, signal, async (parties) => {
        const made: Lease[] = []
        for (const queue of lessor.queues) made.push(await createLease(this.#namespaces, op, parties, queue, signal))
        return made
      })
      return { device, leases }
    } catch (e) {
      return back.fail(e)
    }
  }

  /**
   * The leases of the physical devices in one namespace. Kernels tell only of physical devices that are up. Which
   * namespace the other end is in is told as far as it can be seen; names are missing where the client may not look.
   */
  list(where: Where = {}): Promise<Lease[]> {
    return this.#places.opened(where.in, (namespace) => {
      const label = { name: namespace.name, current: namespace.isOwn }
      return leasesIn(this.#places, { namespace, label }, where.signal)
    })
  }

  /** The leases of all physical devices in the client's own namespace and in every named one that it may open. */
  listAll(options: { readonly signal?: AbortSignal } = {}): Promise<Lease[]> {
    return leasesEverywhere(this.#places, options.signal)
  }

  /**
   * Ends all leases of a virtual device in the only way there is: by removing it, of a pair both ends. The physical
   * queues are free at once.
   */
  async end(lessee: DeviceSelector, where: Where = {}): Promise<void> {
    await this.#devices.remove(lessee, { in: placeOf(lessee, where.in), signal: where.signal })
  }
}
