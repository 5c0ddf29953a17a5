import { closeSync } from 'node:fs'
import type { TapDevice } from '@netkit/netlink'
import type { Calls, Watch } from '../ffi/calls.ts'

/** The longest frame: 64 KiB of payload behind an Ethernet header with two tags. */
const LONGEST = 65536 + 22
/** Three times that, so that one fits wherever the last one ended, and many short ones stay. */
const ROOM = 3 * LONGEST

/** A TAP interface that is open as `fd`, which never waits. */
export class LinuxTap implements TapDevice {
  readonly received = new Uint8Array(ROOM)
  offset = 0
  readonly #calls: Calls
  readonly #fd: number
  readonly #at: number
  /** Memory that frames were sent from last, and where it is. */
  #memory: ArrayBufferLike | undefined
  #memoryAt = 0
  #watch: Watch | undefined
  /** Where the next frame goes. */
  #next = 0

  constructor(calls: Calls, fd: number) {
    this.#calls = calls
    this.#fd = fd
    this.#at = calls.address(this.received.buffer)
  }

  receive(): number {
    const at = this.#next
    const length = this.#calls.read(this.#fd, this.#at + at, LONGEST)
    if (length <= 0) return 0
    this.offset = at
    const end = (at + length + 7) & -8
    this.#next = end + LONGEST > ROOM ? 0 : end
    return length
  }

  send(memory: ArrayBufferLike, offset: number, length: number): boolean {
    if (memory !== this.#memory) {
      this.#memory = memory
      this.#memoryAt = this.#calls.address(memory)
    }
    return this.#calls.write(this.#fd, this.#memoryAt + offset, length) === length
  }

  open(ready: () => void): void {
    this.#watch = this.#calls.watch(this.#fd, (status) => {
      // An interface that is gone has an error to tell, for ever.
      if (status < 0) this.#watch?.stop()
      else ready()
    })
  }

  close(): void {
    this.#watch?.close()
    this.#watch = undefined
    closeSync(this.#fd)
  }
}
