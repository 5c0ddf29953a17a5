import {
  type Datagram,
  errno,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_DROP_MEMBERSHIP,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_PKTINFO,
  type NetlinkDoor,
  refused,
  SOL_NETLINK,
} from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { SOCKADDR_NL } from '../ffi/layouts.ts'
import type { Receiver } from '../ffi/receiver.ts'
import { setMembership, tellGroups } from './options.ts'
import { Readiness } from './readiness.ts'

/** A reader that waits for the next datagram. */
interface Waiter {
  readonly resolve: (result: IteratorResult<Datagram, undefined>) => void
  readonly reject: (reason: unknown) => void
}

const SENT = Promise.resolve()
const END: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** Bytes that are handed out at once; then timers and other sockets get their turn. */
const BURST = 512 * 1024
/** What a datagram counts at least. */
const BURST_MIN = 1024
/** Datagrams that others than the kernel sent and that are thrown away at once. */
const FOREIGN_BURST = 64

/**
 * A netlink socket of the machine's kernel. The kernel answers while a request is sent, so whoever asks finds the answer
 * there: only where there is nothing to read yet is the event loop asked to say when there is.
 */
export class LinuxNetlinkDoor implements NetlinkDoor {
  readonly portId: number
  readonly #calls: Calls
  readonly #receiver: Receiver
  readonly #fd: number
  readonly #readiness: Readiness
  readonly #onClose: (door: LinuxNetlinkDoor) => void
  readonly #waiting: Waiter[] = []
  #closed = false
  /** It has joined a group once: datagrams come with the number of theirs. */
  #listens = false
  /** Something was sent, and nothing received since. */
  #asked = false
  #looking = false
  /** Bytes handed out since the event loop had its turn. */
  #burst = 0

  constructor(calls: Calls, receiver: Receiver, fd: number, portId: number, onClose: (door: LinuxNetlinkDoor) => void) {
    this.#calls = calls
    this.#receiver = receiver
    this.#fd = fd
    this.portId = portId
    this.#onClose = onClose
    this.#readiness = new Readiness(calls, fd, () => {
      this.#burst = 0
      this.#serve()
    })
  }

  send(datagram: Uint8Array): Promise<void> {
    try {
      this.#send(datagram)
      return SENT
    } catch (e) {
      return Promise.reject(e)
    }
  }

  receive(): AsyncIterableIterator<Datagram, undefined> {
    let over = false
    return {
      next: () => (over ? Promise.resolve(END) : this.#next()),
      return: async () => {
        over = true
        return END
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  async join(group: number): Promise<void> {
    this.#member(NETLINK_ADD_MEMBERSHIP, group, 'join')
  }

  async leave(group: number): Promise<void> {
    this.#member(NETLINK_DROP_MEMBERSHIP, group, 'leave')
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#readiness.close()
    this.#calls.close(this.#fd)
    for (const { resolve } of this.#waiting.splice(0)) resolve(END)
    this.#onClose(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #send(datagram: Uint8Array): void {
    this.#assertOpen('send on a netlink socket')
    while (this.#calls.send(this.#fd, datagram, datagram.length, 0) < 0) {
      if (this.#calls.errno() !== errno.EINTR) throw failure(this.#calls, `send a datagram of ${datagram.length} bytes`)
    }
    if (this.#waiting.length > 0) this.#serve()
    else this.#asked = true
  }

  #assertOpen(op: string): void {
    if (this.#closed) throw refused(op, 'EBADF', 'it is closed')
  }

  #member(option: number, group: number, verb: string): void {
    const op = `${verb} multicast group ${group}`
    this.#assertOpen(op)
    if (!this.#listens && !tellGroups(this.#calls, this.#fd)) throw failure(this.#calls, op)
    this.#listens = true
    if (!setMembership(this.#calls, this.#fd, option, group)) throw failure(this.#calls, op)
  }

  #next(): Promise<IteratorResult<Datagram, undefined>> {
    if (this.#closed) return Promise.resolve(END)
    if (this.#asked && this.#waiting.length === 0 && this.#burst < BURST) {
      try {
        const value = this.#take()
        if (value) return Promise.resolve({ done: false, value })
      } catch (e) {
        return Promise.reject(e)
      }
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      if (this.#looking) return
      // Not before the caller has had the chance to ask something: looking in vain is a system call.
      this.#looking = true
      queueMicrotask(this.#look)
    })
  }

  readonly #look = (): void => {
    this.#looking = false
    if (this.#waiting.length > 0) this.#serve()
  }

  /** Gives those who wait what is there. */
  #serve(): void {
    while (this.#waiting.length > 0 && this.#burst < BURST) {
      let value: Datagram | undefined
      try {
        value = this.#take()
      } catch (e) {
        this.#waiting.shift()?.reject(e)
        continue
      }
      if (!value) break
      this.#waiting.shift()?.resolve({ done: false, value })
    }
    this.#await()
  }

  #await(): void {
    if (this.#waiting.length === 0) this.#readiness.nobodyWaits()
    else if (this.#burst >= BURST) this.#readiness.nextTurn()
    else this.#readiness.wait()
  }

  /** The next datagram of the kernel, if there is one. */
  #take(): Datagram | undefined {
    const receiver = this.#receiver
    for (let foreign = 0; foreign < FOREIGN_BURST; ) {
      const length = this.#listens ? receiver.receiveWhole(this.#fd) : receiver.receive(this.#fd)
      if (length < 0) {
        const code = this.#calls.errno()
        if (code === errno.EINTR) continue
        if (code === errno.EAGAIN) return undefined
        throw failure(this.#calls, 'receive from a netlink socket')
      }
      this.#burst += Math.max(length, BURST_MIN)
      this.#asked = false
      if (this.#listens && receiver.sender(SOCKADDR_NL.pid) !== 0) {
        foreign++ // programs with CAP_NET_ADMIN may send to groups
        continue
      }
      if (receiver.truncated) throw refused(`receive a datagram of ${length} bytes`, 'EMSGSIZE')
      return this.#listens ? this.#heard() : { bytes: receiver.take(), group: 0 }
    }
    return undefined
  }

  /** A datagram with what the kernel told about it. */
  #heard(): Datagram {
    const receiver = this.#receiver
    const group = receiver.control(SOL_NETLINK, NETLINK_PKTINFO) ?? 0
    const nsid = receiver.control(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID)
    return nsid === undefined ? { bytes: receiver.take(), group } : { bytes: receiver.take(), group, nsid }
  }
}
