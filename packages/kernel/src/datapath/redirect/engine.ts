import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { receiveFrame } from '../../net/ethernet.ts'
import type { Neighbours } from '../../net/neighbours.ts'
import type { PacketPath } from '../../net/path.ts'
import * as redirect from '../../net/redirect.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeWritable } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { forgetArrival, scrub } from '../../packet/scrub.ts'
import { hasLinkHeader } from './link-header.ts'
import { sendToNeighbour } from './neighbour.ts'

// Engines fold constants of the own module, not imported ones.
const { REDIRECT_EGRESS, REDIRECT_INGRESS, REDIRECT_NEIGHBOUR, REDIRECT_NEXT_HOP, REDIRECT_PEER, RECEIVE_AGAIN } =
  redirect
const {
  FLAG_AT_INGRESS,
  FLAG_REDIRECTED,
  MAC_UNSET,
  PKT_DATA,
  PKT_GSO,
  PKT_GSO_TYPE,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_MARK,
  PKT_NETWORK,
  PKT_PRIORITY,
  PKT_SHIFT,
  PKT_STATE,
} = layout

const IFF_UP = 1
const XMIT_DROP = 1
const GSO_SIZE = 0xffff

/** The way of packets as redirects need it. */
export interface RedirectPath extends PacketPath {
  /** Whether packets are being received, or transmissions are nested more deeply than so. */
  isInside(depth: number): boolean
  /** Whether transmissions are nested as deeply as they may be. */
  readonly tooDeep: boolean
  /** Sends one packet, one level deeper; 0 or a transmit code. */
  transmitOne(dev: Device, handle: number): number
  /** Who sends to neighbours; undefined without IP. */
  readonly neighbours: Neighbours | undefined
}

/** Carries out what programs ask for by redirect helpers. Source: spec 02 §1.8. */
export class RedirectEngine implements redirect.Redirects {
  target = 0
  flags = 0
  readonly nextHop = new Uint8Array(redirect.NEXT_HOP_BYTES)
  again: Device | undefined
  readonly #path: RedirectPath

  constructor(path: RedirectPath) {
    this.#path = path
  }

  get neighbours(): Neighbours | undefined {
    return this.#path.neighbours
  }

  begin(depth: number): void {
    if (this.#path.isInside(depth)) return
    this.target = 0
    this.flags = 0
  }

  follow(dev: Device, handle: number): number {
    const { flags } = this
    const to = dev.ns.devices.get(this.target)
    this.target = 0
    this.flags = 0
    if (to === undefined) return this.#lose(dev, handle, -errno.EINVAL, 'redirect: no such device')
    if ((flags & REDIRECT_PEER) !== 0) return this.#toPeer(dev, to, handle, flags)
    if ((flags & REDIRECT_NEIGHBOUR) !== 0) {
      return sendToNeighbour(this.#path, to, handle, (flags & REDIRECT_NEXT_HOP) !== 0 ? this.nextHop : undefined)
    }
    return this.send(dev, to, handle, flags)
  }

  #toPeer(dev: Device, to: Device, handle: number, flags: number): number {
    const peer = to.driver.peer?.(to)
    if (peer === undefined || (peer.flags & IFF_UP) === 0 || peer.ns === dev.ns) {
      return this.#lose(dev, handle, -errno.EINVAL, 'redirect_peer: no peer that is up in another namespace')
    }
    const { fields } = this.#path.packets.table
    const i = handle << PKT_SHIFT
    scrub(fields, i)
    if ((flags & REDIRECT_EGRESS) !== 0) return this.send(dev, peer, handle, 0)
    if ((fields[i + PKT_STATE] & FLAG_AT_INGRESS) === 0) {
      return this.#lose(dev, handle, -errno.EINVAL, 'redirect_peer: not at ingress')
    }
    peer.counters.rxPackets++
    peer.counters.rxBytes += fields[i + PKT_LENGTH]
    this.again = peer
    return RECEIVE_AGAIN
  }

  send(dev: Device, to: Device, handle: number, flags: number): number {
    const { fields } = this.#path.packets.table
    const i = handle << PKT_SHIFT
    if (hasLinkHeader(to)) {
      if (fields[i + PKT_MAC] >= fields[i + PKT_NETWORK] || fields[i + PKT_LENGTH] === 0) {
        return this.#lose(dev, handle, -errno.ERANGE, 'redirect: no link-layer header')
      }
    } else {
      const header = fields[i + PKT_NETWORK] - fields[i + PKT_DATA]
      if (fields[i + PKT_LENGTH] <= header)
        return this.#lose(dev, handle, -errno.ERANGE, 'redirect: only a link-layer header')
      fields[i + PKT_DATA] += header
      fields[i + PKT_LENGTH] -= header
      fields[i + PKT_LINEAR] -= header
      fields[i + PKT_MAC] = MAC_UNSET
    }
    return (flags & REDIRECT_INGRESS) !== 0 ? this.#receive(dev, to, handle) : this.#transmit(to, handle)
  }

  /** As if `to` had received it. */
  #receive(dev: Device, to: Device, handle: number): number {
    const path = this.#path
    const { packets } = path
    const { fields } = packets.table
    const i = handle << PKT_SHIFT
    scrub(fields, i)
    fields[i + PKT_STATE] &= ~FLAG_AT_INGRESS
    if (to.ns !== dev.ns) {
      fields[i + PKT_MARK] = 0
      forgetArrival(fields, i)
    }
    fields[i + PKT_PRIORITY] = 0
    if (fields[i + PKT_MAC] !== MAC_UNSET) receiveFrame(packets, handle, to)
    return path.enqueue(to, handle) ? 0 : XMIT_DROP
  }

  #transmit(to: Device, handle: number): number {
    const path = this.#path
    if (path.tooDeep) return this.#lose(to, handle, -errno.ENETDOWN, undefined, DROP.RECURSION_LIMIT)
    const { fields } = path.packets.table
    const i = handle << PKT_SHIFT
    fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~FLAG_AT_INGRESS) | FLAG_REDIRECTED
    forgetArrival(fields, i)
    return path.transmitOne(to, handle)
  }

  sendClone(dev: Device, handle: number, ifindex: number, flags: number): number {
    const { packets } = this.#path
    const { fields } = packets.table
    const i = handle << PKT_SHIFT
    if ((flags & ~REDIRECT_INGRESS) !== 0) return -errno.EINVAL
    if ((fields[i + PKT_GSO] & GSO_SIZE) !== 0 && fields[i + PKT_GSO_TYPE] === 0) return -errno.EBADMSG
    const to = dev.ns.devices.get(ifindex)
    if (to === undefined) return -errno.EINVAL
    const copy = packets.clone(handle)
    if (copy < 0) return -errno.ENOMEM
    // The program may go on writing to the original: that one moves, the copy keeps the bytes.
    if (!makeWritable(packets, handle)) {
      packets.free(copy)
      return -errno.ENOMEM
    }
    return this.send(dev, to, copy, flags)
  }

  #lose(
    dev: Device,
    handle: number,
    error: number,
    because: string | undefined,
    reason: number = DROP.NOT_SPECIFIED,
  ): number {
    this.#path.drop(dev, handle, reason, because)
    return error
  }
}
