import { type KernelDoors, refused } from '@netkit/netlink'
import type { Devices } from '../devices/devices.ts'
import type { DeviceSelector } from '../devices/selector.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { NamespaceTarget } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { ZcrxReceiver } from './receiver.ts'

const PAGE = 4096
const MOST_ENTRIES = 32768

/** What to receive into, and from where. */
export interface ZcrxOptions {
  /** The device whose queue it is: that of a lease, or a NIC. Default: none, and everything is copied into the area. */
  readonly device?: DeviceSelector
  /** The receive queue, of the virtual device if it is leased. */
  readonly queue?: number
  /** The namespace of the device. Default: the one that the client itself lives in. */
  readonly in?: NamespaceTarget
  /** Bytes of the area, a multiple of 4096. Default: 4 MiB. */
  readonly areaBytes?: number
  /** Entries of the ring by which bufs go back: a power of two, 1 to 32768. Default: 1024. */
  readonly refillEntries?: number
  /** Completions that can wait: a power of two, 64 to 65536. Default: 4096. */
  readonly completions?: number
  /** Bytes of a buf: a power of two from 4096 on, if the NIC can. Default: 4096. */
  readonly chunk?: number
}

/** Zero-copy receive by io_uring: `kernel.zcrx`. */
export class Zcrx {
  readonly #places: Places
  readonly #devices: Devices

  /** @internal */
  constructor(places: Places, devices: Devices) {
    this.#places = places
    this.#devices = devices
  }

  /**
   * Maps an area and registers it. KernelError: EPERM without CAP_NET_ADMIN in the initial user namespace; EOPNOTSUPP for a queue
   * that is neither leased nor a NIC's own; EINVAL unless the NIC splits headers from data; EEXIST, EBUSY where someone else
   * receives; EOPNOTSUPP too where the kernel is reached through a socket, since no memory can be shared with it then.
   */
  async open(options: ZcrxOptions = {}): Promise<ZcrxReceiver> {
    const op = 'zcrx open'
    check(op, options)
    const { doors } = this.#places.context
    const { memory, zcrx } = doors
    if (!memory || !zcrx) throw noDoor(op, doors)
    const { device, queue = 0, in: target } = options
    const ifindex = device === undefined ? 0 : (await this.#devices.get(device, { in: target })).ifindex
    const open = async (namespace?: Parameters<typeof zcrx.setup>[2]): Promise<ZcrxReceiver> =>
      new ZcrxReceiver({ ...options, memory, zcrx, ifindex, queue, namespace })
    return target === undefined ? await open() : await this.#places.opened(target, ({ handle }) => open(handle))
  }
}

const noDoor = (op: string, { kind }: KernelDoors) =>
  refused(op, 'EOPNOTSUPP', `the ${kind} kernel shares no memory with this client, which zero-copy receive needs`)

const isPower = (n: number): boolean => Number.isInteger(n) && n > 0 && 2 ** Math.round(Math.log2(n)) === n

function check(op: string, { areaBytes = PAGE, refillEntries = 1, completions = 64, queue = 0 }: ZcrxOptions): void {
  if (!Number.isInteger(queue) || queue < 0)
    throw new InputError(op, 'queue', `must be an integer from 0, not ${shown(queue)}`)
  if (!Number.isInteger(areaBytes) || areaBytes < PAGE || areaBytes % PAGE !== 0)
    throw new InputError(op, 'areaBytes', `must be a multiple of ${PAGE}, not ${shown(areaBytes)}`)
  if (!isPower(refillEntries) || refillEntries > MOST_ENTRIES)
    throw new InputError(
      op,
      'refillEntries',
      `must be a power of two up to ${MOST_ENTRIES}, not ${shown(refillEntries)}`,
    )
  if (!isPower(completions) || completions < 64 || completions > 2 * MOST_ENTRIES)
    throw new InputError(op, 'completions', `must be a power of two from 64 to 65536, not ${shown(completions)}`)
}
