import type { Device } from './device.ts'
import { NUD_CONNECTED, NUD_NONE, NUD_VALID } from './neighbour-states.ts'

/** Words of an address: IPv6 in network order, the highest first; IPv4 as ::ffff:a.b.c.d. */
export const ADDRESS_WORDS = 4

/** A neighbour on a link: its network address, what is known of its hardware address, and the packets that wait for it. */
export class Neighbour {
  readonly dev: Device
  readonly key: Int32Array
  /** RTN_* of its address: unicast, local, broadcast, multicast. */
  type = 1
  /** NUD_*. */
  state: number = NUD_NONE
  /** NTF_*. */
  flags = 0
  /** NTF_EXT_*. */
  extFlags = 0
  /** Who made it: RTPROT_*, 0 the kernel. */
  protocol = 0
  /** Hardware address, valid in the states of NUD_VALID. Replaced, never written to. */
  address: Uint8Array
  /** Moments, ms: last known to be there, last changed, last used. */
  confirmed = 0
  updated = 0
  used = 0
  /** Solicitations sent since the last answer. */
  probes = 0
  /** Packets that wait, oldest first, and their bytes. */
  readonly waiting: number[] = []
  waitingBytes = 0
  /** What time will change, and when. */
  timer: { cancel(): void } | undefined
  /** Taken out of the table. */
  dead = false
  /** Next in the same bucket of the table. */
  next: Neighbour | undefined

  constructor(dev: Device, key: Int32Array) {
    this.dev = dev
    this.key = key.slice(0, ADDRESS_WORDS)
    this.address = new Uint8Array(dev.addressLength)
  }

  get valid(): boolean {
    return (this.state & NUD_VALID) !== 0
  }

  get connected(): boolean {
    return (this.state & NUD_CONNECTED) !== 0
  }
}
