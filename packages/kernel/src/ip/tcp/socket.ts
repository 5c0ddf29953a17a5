import type { NetNamespace } from '../../net/namespace.ts'
import type { Packets } from '../../packet/packets.ts'
import { isV4 } from '../core/address.ts'
import { type CongestionControl, type CongestionState, MEMORY } from './congestion/control.ts'
import { CONGESTION } from './congestion/names.ts'
import { reno } from './congestion/reno.ts'
import { Flight } from './flight.ts'
import { CLOSED, DEFAULT_MSS4 } from './numbers.ts'
import { Reassembly } from './reassembly.ts'
import { ReceiveQueue } from './receive-queue.ts'
import { RoundTrip } from './round-trip.ts'
import { SendBuffer } from './send-buffer.ts'
import type { SocketTimers } from './socket-timers.ts'

/** How a connection gets on, as TCP_INFO has it: all is well, the first duplicates, after a loss, after a timeout. */
export const OPEN = 0
export const DISORDER = 1
export const RECOVERY = 3
export const LOSS = 4

const UNLIMITED = 0x7fff_ffff

/** What has been counted of a connection. */
class TcpCounters {
  bytesReceived = 0
  bytesAcked = 0
  bytesSent = 0
  bytesRetransmitted = 0
  segmentsIn = 0
  segmentsOut = 0
  dataSegmentsIn = 0
  dataSegmentsOut = 0
  retransmissions = 0
  outOfOrder = 0
  duplicateSacks = 0
}

/** A stream socket: the transmission control block of RFC 9293 §3.3.1. */
export class TcpSocket implements CongestionState {
  readonly ns: NetNamespace
  /** AF_INET6: it can hold IPv4 addresses too, unless `v6only`. */
  readonly v6: boolean
  /** Of whoever opened it. */
  readonly uid: number
  /** Number by which packets know it. */
  readonly number: number
  state = CLOSED

  readonly local = new Int32Array(4)
  readonly remote = new Int32Array(4)
  port = 0
  remotePort = 0
  /** Ifindex; 0: any device. */
  device = 0
  /** A link-local peer's device. */
  scope = 0
  /** Whether the port was asked for, or taken for a connection. */
  boundPort = false
  boundAddress = false
  /** Next in the tables by port and by connection. */
  nextBound: TcpSocket | undefined
  nextConnected: TcpSocket | undefined
  isConnected = false

  // Options.
  reuseAddress = false
  reusePort = false
  v6only = false
  keepAlive = false
  priority = 0
  mark = 0
  tos = 0
  trafficClass = 0
  ttl = -1
  hopLimit = -1
  noDelay = false
  cork = false
  quickAck = true
  /** Seconds; -1: off. */
  linger = -1
  /** TCP_MAXSEG; 0: what the way allows. */
  userMss = 0
  /** Seconds and numbers; 0: the namespace's. */
  keepIdle = 0
  keepInterval = 0
  keepCount = 0
  synCount = 0
  /** Milliseconds; 0: none. */
  userTimeout = 0
  windowClamp = 0
  /** Bytes. Locked: asked for, and not changed by itself. */
  receiveLimit: number
  sendLimit: number
  receiveLocked = false
  sendLocked = false
  control: CongestionControl

  // What is sent. Sequence numbers as in RFC 9293.
  readonly sendBuffer: SendBuffer
  readonly flight = new Flight()
  /** Sequence number of the first byte in the send buffer. */
  bufferStart = 0
  iss = 0
  una = 0
  nxt = 0
  /** Window of the other side, in bytes, the largest that it ever was, and by which segment it was told. */
  sendWindow = 0
  largestWindow = 0
  windowSeq = 0
  windowAck = 0
  /** A FIN shall follow, has been sent. */
  finQueued = false
  finSent = false
  /** Bytes of data that the other side and the way take in a segment. */
  mss = DEFAULT_MSS4
  /** What the other side says that it takes, options included. */
  peerMss = DEFAULT_MSS4
  pathMtu = 0
  sendScale = 0

  // What is received.
  readonly receiveQueue: ReceiveQueue
  readonly reassembly: Reassembly
  irs = 0
  rcvNxt = 0
  /** Right edge of the window that was told last. */
  windowEdge = 0
  receiveScale = 0
  finReceived = false
  /** Where a FIN is that came beyond a gap. */
  finAt = 0
  hasFin = false
  /** Size of the other side's segments, as seen. */
  receivedMss = DEFAULT_MSS4
  /** Bytes since the last ACK. */
  unacked = 0
  /** The last one was not full: its sender may wait for us. */
  pushed = false
  /** Segments that are still acknowledged at once. */
  quickAcks = 0
  ackNow = false
  /** A block that was received twice: told with the next ACK. */
  duplicateStart = 0
  duplicateEnd = 0
  /** For finding the size that the buffer should have: bytes read since, ms. */
  readBytes = 0
  readSince = 0

