import { errno } from '@netkit/netlink'
import { nicState } from '../drivers/nic/state.ts'
import type { Device } from '../net/device.ts'
import { lease } from '../net/lease.ts'
import { moveDevice } from '../net/move.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { PagePool } from '../net/page-pool.ts'
import { closeProvider, openProvider } from '../net/provider-open.ts'
import { unregisterDevices } from '../net/register.ts'
import { changeFlags } from '../net/updown.ts'
import { trim } from '../packet/edit.ts'
import * as F from '../packet/fields.ts'
import { type RandomState, randomFrom } from '../world.ts'
import { lessee } from './generic.ts'
import { BUFS, ProviderLab, tcpFrame } from './provider-lab.ts'

/** What a pool and a ring hold inside. */
interface Inside {
  readonly cache: Int32Array
  readonly cached: number
  readonly ring: Int32Array
  readonly head: number
  readonly tail: number
  readonly count: number
}
const inside = (of: object): Inside => of as unknown as Inside

const MOST_HELD = 60
const QUEUE = 1

/** Bufs in the hands of a NIC, of packets and of an application, while everything around them comes and goes by chance. */
export class BufLife {
  readonly lab = new ProviderLab()
  private readonly random: RandomState
  private nk: Device | undefined
  private pod: NetNamespace | undefined
  private plugged = true
  /** Packets that somebody has, and bufs that the application has, once for each time. */
  private readonly held: number[] = []
  private readonly used: number[] = []
  private readonly seen = new Uint8Array(BUFS)
  private readonly lent = new Int32Array(BUFS)

  constructor(seed: number) {
    this.random = randomFrom(seed)
    this.lab.nic.mtu = 9000
  }

  /** One event. */
  step(): void {
    const event = EVENTS[this.below(EVENTS.length)]
    event(this)
    while (this.held.length > MOST_HELD) this.freeOne()
  }

  /** Everything is given back, and all pools go. */
  end(): void {
    this.deleteLessee()
    this.unplug()
    while (this.held.length > 0) this.freeOne()
    while (this.used.length > 0) this.giveBack()
    this.lab.pass(2)
  }

  below(n: number): number {
    return this.random.next() % n
  }

  private get queue(): readonly [Device, number] {
    return this.nk ? [this.nk, QUEUE] : [this.lab.nic, QUEUE]
  }

  receive(): void {
    const frames = Array.from({ length: 1 + this.below(20) }, () =>
      tcpFrame(this.below(4) === 0 ? this.below(8900) : this.below(100)),
    )
    if (this.plugged) this.held.push(...this.lab.receive(...frames))
  }

  freeOne(): void {
    const [handle] = this.held.splice(this.below(this.held.length), 1)
    if (handle !== undefined) this.lab.packets.free(handle)
  }

  clone(): void {
    if (this.held.length === 0) return
    this.held.push(this.lab.packets.clone(this.held[this.below(this.held.length)]))
  }

  trim(): void {
    if (this.held.length === 0) return
    const handle = this.held[this.below(this.held.length)]
    trim(this.lab.packets, handle, this.below(this.lab.packets.fields[(handle << F.PKT_SHIFT) + F.PKT_LENGTH] + 1))
  }

  /** The application is handed the payload of a packet. */
  take(): void {
    const { packets, provider } = this.lab
    if (this.held.length === 0) return
    const handle = this.held[this.below(this.held.length)]
    let fragment = packets.fields[(handle << F.PKT_SHIFT) + F.PKT_FRAGMENTS]
    for (; fragment !== 0; fragment = packets.fragments.next(fragment)) {
      if (packets.fragments.owner(fragment) !== packets.bufs.fragmentOwner) continue
      provider.take(packets.fragments.cookie(fragment))
      this.used.push(packets.fragments.cookie(fragment))
    }
  }

  giveBack(): void {
    const [buf] = this.used.splice(this.below(this.used.length), 1)
    if (buf !== undefined) this.lab.provider.giveBack(buf)
  }

  /** It gives back what it may not have. */
  forge(): void {
    const buf = this.lab.provider.area.first + this.below(BUFS)
    if (!this.used.includes(buf)) this.lab.provider.giveBack(buf)
  }

  open(): void {
    if (this.plugged) openProvider(this.lab.kernel, ...this.queue, { provider: this.lab.provider, rxPageSize: 0 })
  }

  close(): void {
    if (this.plugged) closeProvider(this.lab.kernel, ...this.queue, this.lab.provider)
  }

  fail(): void {
    const step = (['allocate', 'stop', 'start', 'recover'] as const)[this.below(4)]
    nicState(this.lab.nic).faults.push({ queue: QUEUE, step, errno: errno.EIO, left: 1 })
  }

  flap(): void {
    const { kernel, nic } = this.lab
    if (this.plugged) changeFlags(kernel, nic, nic.flags ^ 1)
  }

