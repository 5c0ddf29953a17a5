/** Which TAP interface of the machine a wire leads to. */
export interface TapOptions {
  /** Its name, 1 to 15 bytes. One that is there and that nobody uses is used, else it is made and goes with the wire. */
  readonly name: string
  /** The machine's network namespace that it is in: a name as of `ip netns`, or a path. Default: the caller's own. */
  readonly namespace?: string
}

/** A TAP interface of the machine: whole Ethernet frames, one at a time, without waiting. */
export interface TapDevice {
  /** Where `receive` puts frames, one behind the other; the same as long as it is open. */
  readonly received: Uint8Array<ArrayBuffer>
  /** Where in `received` the last frame begins. It stays there until 128 kB more have come: many can be fetched before any is used. */
  readonly offset: number
  /** Takes the next frame that the machine sends out of the interface; its length, 0 if there is none now. */
  receive(): number
  /** Hands the machine a frame: bytes of `memory`. False if it does not take it, as when the interface is down. */
  send(memory: ArrayBufferLike, offset: number, length: number): boolean
  /** From now on `ready` is called when there is something to receive. */
  open(ready: () => void): void
  close(): void
}

/** Opens TAP interfaces where there are any. Rejects with KernelError: EPERM without CAP_NET_ADMIN, EBUSY if another uses it. */
export type OpenTap = (options: TapOptions) => Promise<TapDevice>
