import type { MappedMemory, NamespaceHandle } from '@netkit/netlink'
import type { Devices } from '../devices/devices.ts'
import type { DeviceSelector } from '../devices/selector.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { NamespaceTarget } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { bindTo, doorsFor, makeRing, openHandle, registerUmem } from './open.ts'
import { XskSocket } from './socket.ts'

export interface XskOptions {
  /** What it is bound to: a NIC, or the virtual device that leases one of its queues. */
  readonly device: DeviceSelector
  /** Receive queue, or of sockets that only send, transmit queue. Default: 0. */
  readonly queue?: number
  /** `zero-copy`: or not at all. `copy`: always copies. Default: `any`, without copies where the device can. */
  readonly mode?: 'zero-copy' | 'copy' | 'any'
  /** Entries of the RX ring, a power of two; 0 for a socket that only sends. Default: 2048. */
  readonly rx?: number
  /** Entries of the TX ring, a power of two; 0 for a socket that only receives. Default: 2048. */
  readonly tx?: number
  /** Entries of the fill and the completion ring, powers of two. Default: 2048. */
  readonly fill?: number
  readonly completion?: number
  /** Chunks of the UMEM. Default: 4096. */
  readonly chunks?: number
  /** Bytes of a chunk: 2048 or 4096, of unaligned ones anything between. Default: 2048. */
  readonly chunkSize?: number
  /** Bytes kept free before each received frame, beside the kernel's 256. Default: 0. */
  readonly headroom?: number
  /** Whether chunks begin anywhere. Default: false. */
  readonly unaligned?: boolean
  /** Bytes of TX metadata before frames, 16 to 248. Default: 0, none. */
  readonly metadataLength?: number
  /** Whether the kernel says when it has to be woken. Default: true. */
  readonly needWakeup?: boolean
  /** Whether packets may lie in several chunks. Default: false. */
  readonly multiBuffer?: boolean
  /** A socket whose UMEM is used, too, with its chunks; options of the UMEM and modes are that one's then. */
  readonly share?: XskSocket
  /** Where the device is. Default: the namespace that the client itself lives in. */
  readonly in?: NamespaceTarget
}

const OP = 'open an AF_XDP socket'

function checkSize(field: keyof XskOptions, n: number, least: number): void {
  if (Number.isInteger(n) && n >= least) return
  throw new InputError(OP, field, `must be an integer of at least ${least}, not ${shown(n)}`)
}

/** AF_XDP sockets: packets straight from the queue of a NIC into the application's memory, and back. */
export class Xsk {
  readonly #places: Places
  readonly #devices: Devices
  readonly #open = new Set<XskSocket>()
  /** Where each socket is bound: sockets of one queue share its rings. */
  readonly #bound = new WeakMap<XskSocket, { readonly ifindex: number; readonly queue: number }>()

  /** @internal */
  constructor(places: Places, devices: Devices) {
    this.#places = places
    this.#devices = devices
  }

  /**
   * Opens a socket and binds it to a queue of a device. Frames come once an XDP program redirects them to it by an XSKMAP. KernelError:
   * EOPNOTSUPP where no memory can be shared with the kernel or the device cannot do what is asked for, EBUSY for a queue that is taken,
   * EINVAL, EPERM.
   */
  async open(options: XskOptions): Promise<XskSocket> {
    const { device, queue = 0, rx = 2048, tx = 2048, chunks = 4096, chunkSize = 2048 } = options
    for (const [field, n] of Object.entries({ queue, rx, tx })) checkSize(field as keyof XskOptions, n, 0)
    for (const [field, n] of Object.entries({ chunks, chunkSize })) checkSize(field as keyof XskOptions, n, 1)
    doorsFor(this.#places.context.doors, OP)
    const { ifindex } = await this.#devices.get(device, { in: options.in })
    const make = (namespace?: NamespaceHandle): XskSocket =>
      this.#make({ ...options, queue, rx, tx, chunks, chunkSize }, ifindex, namespace)
    if (options.in === undefined) return make()
    return await this.#places.opened(options.in, async ({ handle }) => make(handle))
  }

  #make(
    o: XskOptions & Required<Pick<XskOptions, 'queue' | 'rx' | 'tx' | 'chunks' | 'chunkSize'>>,
    ifindex: number,
    namespace: NamespaceHandle | undefined,
  ): XskSocket {
    const { memory, xsk } = doorsFor(this.#places.context.doors, OP)
    const handle = openHandle(xsk, namespace)
    const mappings: MappedMemory[] = []
    try {
      const ring = (name: 'rx' | 'tx' | 'fill' | 'completion', entries: number) => {
        const { mapped, place } = makeRing(handle, name, entries)
        mappings.push(mapped)
        return place
      }
      const { share } = o
      const umem = share ? undefined : registerUmem(memory, handle, shapeOf(o))
      if (umem) mappings.push(umem)
      const at = share && this.#bound.get(share)
      const ownRings = !(at && at.ifindex === ifindex && at.queue === o.queue)
      const fill = ownRings ? ring('fill', o.fill ?? 2048) : undefined
      const completion = ownRings ? ring('completion', o.completion ?? 2048) : undefined
      const layout = {
        memory: memory.memory,
        umem: umem?.offset ?? share?.rings.layout.umem ?? 0,
        size: umem ? o.chunks * o.chunkSize : (share?.rings.layout.size ?? 0),
        chunkSize: share?.rings.layout.chunkSize ?? o.chunkSize,
        unaligned: share?.rings.layout.unaligned ?? o.unaligned ?? false,
        rx: o.rx > 0 ? ring('rx', o.rx) : undefined,
        tx: o.tx > 0 ? ring('tx', o.tx) : undefined,
        fill,
        completion,
        free: undefined,
        doorbell: undefined,
      }
      const { mode = 'any', needWakeup = true, multiBuffer = false } = o
      bindTo(handle, { ifindex, queue: o.queue, mode, needWakeup, multiBuffer, sharedWith: share?.fd })
      const mapDoorbell = () => memory.map(4096)
      const gone = (socket: XskSocket) => this.#open.delete(socket)
      const made = new XskSocket({ handle, layout, mappings, sharedWith: share, mapDoorbell, gone })
      this.#open.add(made)
      this.#bound.set(made, { ifindex, queue: o.queue })
      if (o.rx > 0) made.rings.refill()
      return made
    } catch (error) {
      handle.close()
      for (const one of mappings) one.unmap()
      throw error
    }
  }

  /** @internal */
  close(): void {
    for (const one of [...this.#open]) one.close()
  }
}

const shapeOf = (o: XskOptions & Required<Pick<XskOptions, 'chunks' | 'chunkSize'>>) => ({
  chunks: o.chunks,
  chunkSize: o.chunkSize,
  headroom: o.headroom ?? 0,
  unaligned: o.unaligned ?? false,
  metadataLength: o.metadataLength ?? 0,
})
