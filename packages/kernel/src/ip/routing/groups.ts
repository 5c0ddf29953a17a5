import type { Device } from '../../net/device.ts'
import type { Proxies } from '../../net/proxies.ts'
import { copyWords, isV4, sameWords } from '../core/address.ts'

/** A group that sockets have joined on a device. */
interface Membership {
  readonly dev: Device
  readonly words: Int32Array
  users: number
}

/** 224.0.0.1 */
const ALL_HOSTS = 0xe0000001 | 0
const LINK_SCOPE = 0xff02 << 16

/** Groups whose packets are for this host. Nobody is told of it on the link: there is no IGMP or MLD. */
export class Groups {
  readonly #joined: Membership[] = []
  /** Of IPv6: solicitations for them come to their groups, too. */
  proxies: Proxies | undefined

  join(dev: Device, words: Int32Array, at: number): void {
    const known = this.#find(dev, words, at)
    if (known) known.users++
    else {
      const copy = new Int32Array(4)
      copyWords(copy, 0, words, at)
      this.#joined.push({ dev, words: copy, users: 1 })
    }
  }

  /** False if nobody has joined it there. */
  leave(dev: Device, words: Int32Array, at: number): boolean {
    const known = this.#find(dev, words, at)
    if (!known) return false
    if (--known.users === 0) this.#joined.splice(this.#joined.indexOf(known), 1)
    return true
  }

  forget(dev: Device): void {
    for (let n = this.#joined.length - 1; n >= 0; n--) if (this.#joined[n].dev === dev) this.#joined.splice(n, 1)
  }

  #find(dev: Device, words: Int32Array, at: number): Membership | undefined {
    for (const one of this.#joined) if (one.dev === dev && sameWords(one.words, 0, words, at)) return one
    return undefined
  }

  has(dev: Device, words: Int32Array, at: number): boolean {
    if (isV4(words, at)) {
      if (words[at + 3] === ALL_HOSTS) return true
    } else if (this.#hasOwn(dev, words, at)) return true
    return this.#find(dev, words, at) !== undefined
  }

  /** All nodes, all routers where we are one, and those that stand for each address. */
  #hasOwn(dev: Device, words: Int32Array, at: number): boolean {
    if (words[at] !== LINK_SCOPE || words[at + 1] !== 0) return false
    if (words[at + 2] === 0) {
      return words[at + 3] === 1 || (words[at + 3] === 2 && dev.ns.settings.forwardAll6 !== 0)
    }
    if (words[at + 2] !== 1 || words[at + 3] >>> 24 !== 0xff) return false
    const addresses = dev.inet?.v6Addresses
    if (addresses === undefined) return false
    for (const { local } of addresses) if (((local[3] ^ words[at + 3]) & 0xffffff) === 0) return true
    return this.proxies?.hasSuffix(dev, words[at + 3]) ?? false
  }
}
