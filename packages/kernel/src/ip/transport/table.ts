import { errno } from '@netkit/netlink'
import type { NetNamespace } from '../../net/namespace.ts'
import { isAny, isV4, sameWords } from '../core/address.ts'
import type { StackClock } from '../core/clock.ts'
import type { DatagramSocket } from './socket.ts'

const BUCKETS = 256
/** Times that a free port is looked for by chance before all are tried. */
const ATTEMPTS = 32

const bucketOf = (ns: NetNamespace, port: number): number => (port ^ (port >>> 8) ^ ns.inode) & (BUCKETS - 1)

/** The sockets of one transport by namespace and port: ports of UDP, identifiers of ICMP echoes. */
export class SocketTable {
  readonly #buckets: (DatagramSocket | undefined)[] = new Array(BUCKETS).fill(undefined)
  readonly #clock: StackClock
  #count = 0

  constructor(clock: StackClock) {
    this.#clock = clock
  }

  /** Sockets that have a port. */
  get size(): number {
    return this.#count
  }

  /** The first of the sockets that may have a port. */
  first(ns: NetNamespace, port: number): DatagramSocket | undefined {
    return this.#buckets[bucketOf(ns, port)]
  }

  /** Gives a socket a port: the given one, or any if 0. Returns 0 or a negative errno. */
  bind(socket: DatagramSocket, port: number): number {
    const found = port === 0 ? this.#freePort(socket) : port
    if (found === 0 || (port !== 0 && this.#taken(socket, port))) return -errno.EADDRINUSE
    socket.port = found
    const bucket = bucketOf(socket.ns, found)
    socket.next = this.#buckets[bucket]
    this.#buckets[bucket] = socket
    this.#count++
    return 0
  }

  unbind(socket: DatagramSocket): void {
    if (socket.port === 0) return
    const bucket = bucketOf(socket.ns, socket.port)
    let before: DatagramSocket | undefined
    for (let at = this.#buckets[bucket]; at !== undefined; at = at.next) {
      if (at === socket) {
        if (before) before.next = at.next
        else this.#buckets[bucket] = at.next
        this.#count--
        break
      }
      before = at
    }
    socket.next = undefined
    socket.port = 0
  }

  #freePort(socket: DatagramSocket): number {
    const { portFirst, portLast } = socket.icmp ? { portFirst: 1, portLast: 65_535 } : socket.ns.settings
    const range = portLast - portFirst + 1
    const start = this.#clock.random() % range
    for (let n = 0; n < ATTEMPTS; n++) {
      const port = portFirst + (this.#clock.random() % range)
      if (!this.#taken(socket, port)) return port
    }
    for (let n = 0; n < range; n++) {
      const port = portFirst + ((start + n) % range)
      if (!this.#taken(socket, port)) return port
    }
    return 0
  }

  #taken(socket: DatagramSocket, port: number): boolean {
    for (let other = this.first(socket.ns, port); other !== undefined; other = other.next) {
      if (other.port === port && other.ns === socket.ns && other !== socket && conflict(socket, other)) return true
    }
    return false
  }

  /**
   * The socket that a packet belongs to, the one that says most about it: `words[to ..]`, `port` on this side, `words[from ..]`,
   * `remotePort` on the other; `ifindex` of the device it came in by. Undefined: none.
   */
  find(
    ns: NetNamespace,
    words: Int32Array,
    to: number,
    port: number,
    from: number,
    remotePort: number,
    ifindex: number,
  ): DatagramSocket | undefined {
    let best: DatagramSocket | undefined
    let most = 0
    for (let socket = this.first(ns, port); socket !== undefined; socket = socket.next) {
      if (socket.port !== port || socket.ns !== ns) continue
      const score = scoreOf(socket, words, to, from, remotePort, ifindex)
      if (score > most) {
        most = score
        best = socket
      }
    }
    return best
  }
}

/** How much a socket says about a packet; 0: it is not for it. Source: what Linux counts. */
export function scoreOf(
  socket: DatagramSocket,
  words: Int32Array,
  to: number,
  from: number,
  remotePort: number,
  ifindex: number,
): number {
  const v4 = isV4(words, to)
  if (v4 ? socket.v6 && socket.v6only : !socket.v6) return 0
  let score = socket.v6 === !v4 ? 2 : 1
  if (!isAny(socket.local, 0)) {
    if (!sameWords(socket.local, 0, words, to)) return 0
    score += 4
  }
  if (socket.connected) {
    if (!sameWords(socket.remote, 0, words, from)) return 0
    if (!socket.icmp && socket.remotePort !== remotePort) return 0
    score += 8
  }
  if (socket.device !== 0) {
    if (socket.device !== ifindex) return 0
    score += 4
  }
  return score
}

/** Whether two sockets cannot have the same port. */
function conflict(a: DatagramSocket, b: DatagramSocket): boolean {
  if (a.device !== 0 && b.device !== 0 && a.device !== b.device) return false
  if (a.reuseAddress && b.reuseAddress) return false
  if (a.reusePort && b.reusePort && a.uid === b.uid) return false
  return overlap(a, b)
}

function overlap(a: DatagramSocket, b: DatagramSocket): boolean {
  const anyA = isAny(a.local, 0)
  const anyB = isAny(b.local, 0)
  if (anyA || anyB) return reaches(a, b) && reaches(b, a)
  return sameWords(a.local, 0, b.local, 0)
}

/** Whether a socket that may be bound to any address can have one that the other has. */
function reaches(socket: DatagramSocket, other: DatagramSocket): boolean {
  if (!isAny(socket.local, 0)) return true
  const otherV4 = !other.v6 || (isV4(other.local, 0) && !isAny(other.local, 0))
  if (otherV4) return !socket.v6 || !socket.v6only
  const both = isAny(other.local, 0) && !other.v6only
  return socket.v6 || both
}
