import type { Calls } from './calls.ts'
import { CMSGHDR, IOVEC, MSGHDR } from './layouts.ts'
import { MSG_DONTWAIT, MSG_TRUNC } from './numbers.ts'

/** Datagrams up to this long are received; a dump's are at most 32 kB, and single answers seldom more than 4. */
const CAPACITY = 256 * 1024
/** Datagrams up to this long are put side by side into pages: memory of their own costs more than receiving them. */
const SMALL = 4096
/** A page lives as long as one of its datagrams. */
const PAGE = 32 * 1024
const NAME_CAPACITY = 128
const CONTROL_CAPACITY = 256

// Where the parts stand in the one buffer that is shared with the kernel.
const IOV = MSGHDR.size
const NAME = IOV + IOVEC.size
const CONTROL = NAME + NAME_CAPACITY
const BYTES = CONTROL + CONTROL_CAPACITY

const FLAGS = MSG_DONTWAIT | MSG_TRUNC

const align8 = (n: number): number => (n + 7) & ~7

/** Whatever is in it: it is handed out only where it was written to. */
const newPage = (): Uint8Array => Buffer.allocUnsafeSlow(PAGE)

/**
 * Receives for all sockets of a connection into one buffer. What was received is looked at and taken before anything is
 * received again; nothing else can come in between.
 */
export class Receiver {
  readonly #calls: Calls
  readonly #memory = new ArrayBuffer(BYTES + CAPACITY)
  readonly #address: number
  readonly #view = new DataView(this.#memory)
  #length = 0
  #page = newPage()
  /** Bytes of the page that are taken. */
  #taken = 0

  constructor(calls: Calls) {
    this.#calls = calls
    this.#address = calls.address(this.#memory)
    const at = (offset: number) => BigInt(this.#address + offset)
    this.#view.setBigUint64(MSGHDR.name, at(NAME), true)
    this.#view.setBigUint64(MSGHDR.iov, at(IOV), true)
    this.#view.setBigUint64(MSGHDR.iovCount, 1n, true)
    this.#view.setBigUint64(MSGHDR.control, at(CONTROL), true)
    this.#view.setBigUint64(IOV + IOVEC.base, at(BYTES), true)
    this.#view.setBigUint64(IOV + IOVEC.length, BigInt(CAPACITY), true)
  }

  /** Bytes of the datagram that is there, as long as it was sent; -1 as `errno` says. Never waits. */
  receive(fd: number): number {
    this.#length = this.#calls.recv(fd, this.#address + BYTES, CAPACITY, FLAGS)
    return this.#length
  }

  /** The same with the sender's address and control messages. */
  receiveWhole(fd: number): number {
    const view = this.#view
    view.setUint32(MSGHDR.nameLength, NAME_CAPACITY, true)
    view.setUint32(MSGHDR.controlLength, CONTROL_CAPACITY, true)
    this.#length = this.#calls.recvmsg(fd, this.#address, FLAGS)
    return this.#length
  }

  /** Whether the datagram did not fit; its rest is lost. */
  get truncated(): boolean {
    return this.#length > CAPACITY
  }

  /** A field of the sender's address. */
  sender(offset: number): number {
    return this.#view.getUint32(NAME + offset, true)
  }

  /** The first word of a control message, undefined if there is none. */
  control(level: number, type: number): number | undefined {
    const view = this.#view
    const end = CONTROL + view.getUint32(MSGHDR.controlLength, true)
    for (let at = CONTROL; at + CMSGHDR.size + 4 <= end; ) {
      const length = view.getUint32(at + CMSGHDR.length, true)
      if (view.getInt32(at + CMSGHDR.type, true) === type && view.getInt32(at + CMSGHDR.level, true) === level)
        return view.getInt32(at + CMSGHDR.size, true)
      if (length < CMSGHDR.size) break
      at += align8(length)
    }
    return undefined
  }

  /** The datagram's bytes: a copy, the caller's for good. */
  take(): Uint8Array {
    const length = this.#length
    const bytes = new Uint8Array(this.#memory, BYTES, length)
    if (length > SMALL) return bytes.slice()
    if (this.#taken + length > PAGE) {
      this.#page = newPage()
      this.#taken = 0
    }
    const start = this.#taken
    this.#page.set(bytes, start)
    this.#taken += align8(length)
    return new Uint8Array(this.#page.buffer, start, length)
  }
}
