import { ETHTOOL, type GenlCommand, NETDEV, RT_LINK } from '@netkit/netlink'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Device, REGISTERED } from '../../net/device.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { ask, Bench, linkRequest } from '../../testing/bench.ts'
import { generic, lessee, setUp } from '../../testing/generic.ts'

/** A machine with two namespaces that know each other, and what can be done to it at random. */
class Machine {
  readonly bench = new Bench()
  readonly pod = this.bench.namespace()
  readonly host = { ns: this.bench.ns, fd: this.bench.root.openNamespace(this.bench.ns) }
  #made = 0

  get devices(): Device[] {
    return [this.host.ns, this.pod.ns].flatMap((ns) => ns.sorted())
  }
  pick(n: number, wanted: (dev: Device) => boolean): Device | undefined {
    const list = this.devices.filter(wanted)
    return list[n % list.length]
  }
  nic = (n: number) => this.pick(n, (dev) => dev.parent !== undefined)
  virtual = (n: number) => this.pick(n, (dev) => dev.driver.createQueue !== undefined)
  other = (ns: NetNamespace) => (ns === this.host.ns ? this.pod : this.host)

  plug = (queues: number) => void this.bench.kernel.nics.plug({ ns: this.bench.ns, queues: 1 + (queues % 5) })
  unplug(n: number): void {
    const ids = [...this.bench.kernel.nics.nics.keys()]
    if (ids.length > 0) this.bench.kernel.nics.unplug(ids[n % ids.length])
    this.bench.kernel.afterRequest()
  }
  make(n: number): void {
    const ns = n % 3 === 0 ? this.pod.ns : this.host.ns
    lessee(this.bench, { ns, name: `nk${this.#made++}`, queues: 1 + (n % 4), pair: n % 2 === 0 })
  }
  #link(dev: Device | undefined, attrs: object, message: keyof typeof RT_LINK): void {
    if (!dev) return
    const socket = this.bench.route(dev.ns)
    ask(socket, linkRequest(RT_LINK[message], attrs, { ifindex: dev.ifindex }))
    socket.close()
  }
  remove = (n: number) => this.#link(this.virtual(n), {}, 'dellink')
  move(n: number): void {
    const dev = this.pick(n, (d) => !d.netnsImmutable)
    if (dev) this.#link(dev, { netNsFd: this.other(dev.ns).fd }, 'setlink')
  }
  flap(n: number): void {
    const dev = this.pick(n, () => true)
    if (dev) setUp(this.bench, dev, n % 3 !== 0)
  }
  lease(n: number, m: number): void {
    const to = this.virtual(n)
    const from = this.nic(m)
    if (!to || !from) return
    const netnsId = to.ns === from.ns ? undefined : to.ns.nsidOf.get(from.ns)
    const queue = { id: (n + m) % 5, type: 'rx' as const }
    const attrs = { ifindex: to.ifindex, type: 'rx' as const, lease: { ifindex: from.ifindex, queue, netnsId } }
    generic(this.bench, NETDEV, NETDEV.commands.queueCreate, attrs, { ns: to.ns })
  }
  resize(n: number, m: number): void {
    const dev = this.nic(n)
    if (!dev) return
    const attrs = { header: { devIndex: dev.ifindex }, combinedCount: m % 6 }
    generic(this.bench, ETHTOOL, ETHTOOL.commands.channelsSet, attrs, { ns: dev.ns })
  }
  look(): void {
    const commands: readonly GenlCommand[] = [
      NETDEV.commands.queueGet,
      NETDEV.commands.napiGet,
      NETDEV.commands.pagePoolGet,
    ]
    for (const { ns } of [this.host, this.pod]) {
      for (const command of commands) {
        expect(generic(this.bench, NETDEV, command, {}, { ns, dump: true }).errno).toBe(0)
      }
    }
  }

  /** What must be true at all times. */
  check(): void {
    const { kernel } = this.bench
    for (const dev of this.devices) {
      expect(dev.state).toBe(REGISTERED)
      const lessors = new Set<Device>()
      for (let index = 0; index < dev.numRxQueues; index++) {
        const queue = dev.boundRxQueue(index)
        const peer = queue?.lease
        if (!queue || !peer) {
          // All queues of a virtual device but the first are leased.
          if (dev.driver.createQueue && index < dev.realRxQueues) expect(index).toBe(0)
          continue
        }
        expect(peer.lease === queue).toBe(true)
        expect(index).toBeLessThan(dev.realRxQueues)
        expect(peer.device.state).toBe(REGISTERED)
        expect((dev.parent === undefined) !== (peer.device.parent === undefined)).toBe(true)
        if (dev.parent === undefined) {
          expect(index).toBeGreaterThan(0)
          lessors.add(peer.device)
        }
      }
      expect(lessors.size).toBeLessThan(2)
      if (!dev.parent) continue
      const running = dev.up ? dev.numRxQueues : 0
      expect([dev.napis?.length ?? 0, dev.pagePools?.length ?? 0]).toEqual([running, running])
      for (const napi of dev.napis ?? []) expect(kernel.napis.get(napi.id) === napi).toBe(true)
    }
  }
}

const number = fc.nat({ max: 60 })
const step = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('plug', 'unplug', 'make', 'remove', 'move', 'flap', 'look'), number, number),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('lease', 'resize'), number, number) },
)

it('leases hold together whatever is done to their ends', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const machine = new Machine()
      machine.plug(3)
      machine.make(3)
      machine.make(1)
      for (const [what, n, m] of steps as [keyof Machine & ('plug' | 'lease'), number, number][]) {
        machine[what](n, m)
        machine.check()
      }
    }),
    { numRuns: 150 },
  )
})
