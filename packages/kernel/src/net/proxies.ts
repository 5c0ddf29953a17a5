import type { Device } from './device.ts'
import type { NetNamespace } from './namespace.ts'

/** An address that the kernel answers for in the place of others. */
export interface ProxyNeighbour {
  readonly ns: NetNamespace
  /** Absent: on every device of the namespace. */
  readonly dev: Device | undefined
  /** Four words. */
  readonly key: Int32Array
  /** NTF_*. */
  flags: number
  /** Who made it: RTPROT_*, 0 nobody said. */
  protocol: number
  /** It stays when the device loses its carrier. */
  permanent: boolean
}

const same = (a: Int32Array, b: Int32Array): boolean => a.every((word, i) => word === b[i])

/** The proxies of one family in one kernel: few, and kept by administrators alone. */
export class Proxies {
  #list: ProxyNeighbour[] = []

  /** That of the device, or else that of every device. */
  find(ns: NetNamespace, dev: Device | undefined, key: Int32Array): ProxyNeighbour | undefined {
    return this.#list.find((p) => p.ns === ns && (p.dev === dev || p.dev === undefined) && same(p.key, key))
  }

  /** What `find` gives, made if there is none. */
  get(ns: NetNamespace, dev: Device | undefined, key: Int32Array): ProxyNeighbour {
    const found = this.find(ns, dev, key)
    if (found) return found
    const made: ProxyNeighbour = { ns, dev, key, flags: 0, protocol: 0, permanent: false }
    this.#list.push(made)
    return made
  }

  /** Takes out exactly that one; false: there is none. */
  remove(ns: NetNamespace, dev: Device | undefined, key: Int32Array): boolean {
    const at = this.#list.findIndex((p) => p.ns === ns && p.dev === dev && same(p.key, key))
    if (at >= 0) this.#list.splice(at, 1)
    return at >= 0
  }

  /** Whether the device has one whose last 24 bits are these: those of a solicited-node group. Source: RFC 4291 §2.7.1. */
  hasSuffix(dev: Device, bits: number): boolean {
    for (const p of this.#list) if (p.dev === dev && ((p.key[3] ^ bits) & 0xffffff) === 0) return true
    return false
  }

  of(ns: NetNamespace): ProxyNeighbour[] {
    return this.#list.filter((p) => p.ns === ns)
  }

  /** A device goes down, or, unless `all`, loses its carrier. */
  forget(dev: Device, all: boolean): void {
    this.#list = this.#list.filter((p) => p.dev !== dev || (!all && p.permanent))
  }

  /** A namespace is gone. */
  leave(ns: NetNamespace): void {
    this.#list = this.#list.filter((p) => p.ns !== ns)
  }
}
