import { RT_LINK } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { Bench, linkRequest, links, must } from '../../testing/bench.ts'
import { setUp } from '../../testing/generic.ts'
import { cable } from '../../wire/cable.ts'
import { connectWire } from './port.ts'
import { nicState } from './state.ts'

describe('a NIC', () => {
  it('shows itself as netdevsim does', () => {
    const bench = new Bench()
    bench.kernel.nics.plug({ ns: bench.ns, queues: 4, id: 10 })
    const [, nic] = links(bench.route())
    expect(nic).toMatchObject({
      ifname: 'eth0',
      numTxQueues: 4,
      numRxQueues: 4,
      carrier: 1,
      carrierChanges: 0,
      physPortName: 'p1',
      parentDevName: 'netdevsim10',
      parentDevBusName: 'netdevsim',
      devlinkPort: { busName: 'netdevsim', devName: 'netdevsim10', index: 1, portIndex: 0 },
      qdisc: 'noop',
      header: { flags: 0x2 },
    })
    expect(nic.physSwitchId).toHaveLength(32)
    expect(nic.linkinfo).toBeUndefined()
  })

  it('has carrier until it has been down once', () => {
    const bench = new Bench()
    const nic = bench.kernel.nics.plug({ ns: bench.ns, queues: 2 })
    const state = () => {
      const link = links(bench.route()).at(-1)
      return [link?.operstate, link?.carrier, link?.qdisc, link?.header.flags]
    }
    setUp(bench, nic, true)
    expect(state()).toEqual(['unknown', 1, 'mq', 0x10043])
    setUp(bench, nic, false)
    expect(state()).toEqual(['down', 0, 'mq', 0x2])
    setUp(bench, nic, true)
    expect(state()).toEqual(['down', 0, 'mq', 0x3])
  })

  it('has a plain queueing discipline if it has one queue', () => {
    const bench = new Bench()
    setUp(bench, bench.kernel.nics.plug({ ns: bench.ns }), true)
    expect(links(bench.route()).at(-1)?.qdisc).toBe('fq_codel')
  })

  it('cannot be deleted by rtnetlink, and starts anew in the initial namespace when its own goes', () => {
    const bench = new Bench()
    const { ns, fd } = bench.namespace()
    const nic = bench.kernel.nics.plug({ ns, queues: 2 })
    const socket = bench.route(ns)
    expect(() => must(socket, linkRequest(RT_LINK.dellink, {}, { ifindex: nic.ifindex }))).toThrow('95')
    socket.close()
    bench.root.closeFile(fd)
    bench.kernel.settle()
    const fresh = bench.kernel.nics.nics.get(1)
    expect([fresh === nic, fresh?.ns === bench.ns, fresh?.numRxQueues]).toEqual([false, true, 2])
    bench.kernel.nics.unplug(1)
    expect(bench.ns.devices.size).toBe(1)
  })

  it('loses its cable when the other end is pulled out', () => {
    const { kernel, ns } = new Bench()
    const [one, other] = [kernel.nics.plug({ ns }), kernel.nics.plug({ ns })]
    const [here, there] = cable()
    connectWire(kernel, one, here)
    connectWire(kernel, other, there)
    connectWire(kernel, one, undefined)
    expect([nicState(one).port, nicState(other).port]).toEqual([undefined, undefined])
  })

  it('is refused where there is no place for it', () => {
    const bench = new Bench()
    const { nics } = bench.kernel
    nics.plug({ ns: bench.ns, name: 'wan' })
    const code = (run: () => void) => {
      try {
        run()
      } catch (e) {
        return (e as { code: string }).code
      }
      return 'done'
    }
    expect(code(() => nics.plug({ ns: bench.ns, queues: 0 }))).toBe('EINVAL')
    expect(code(() => nics.plug({ ns: bench.ns, queues: 1025 }))).toBe('EINVAL')
    expect(code(() => nics.plug({ ns: bench.ns, id: 1 }))).toBe('EEXIST')
    expect(code(() => nics.plug({ ns: bench.ns, name: 'wan' }))).toBe('EEXIST')
    expect(code(() => nics.plug({ ns: bench.ns, name: 'a b' }))).toBe('EINVAL')
    expect(code(() => nics.unplug(7))).toBe('ENOENT')
    expect([...nics.nics.keys()]).toEqual([1])
    nics.plug({ ns: bench.ns, id: 3 })
    expect(nics.plug({ ns: bench.ns }).parent?.name).toBe('netdevsim2')
  })
})
