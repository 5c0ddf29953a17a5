import { NETDEV, type NetdevQueue } from '@netkit/netlink'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { genericAttrs } from '../request/message.ts'

export type QueueType = 'rx' | 'tx'

/**
 * A queue in use. `napiId`: what polls it. `lease`: of a physical queue, the virtual queue that it is leased to. `dmabuf`,
 * `ioUring`, `xsk`: what provides its memory; of a leased virtual queue, the state of the physical one.
 */
export type Queue = NetdevQueue & { id: number; ifindex: number; type: QueueType | number }

/** One queue of a device. */
export interface QueueOptions extends Where {
  /** Default: rx. */
  readonly type?: QueueType
  /** From 0. */
  readonly id: number
}

export interface QueuesOptions extends Where {
  /** Only those of this device. Default: of all devices in the namespace. */
  readonly device?: DeviceSelector
}

const QUEUE_GET = NETDEV.commands.queueGet

/** Receive and transmit queues: `kernel.queues`. Kernels tell about queues of devices that are up only. */
export class Queues {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** One queue. Rejects with KernelError: ENODEV for no such device, ENOENT if it is down, EINVAL for no such queue. */
  async get(device: DeviceSelector, options: QueueOptions): Promise<Queue> {
    const { type = 'rx', id, signal } = options
    const op = `queue show ${deviceText(device)} ${type} ${id}`
    if (!Number.isInteger(id) || id < 0 || id > 0xffff_ffff)
      throw new InputError(op, 'id', `must be an integer from 0 to 4294967295, not ${shown(id)}`)
    return await this.#places.with(placeOf(device, options.in), async (scope) => {
      const ifindex = await indexOf(scope, op, device, signal)
      const [reply] = await scope.call(NETDEV, QUEUE_GET, { id, ifindex, type }, { op, signal })
      return genericAttrs(QUEUE_GET.attrs, reply) as Queue
    })
  }

  /** All queues in use, of one device or of all that are up: by ifindex, receive queues first. */
  async *dump(options: QueuesOptions = {}): AsyncGenerator<Queue, void, undefined> {
    yield* await this.list(options)
  }

  /** The same as an array. */
  list(options: QueuesOptions = {}): Promise<Queue[]> {
    const { device, signal } = options
    const op = device === undefined ? 'queue list' : `queue list ${deviceText(device)}`
    return this.#places.with(device === undefined ? options.in : placeOf(device, options.in), async (scope) => {
      const ifindex = device === undefined ? undefined : await indexOf(scope, op, device, signal)
      const replies = await scope.dump(NETDEV, QUEUE_GET, { ifindex }, { op, signal })
      return replies.map((reply) => genericAttrs(QUEUE_GET.attrs, reply) as Queue)
    })
  }
}
