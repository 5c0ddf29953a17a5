import { errno } from '@netkit/netlink'
import type { NetNamespace } from '../../net/namespace.ts'
import { isAny, isV4, sameWords } from '../core/address.ts'
import type { StackClock } from '../core/clock.ts'
import { LISTEN, TIME_WAIT } from './numbers.ts'
import type { TcpSocket } from './socket.ts'

const BUCKETS = 1024
/** Times that a free port is looked for by chance before all are tried. */
const ATTEMPTS = 32

const portBucket = (ns: NetNamespace, port: number): number => (port ^ (port >>> 8) ^ ns.inode) & (BUCKETS - 1)

/** Sockets by port, and connections by addresses and ports. */
export class TcpTable {
  readonly #bound: (TcpSocket | undefined)[] = new Array(BUCKETS).fill(undefined)
  readonly #connected: (TcpSocket | undefined)[] = new Array(BUCKETS).fill(undefined)
  readonly #clock: StackClock

  constructor(clock: StackClock) {
    this.#clock = clock
  }

  // By port.

  /** Gives a socket a port: the given one, or any if 0. 0 or a negative errno. */
  bind(socket: TcpSocket, port: number): number {
    const found = port === 0 ? this.#freePort(socket, (one) => !this.isTaken(socket, one)) : port
    if (found === 0 || (port !== 0 && this.isTaken(socket, port))) return -errno.EADDRINUSE
    this.insertBound(socket, found)
    return 0
  }

  /** Gives a socket that has its addresses a port from which no such connection goes yet. */
  bindForConnection(socket: TcpSocket): number {
    const { ns } = socket
    const found = this.#freePort(socket, (port) => {
      for (let other = this.firstBound(ns, port); other !== undefined; other = other.nextBound) {
        if (other.port === port && other.ns === ns && other.boundPort && overlap(socket, other)) return false
      }
      return this.findConnection(ns, socket.local, 0, port, socket.remote, 0, socket.remotePort) === undefined
    })
    if (found === 0) return -errno.EADDRNOTAVAIL
    this.insertBound(socket, found)
    return 0
  }

  insertBound(socket: TcpSocket, port: number): void {
    const bucket = portBucket(socket.ns, port)
    socket.port = port
    socket.nextBound = this.#bound[bucket]
    this.#bound[bucket] = socket
  }

  firstBound(ns: NetNamespace, port: number): TcpSocket | undefined {
    return this.#bound[portBucket(ns, port)]
  }

  unbind(socket: TcpSocket): void {
    if (socket.port === 0) return
    const bucket = portBucket(socket.ns, socket.port)
    let before: TcpSocket | undefined
    let at = this.#bound[bucket]
    for (; at !== undefined && at !== socket; at = at.nextBound) before = at
    if (at === undefined) return
    if (before) before.nextBound = socket.nextBound
    else this.#bound[bucket] = socket.nextBound
    socket.nextBound = undefined
  }

  #freePort({ ns }: TcpSocket, isFree: (port: number) => boolean): number {
    const { portFirst, portLast } = ns.settings
    const range = portLast - portFirst + 1
    const start = this.#clock.random() % range
    for (let n = 0; n < ATTEMPTS; n++) {
      const port = portFirst + (this.#clock.random() % range)
      if (isFree(port)) return port
    }
    for (let n = 0; n < range; n++) {
      const port = portFirst + ((start + n) % range)
      if (isFree(port)) return port
    }
    return 0
  }

  /** Whether another socket keeps this one from having a port. */
  isTaken(socket: TcpSocket, port: number): boolean {
    for (let other = this.firstBound(socket.ns, port); other !== undefined; other = other.nextBound) {
      if (other.port === port && other.ns === socket.ns && other !== socket && conflict(socket, other)) return true
    }
    return false
  }

  /** The socket that listens for an address and port, the one that says most about it. */
  findListener(ns: NetNamespace, words: Int32Array, to: number, port: number, ifindex: number): TcpSocket | undefined {
    let best: TcpSocket | undefined
    let most = 0
    for (let socket = this.firstBound(ns, port); socket !== undefined; socket = socket.nextBound) {
      if (socket.port !== port || socket.ns !== ns || socket.state !== LISTEN) continue
      const score = listenerScore(socket, words, to, ifindex)
      if (score <= most) continue
      most = score
      best = socket
    }
    return best
  }

  // By connection.

  #slot(
    ns: NetNamespace,
    local: Int32Array,
    at: number,
    port: number,
    remote: Int32Array,
    rt: number,
    rp: number,
  ): number {
    let key = ns.inode ^ port ^ (rp << 16)
    key = Math.imul(key ^ local[at + 3], 0x9e3779b1) ^ (key >>> 13)
    key = Math.imul(key ^ remote[rt + 3], 0x9e3779b1) ^ (key >>> 15)
    return (key ^ (key >>> 16)) & (BUCKETS - 1)
  }

  insertConnection(socket: TcpSocket): void {
    const slot = this.#slot(socket.ns, socket.local, 0, socket.port, socket.remote, 0, socket.remotePort)
    socket.nextConnected = this.#connected[slot]
    this.#connected[slot] = socket
    socket.isConnected = true
  }

  removeConnection(socket: TcpSocket): void {
    if (!socket.isConnected) return
    socket.isConnected = false
    const slot = this.#slot(socket.ns, socket.local, 0, socket.port, socket.remote, 0, socket.remotePort)
    let before: TcpSocket | undefined
    let at = this.#connected[slot]
    for (; at !== undefined && at !== socket; at = at.nextConnected) before = at
    if (at === undefined) return
    if (before) before.nextConnected = socket.nextConnected
    else this.#connected[slot] = socket.nextConnected
    socket.nextConnected = undefined
  }

  /** The connection from `local[at ..]` and `port` to `remote[rt ..]` and `remotePort`. */
  findConnection(
    ns: NetNamespace,
    local: Int32Array,
    at: number,
    port: number,
    remote: Int32Array,
    rt: number,
    remotePort: number,
  ): TcpSocket | undefined {
    let socket = this.#connected[this.#slot(ns, local, at, port, remote, rt, remotePort)]
    for (; socket !== undefined; socket = socket.nextConnected) {
      if (
        socket.remotePort === remotePort &&
        socket.port === port &&
        socket.ns === ns &&
        sameWords(socket.remote, 0, remote, rt) &&
        sameWords(socket.local, 0, local, at)
      )
        return socket
    }
    return undefined
  }
}

