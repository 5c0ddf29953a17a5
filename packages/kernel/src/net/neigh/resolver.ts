import type { Device } from '../device.ts'
import type { Neighbour } from '../neighbour.ts'
import * as nud from '../neighbour-states.ts'
import { Proxies } from '../proxies.ts'
import type { Request } from '../request.ts'
import { NEIGH } from './parameters.ts'
import { NeighbourMap } from './table.ts'

// Engines fold constants of the own module, not imported ones.
const {
  NUD_CONNECTED,
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_IN_TIMER,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
  NUD_VALID,
} = nud

/** What ARP and NDP do differently, and what neighbours need of the rest. */
export interface NeighbourProtocol {
  /** Sets type, state and address of an entry that is new: of those that are never asked for. */
  construct(n: Neighbour): void
  /** Asks for the hardware address; to the one that is known if `unicast`. */
  solicit(n: Neighbour, unicast: boolean): void
  /** Sends a packet that waited: it begins with its network header. */
  release(n: Neighbour, handle: number): void
  /** A packet waited in vain. */
  fail(n: Neighbour, handle: number): void
  /** There was no room for a packet to wait any longer. */
  overflow(n: Neighbour, handle: number): void
  /** Anyone who listens is told what the entry is now, or that it is gone. */
  tell(n: Neighbour, event: 'new' | 'gone', req?: Request): void
  /** Bytes of a packet. */
  lengthOf(handle: number): number
}

/** Time, in milliseconds, as of the last look at the clock. */
export interface Clock {
  readonly now: number
  /** Looks at the clock. */
  look(): number
  /** Runs `task` in so many ms. */
  after(ms: number, task: () => void): { cancel(): void }
  /** u32. */
  random(): number
}

/**
 * Neighbours of one family: from an address on a link to a hardware address, with the states and timers of RFC 4861 as Linux
 * keeps them for ARP, too.
 */
export class Resolver {
  readonly map: NeighbourMap
  readonly proxies = new Proxies()
  readonly #protocol: NeighbourProtocol
  readonly #clock: Clock
  #collector: { cancel(): void } | undefined

  constructor(protocol: NeighbourProtocol, clock: Clock) {
    this.#protocol = protocol
    this.#clock = clock
    this.map = new NeighbourMap((n) => this.#discard(n))
  }

  /** The neighbour, made if it is not there. Undefined when there are too many. */
  get(dev: Device, key: Int32Array, at = 0): Neighbour | undefined {
    return this.map.find(dev, key, at) ?? this.#make(dev, at === 0 ? key : key.subarray(at))
  }

  #make(dev: Device, key: Int32Array): Neighbour | undefined {
    const n = this.map.add(dev, key, this.#clock.look())
    if (n === undefined) return undefined
    this.#protocol.construct(n)
    if ((n.state & NUD_VALID) === 0) n.confirmed = this.#clock.now - 2 * NEIGH.baseReachable
    this.#collector ??= this.#clock.after(NEIGH.collectEvery, () => this.#collect())
    return n
  }

  #collect(): void {
    this.#collector = undefined
    this.map.collect(this.#clock.look(), (n) => this.#protocol.tell(n, 'gone'))
    if (this.map.size > 0) this.#collector = this.#clock.after(NEIGH.collectEvery, () => this.#collect())
  }

  /**
   * A packet is about to be sent to a neighbour that is not in a state of NUD_CONNECTED. True: its address can be used. False:
   * the packet waits or is gone.
   */
  use(n: Neighbour, handle: number): boolean {
    const now = this.#clock.look()
    n.used = now
    if ((n.state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) !== 0) return true
    if ((n.state & NUD_STALE) !== 0) {
      n.state = NUD_DELAY
      n.updated = now
      this.#arm(n, NEIGH.delayProbe)
      return true
    }
    const begin = (n.state & NUD_INCOMPLETE) === 0
    if (begin) {
      n.probes = NEIGH.unicastProbes
      n.state = NUD_INCOMPLETE
      n.updated = now
      this.#arm(n, NEIGH.retrans)
    }
    if (handle >= 0) this.#wait(n, handle)
    if (begin) this.#solicit(n)
    return false
  }

  /** Asks now, whether or not there is a packet for it. */
  resolve(n: Neighbour): void {
    this.use(n, -1)
  }

  #wait(n: Neighbour, handle: number): void {
    const bytes = this.#protocol.lengthOf(handle)
    while (n.waiting.length > 0 && n.waitingBytes + bytes > NEIGH.queueBytes) {
      const oldest = n.waiting.shift() as number
      n.waitingBytes -= this.#protocol.lengthOf(oldest)
      this.#protocol.overflow(n, oldest)
    }
    n.waiting.push(handle)
    n.waitingBytes += bytes
  }

