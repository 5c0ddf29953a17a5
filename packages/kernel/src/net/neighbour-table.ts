import type { Device } from './device.ts'
import type { NetNamespace } from './namespace.ts'
import type { Neighbour } from './neighbour.ts'
import type { Proxies } from './proxies.ts'
import type { Request } from './request.ts'

/** The neighbours of a family as requests see them. */
export interface NeighbourTable {
  readonly map: {
    find(dev: Device, key: Int32Array): Neighbour | undefined
    of(ns: NetNamespace): Neighbour[]
  }
  readonly proxies: Proxies
  /** Made if it is not there; undefined when there are too many. */
  get(dev: Device, key: Int32Array): Neighbour | undefined
  /** Asks the link about it. */
  resolve(n: Neighbour): void
  /** False where it is refused: there is no address. `flags`: UPDATE_*. `req`: who asked. */
  update(n: Neighbour, address: Uint8Array | undefined, state: number, flags: number, req?: Request): boolean
  remove(n: Neighbour): void
  /** Takes out what is known on a device: all of it, or what nobody made permanent. */
  flush(dev: Device, all: boolean): void
}