/** How much a listening socket says about an address; 0: it is not for it. */
function listenerScore(socket: TcpSocket, words: Int32Array, to: number, ifindex: number): number {
  const v4 = isV4(words, to)
  if (v4 ? socket.v6 && socket.v6only : !socket.v6) return 0
  let score = socket.v6 === !v4 ? 2 : 1
  if (!isAny(socket.local, 0)) {
    if (!sameWords(socket.local, 0, words, to)) return 0
    score += 4
  }
  if (socket.device !== 0) {
    if (socket.device !== ifindex) return 0
    score += 4
  }
  return score
}

/** Whether two sockets cannot have the same port. Source: socket(7), SO_REUSEADDR and SO_REUSEPORT. */
function conflict(a: TcpSocket, b: TcpSocket): boolean {
  if (a.device !== 0 && b.device !== 0 && a.device !== b.device) return false
  if (a.reuseAddress && b.reuseAddress && b.state !== LISTEN) return false
  if (a.reusePort && b.reusePort && (a.uid === b.uid || b.state === TIME_WAIT)) return false
  return overlap(a, b)
}

function overlap(a: TcpSocket, b: TcpSocket): boolean {
  if (isAny(a.local, 0) || isAny(b.local, 0)) return reaches(a, b) && reaches(b, a)
  return sameWords(a.local, 0, b.local, 0)
}

/** Whether a socket that may be bound to any address can have one that the other has. */
function reaches(socket: TcpSocket, other: TcpSocket): boolean {
  if (!isAny(socket.local, 0)) return true
  const otherV4 = !other.v6 || (isV4(other.local, 0) && !isAny(other.local, 0))
  if (otherV4) return !socket.v6 || !socket.v6only
  return socket.v6 || (isAny(other.local, 0) && !other.v6only)
}
