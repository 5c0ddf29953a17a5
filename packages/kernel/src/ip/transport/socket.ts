import type { NetNamespace } from '../../net/namespace.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'

const { PKT_BUFFER, PKT_SHIFT } = layout

/** What a descriptor and bookkeeping add to the memory that a waiting packet counts for. */
const OVERHEAD = 256
const FIRST_RING = 16
/** Bytes that may wait unread. Source: net.core.rmem_default. */
const RECEIVE_BUFFER = 212_992

/** An error that waits to be read, as IP_RECVERR gives it. */
export interface QueuedError {
  readonly errno: number
  /** SO_EE_ORIGIN_*: 1 local, 2 ICMP, 3 ICMPv6. */
  readonly origin: number
  readonly type: number
  readonly code: number
  readonly info: number
  /** Payload of the packet that it is about. */
  readonly payload: Uint8Array
  /** Where that was sent, and who complains. */
  readonly destination: Int32Array
  readonly port: number
  readonly offender: Int32Array
}

const ERRORS_QUEUED = 64

/** A datagram socket of UDP or of ICMP echoes. Port 0: not bound. */
export class DatagramSocket {
  readonly ns: NetNamespace
  /** AF_INET6: it can hold IPv4 addresses too, unless `v6only`. */
  readonly v6: boolean
  readonly icmp: boolean
  /** Of whoever opened it. */
  readonly uid: number
  readonly local = new Int32Array(4)
  port = 0
  /** Whether `local` and `port` were asked for. */
  boundAddress = false
  boundPort = false
  readonly remote = new Int32Array(4)
  remotePort = 0
  connected = false
  /** Ifindex; 0: any device. */
  device = 0
  /** A link-local peer's or group's device. */
  scope = 0

  reuseAddress = false
  reusePort = false
  v6only = false
  broadcast = false
  mark = 0
  priority = 0
  /** TTL and hop limit of what is sent; -1: the namespace's. */
  ttl = -1
  hopLimit = -1
  multicastTtl = 1
  multicastHops = 1
  multicastLoop = true
  multicastDevice = 0
  tos = 0
  trafficClass = 0
  /** IP_PMTUDISC_*. */
  pathMtu = 1
  receiveErrors = false
  receiveErrors6 = false
  receiveTtl = false
  receiveTos = false
  receiveInfo = false
  receiveBuffer = RECEIVE_BUFFER
  sendBuffer = RECEIVE_BUFFER

  /** Errno that the next call meets; 0 none. */
  error = 0
  readonly errors: QueuedError[] = []
  /** Packets that were lost for want of room. */
  lost = 0
  closed = false
  /** Next in its bucket of the table. */
  next: DatagramSocket | undefined
  /** Called when there is something to read, or an error. */
  onReadable: (() => void) | undefined
  /** Number by which packets know it, and its cookie. */
  readonly number: number
  /** Identification of the next packet that is not to be fragmented. */
  id: number

  #ring = new Int32Array(FIRST_RING)
  #head = 0
  #count = 0
  #bytes = 0

  constructor(ns: NetNamespace, v6: boolean, icmp: boolean, uid: number, number: number, id: number) {
    this.ns = ns
    this.v6 = v6
    this.icmp = icmp
    this.uid = uid
    this.number = number
    this.id = id
    if (!v6) {
      this.local[2] = 0xffff
      this.remote[2] = 0xffff
    }
  }

  /** Packets that wait. */
  get waiting(): number {
    return this.#count
  }

  #sizeOf(packets: Packets, handle: number): number {
    const buffer = packets.fields[(handle << PKT_SHIFT) + PKT_BUFFER]
    return OVERHEAD + (buffer < 0 ? 0 : packets.buffers.size(buffer))
  }

  /** Puts a packet into the queue; false where there is no room. */
  push(packets: Packets, handle: number): boolean {
    const size = this.#sizeOf(packets, handle)
    if (this.#bytes + size > this.receiveBuffer && this.#count > 0) {
      this.lost++
      return false
    }
    if (this.#count === this.#ring.length) this.#grow()
    this.#ring[(this.#head + this.#count) & (this.#ring.length - 1)] = handle
    this.#count++
    this.#bytes += size
    return true
  }

  #grow(): void {
    const ring = new Int32Array(this.#ring.length * 2)
    for (let n = 0; n < this.#count; n++) ring[n] = this.#ring[(this.#head + n) & (this.#ring.length - 1)]
    this.#ring = ring
    this.#head = 0
  }

  /** The packet that waits longest; -1: none. */
  peek(): number {
    return this.#count === 0 ? -1 : this.#ring[this.#head]
  }

  /** Takes the packet that waits longest; -1: none. It is the caller's then. */
  shift(packets: Packets): number {
    if (this.#count === 0) return -1
    const handle = this.#ring[this.#head]
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    this.#count--
    this.#bytes -= this.#sizeOf(packets, handle)
    return handle
  }

  /** Remembers an error for the next call. */
  fail(error: number): void {
    this.error = error
    this.onReadable?.()
  }

  queueError(error: QueuedError): void {
    if (this.errors.length < ERRORS_QUEUED) this.errors.push(error)
  }

  /** The error that waits, which is met once. */
  takeError(): number {
    const { error } = this
    this.error = 0
    return error
  }
}