  // Options of the connection.
  sackOk = false
  timestamps = false
  scaling = false
  tsOffset = 0
  tsRecent = 0
  tsRecentAt = 0
  lastAckSent = 0

  // Time.
  readonly rtt = new RoundTrip()
  readonly timers: SocketTimers
  /** A SYN is to be sent; when the first one was, microseconds. */
  synDue = false
  synSentAt = 0
  /** When a socket that waits for stray segments is gone, ms. */
  waitUntil = 0
  retries = 0
  probes = 0
  /** When the first unanswered repetition was sent, ms; 0: none is. */
  firstRetryAt = 0
  lastSent = 0
  lastReceived = 0
  lastAckReceived = 0

  // Congestion.
  window = 0
  threshold = UNLIMITED
  readonly memory = new Float64Array(MEMORY)
  phase = OPEN
  recoveryPoint = 0
  duplicateAcks = 0
  /** Bytes that duplicate ACKs stand for, where there is no SACK. */
  assumedSacked = 0
  windowInUse = false
  /** Proportional rate reduction. Source: RFC 6937. */
  prrDelivered = 0
  prrSent = 0
  prrFlight = 0
  /** The newest piece that is known to have arrived. Source: RFC 8985 §5.2. */
  rackTime = 0
  rackEnd = 0
  rackRtt = 0
  reordering = false
  reorderSteps = 1
  isTailProbed = false
  /** Behind the last byte that is known to have arrived. */
  highestArrived = 0
  /** Behind the last segment that was not full. */
  smallEnd = 0

  /** Errno that the next call meets, and one that counts if nothing better happens; 0 none. */
  error = 0
  softError = 0
  sendShut = false
  receiveShut = false
  /** Nobody has it any more. */
  orphan = false
  /** Waiting to be told to send something. */
  wanted = false
  identification: number
  /** When a segment that cannot be taken was answered last, ms. */
  lastInvalidAck = Number.NEGATIVE_INFINITY

  // A socket that listens, and one that came of it.
  backlog = 0
  readonly accepted: TcpSocket[] = []
  halfOpen = 0
  parent: TcpSocket | undefined
  readonly counters = new TcpCounters()
  /** Replaced, never written to: those who are called may come and go meanwhile. */
  #watchers: readonly (() => void)[] = []

  constructor(ns: NetNamespace, v6: boolean, uid: number, number: number, packets: Packets, timers: SocketTimers) {
    const { tcp } = ns.settings
    this.ns = ns
    this.v6 = v6
    this.uid = uid
    this.number = number
    this.timers = timers
    this.sendBuffer = new SendBuffer(packets)
    this.receiveQueue = new ReceiveQueue(packets)
    this.reassembly = new Reassembly(packets)
    this.receiveLimit = tcp.receiveMemory[1]
    this.sendLimit = tcp.sendMemory[1]
    this.control = CONGESTION.get(tcp.congestionControl) ?? reno
    this.identification = number & 0xffff
    if (!v6) {
      this.local[2] = 0xffff
      this.remote[2] = 0xffff
    }
  }

  /** Whether it speaks over IPv4. */
  get over4(): boolean {
    return isV4(this.remote, 0)
  }

  get pipe(): number {
    return Math.max(0, this.flight.pipe - this.assumedSacked)
  }

  get roundTrip(): number {
    return this.rtt.smoothed
  }

  /** Everything that came was read, and nothing more will come. */
  get atEnd(): boolean {
    return this.receiveQueue.bytes === 0 && (this.finReceived || this.receiveShut)
  }

  /** Calls `changed` whenever it may have become readable or writable, or an error. Returns what ends that. */
  watch(changed: () => void): () => void {
    this.#watchers = [...this.#watchers, changed]
    return () => {
      this.#watchers = this.#watchers.filter((one) => one !== changed)
    }
  }

  changed(): void {
    for (const watcher of this.#watchers) watcher()
  }

  /** The error that waits, which is met once. */
  takeError(): number {
    const { error } = this
    this.error = 0
    return error
  }
}