  #solicit(n: Neighbour): void {
    // Counted in `probes`: first those to the known address, then those to everybody.
    const unicast = n.probes < NEIGH.unicastProbes && (n.state & NUD_VALID) !== 0
    n.probes++
    this.#protocol.solicit(n, unicast)
  }

  #arm(n: Neighbour, ms: number): void {
    n.timer?.cancel()
    n.timer = this.#clock.after(Math.max(1, ms), () => this.#expired(n))
  }

  #disarm(n: Neighbour): void {
    n.timer?.cancel()
    n.timer = undefined
  }

  /** How long a confirmation counts on the device, ms. */
  #reachableTime(n: Neighbour): number {
    return n.dev.inet?.reachableTime ?? NEIGH.baseReachable
  }

  #expired(n: Neighbour): void {
    n.timer = undefined
    if (n.dead || (n.state & NUD_IN_TIMER) === 0) return
    const now = this.#clock.look()
    if (n.state === NUD_REACHABLE) this.#reachableExpired(n, now)
    else if (n.state === NUD_DELAY) this.#delayExpired(n, now)
    else this.#probeExpired(n, now)
  }

  #reachableExpired(n: Neighbour, now: number): void {
    const until = n.confirmed + this.#reachableTime(n)
    if (now < until) {
      this.#arm(n, until - now)
      return
    }
    n.updated = now
    if (now <= n.used + NEIGH.delayProbe) {
      n.state = NUD_DELAY
      this.#arm(n, NEIGH.delayProbe)
    } else {
      n.state = NUD_STALE
      this.#protocol.tell(n, 'new')
    }
  }

  #delayExpired(n: Neighbour, now: number): void {
    n.updated = now
    if (now <= n.confirmed + NEIGH.delayProbe) {
      n.state = NUD_REACHABLE
      this.#arm(n, n.confirmed + this.#reachableTime(n) - now)
      this.#protocol.tell(n, 'new')
      return
    }
    n.state = NUD_PROBE
    n.probes = 0
    this.#protocol.tell(n, 'new')
    this.#arm(n, NEIGH.retrans)
    this.#solicit(n)
  }

  #probeExpired(n: Neighbour, now: number): void {
    const most = NEIGH.unicastProbes + (n.state === NUD_PROBE ? 0 : NEIGH.multicastProbes)
    if (n.probes < most) {
      this.#arm(n, NEIGH.retrans)
      this.#solicit(n)
      return
    }
    n.state = NUD_FAILED
    n.updated = now
    this.#failWaiting(n)
    this.#protocol.tell(n, 'new')
  }

  #failWaiting(n: Neighbour): void {
    const { waiting } = n
    while (waiting.length > 0 && (n.state & NUD_FAILED) !== 0) this.#protocol.fail(n, waiting.shift() as number)
    this.#dropWaiting(n)
  }

  #dropWaiting(n: Neighbour): void {
    for (const handle of n.waiting.splice(0)) this.#protocol.overflow(n, handle)
    n.waitingBytes = 0
  }

  /**
   * What is known of a neighbour changes. `address`: undefined where nothing new is said of it. Returns false where that is
   * refused: an administrator's entry, or a valid state without an address. `req`: who asked. Source: RFC 4861 §7.2.5; what Linux does for ARP.
   */
  update(n: Neighbour, address: Uint8Array | undefined, wanted: number, flags: number, req?: Request): boolean {
    const now = this.#clock.look()
    const old = n.state
    const marks = n.flags
    if ((flags & nud.UPDATE_ADMIN) === 0 && (old & (NUD_NOARP | NUD_PERMANENT)) !== 0) return false
    if ((wanted & NUD_VALID) === 0) return this.#invalidate(n, old, wanted, now, flags, req)
    if (address === undefined && (old & NUD_VALID) === 0) return false
    const changes = address !== undefined && !((old & NUD_VALID) !== 0 && equal(address, n.address))
    let state = wanted
    let replace = changes
    if ((wanted & NUD_CONNECTED) !== 0) n.confirmed = now
    if ((old & NUD_VALID) !== 0) {
      if (changes && (flags & nud.UPDATE_OVERRIDE) === 0) {
        if ((flags & nud.UPDATE_WEAK_OVERRIDE) === 0 || (old & NUD_CONNECTED) === 0) return true
        replace = false
        state = NUD_STALE
      } else if (!changes && wanted === NUD_STALE && (flags & nud.UPDATE_ADMIN) === 0) state = old
      if ((flags & nud.UPDATE_OVERRIDE_ROUTER) !== 0) setRouter(n, (flags & nud.UPDATE_ROUTER) !== 0)
    } else if ((flags & nud.UPDATE_ROUTER) !== 0) setRouter(n, true)
    if (state !== old || replace) n.updated = now
    if (state !== old) this.#enter(n, state)
    if (replace) {
      n.address = (address as Uint8Array).slice()
      if ((state & NUD_CONNECTED) === 0) n.confirmed = now - 2 * NEIGH.baseReachable
    }
    if ((old & NUD_VALID) === 0) this.#releaseWaiting(n)
    if (state !== old || replace || n.flags !== marks || (flags & nud.UPDATE_TOLD) !== 0)
      this.#protocol.tell(n, 'new', req)
    return true
  }

  #invalidate(n: Neighbour, old: number, state: number, now: number, flags: number, req?: Request): boolean {
    this.#disarm(n)
    n.state = state
    n.updated = now
    const failed = (old & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && (state & NUD_FAILED) !== 0
    if (failed) this.#failWaiting(n)
    if (state === NUD_INCOMPLETE) this.#arm(n, NEIGH.retrans)
    const told = failed || (old & NUD_VALID) !== 0 || (flags & nud.UPDATE_TOLD) !== 0
    if (told) this.#protocol.tell(n, 'new', req)
    return true
  }

  #enter(n: Neighbour, state: number): void {
    this.#disarm(n)
    if (state === NUD_PROBE) n.probes = 0
    n.state = state
    if ((state & NUD_IN_TIMER) !== 0) this.#arm(n, state === NUD_REACHABLE ? this.#reachableTime(n) : 0)
  }

  #releaseWaiting(n: Neighbour): void {
    while (n.waiting.length > 0 && (n.state & NUD_VALID) !== 0) {
      const handle = n.waiting.shift() as number
      n.waitingBytes -= this.#protocol.lengthOf(handle)
      this.#protocol.release(n, handle)
    }
  }

  /** Something of a higher layer shows that it is there. */
  confirm(n: Neighbour): void {
    n.confirmed = this.#clock.now
  }

  /** A device changes or goes: its entries go, those that others answer for only if `all`. */
  flush(dev: Device, all: boolean): void {
    for (const n of [...this.map]) if (n.dev === dev && (all || !isKept(n))) this.remove(n)
  }

  /** Takes an entry out. */
  remove(n: Neighbour): void {
    if (n.dead) return
    this.map.remove(n)
    this.#protocol.tell(n, 'gone')
  }

  #discard(n: Neighbour): void {
    this.#disarm(n)
    this.#dropWaiting(n)
  }
}

/** An administrator made it to last, or vouches for it. */
const isKept = ({ state, extFlags }: Neighbour): boolean =>
  (state & NUD_PERMANENT) !== 0 || (extFlags & nud.NTF_EXT_EXT_VALIDATED) !== 0

const setRouter = (n: Neighbour, on: boolean): void => {
  n.flags = on ? n.flags | nud.NTF_ROUTER : n.flags & ~nud.NTF_ROUTER
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
