import type { Device } from './device.ts'
import type { XdpProgram } from './xdp.ts'
import type { RedirectSocket } from './xsk.ts'

/** Actions of XDP programs. Source: uapi enum xdp_action, spec 02 §7.1. */
export const XDP_ABORTED = 0
export const XDP_DROP = 1
export const XDP_PASS = 2
export const XDP_TX = 3
export const XDP_REDIRECT = 4

/** Flags of redirections to maps: the value that is returned where nothing is found, to all devices, but not back. */
export const REDIRECT_MISS = 3
export const REDIRECT_BROADCAST = 8
export const REDIRECT_EXCLUDE_INGRESS = 16

/** An entry of a map of devices, CPUs or sockets. */
export interface XdpTarget {
  /** Absent: a CPU, or a socket. */
  readonly dev: Device | undefined
  readonly socket?: RedirectSocket
  /** Runs behind the redirection. */
  readonly program: XdpProgram | undefined
  /** Of CPUs: frames that may wait. */
  readonly room: number
}

/** The entries of one map, by key. */
export interface XdpTargets {
  readonly kind: 'device' | 'cpu' | 'socket'
  get(key: number): XdpTarget | undefined
  values(): readonly XdpTarget[]
  /** A device goes: entries that lead to it are removed. */
  forget(dev: Device): void
}

/** Runs XDP programs over frames and packets, and sends them where those say. */
export interface XdpPath {
  /** What programs can redirect to, by address of the map. */
  readonly maps: Map<number, XdpTargets>
  /**
   * Runs a driver's program over a frame that has just arrived; `queue`: which brought it. XDP_PASS and XDP_TX: the frame is the
   * driver's to hand up or to send back. Else it is gone: XDP_REDIRECT is on its way, with `flush` at the latest, XDP_DROP was dropped,
   * XDP_ABORTED could not be redirected.
   */
  run(dev: Device, program: XdpProgram, handle: number, queue: number): number
  /** Sends a frame where the last helper said; it is gone then. `queue`: which brought it. 0 or a negative errno. */
  follow(dev: Device, handle: number, queue?: number): number
  /** Whether the last helper said an AF_XDP socket. */
  readonly leadsToSocket: boolean
  /**
   * Sends what the own stack of `dev` sends to the socket that the last helper said: bound to `dev`, whatever its queue. As `follow`;
   * ENOBUFS: too many wait for that.
   */
  inject(dev: Device, handle: number): number
  /** A driver has done its part of polling: what was redirected is delivered. */
  flush(): void
  /** A device goes, or leaves its namespace: no map leads to it any more. */
  forget(dev: Device): void
  /** Note of a helper: where the action XDP_REDIRECT leads. They return the action of the program. */
  redirect(ifindex: number, flags: number): number
  redirectMap(map: number, key: number, flags: number): number
}