  /** Leases the queue, if nothing has it, to a single device: in a namespace of its own or not. */
  lease(): void {
    const { kernel, nic } = this.lab
    const physical = nic.rxQueue(QUEUE)
    if (!this.plugged || this.nk || !physical || physical.memoryProvider) return
    if (this.below(2) === 0) {
      this.pod = kernel.createNamespace()
      this.pod.hold()
    }
    const nk = lessee(this.lab, { ns: this.pod })
    const virtual = nk.rxQueue(QUEUE)
    nk.realRxQueues = 2
    if (virtual) lease(virtual, physical)
    this.nk = nk
  }

  deleteLessee(): void {
    const { kernel } = this.lab
    const { nk, pod } = this
    this.nk = undefined
    this.pod = undefined
    if (nk && (!pod || this.below(2) === 0)) unregisterDevices(kernel, [nk])
    pod?.release()
    kernel.settle()
  }

  /** The NIC goes to another namespace and comes back. */
  move(): void {
    const { kernel, nic, ns } = this.lab
    if (!this.plugged) return
    const there = kernel.createNamespace()
    there.hold()
    moveDevice(kernel, nic, { to: there })
    if (this.below(2) === 0) moveDevice(kernel, nic, { to: ns })
    there.release()
    kernel.settle()
  }

  unplug(): void {
    if (!this.plugged) return
    this.plugged = false
    this.nk = undefined
    this.lab.kernel.nics.unplug(1)
    this.pod?.release()
    this.pod = undefined
    this.lab.kernel.settle()
  }

  plug(): void {
    if (this.plugged) return
    this.plugged = true
    this.lab.plug()
    this.lab.nic.mtu = 9000
  }

  /** What is wrong; undefined if every buf has one owner, and as many references as it has users. */
  wrong(): string | undefined {
    const { seen, lent } = this
    const { provider, packets, nic } = this.lab
    const { first } = provider.area
    seen.fill(0)
    for (const buf of provider.waiting) seen[buf - first]++
    let inflight = 0
    for (const pool of provider.pools) {
      inflight += pool.inflight
      this.lookInto(pool)
    }
    const rx = nicState(nic).rx[QUEUE]
    if (rx) {
      const { ring, head, count } = inside(rx)
      for (let n = 0; n < count; n++) seen[ring[(head + n) % ring.length] - first]++
    }
    if (inflight !== BUFS - provider.waiting.length) return `${inflight} in pools, ${provider.waiting.length} outside`
    this.countUsers(lent.fill(0))
    for (let n = 0; n < BUFS; n++) {
      if (seen[n] > 1 || (seen[n] === 1 && lent[n] > 0)) return `buf ${n} has several owners`
      if (seen[n] === 0 && lent[n] === 0) return `buf ${n} is lost`
      if (lent[n] > 0 && packets.bufs.poolRefs[first + n] !== lent[n]) return `buf ${n} is counted wrongly`
    }
    return undefined
  }

  private lookInto(pool: PagePool): void {
    const { first } = this.lab.provider.area
    const { cache, cached, ring, head, tail } = inside(pool)
    for (let n = 0; n < cached; n++) this.seen[cache[n] - first]++
    for (let n = head; n < tail; n++) this.seen[ring[n & (ring.length - 1)] - first]++
  }

  /** Packets and the application, by buf. */
  private countUsers(lent: Int32Array): void {
    const { packets, provider } = this.lab
    const { first } = provider.area
    for (const buf of this.used) lent[buf - first]++
    for (const handle of this.held) {
      let fragment = packets.fields[(handle << F.PKT_SHIFT) + F.PKT_FRAGMENTS]
      for (; fragment !== 0; fragment = packets.fragments.next(fragment)) {
        if (packets.fragments.owner(fragment) === packets.bufs.fragmentOwner)
          lent[packets.fragments.cookie(fragment) - first]++
      }
    }
  }
}

/** What happens, as often as it is listed. */
const EVENTS: readonly ((life: BufLife) => void)[] = (
  [
    [30, (life) => life.receive()],
    [40, (life) => life.freeOne()],
    [6, (life) => life.clone()],
    [4, (life) => life.trim()],
    [12, (life) => life.take()],
    [12, (life) => life.giveBack()],
    [2, (life) => life.forge()],
    [8, (life) => life.open()],
    [2, (life) => life.close()],
    [1, (life) => life.fail()],
    [2, (life) => life.flap()],
    [4, (life) => life.lease()],
    [1, (life) => life.deleteLessee()],
    [1, (life) => life.move()],
    [1, (life) => life.unplug()],
    [8, (life) => life.plug()],
    [2, (life) => life.lab.pass(1)],
  ] as const satisfies readonly (readonly [number, (life: BufLife) => void])[]
).flatMap(([times, event]): ((life: BufLife) => void)[] => new Array(times).fill(event))
