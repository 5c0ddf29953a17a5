import { errno, type LinkAttrs, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, RT_LINK } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { ask, Bench, linkRequest, links, must } from '../testing/bench.ts'
import { makeNamespaceIp } from './ip/tables.ts'
import { NetNamespace } from './namespace.ts'

const CREATE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
const add = (attrs: LinkAttrs, ifindex = 0) =>
  linkRequest(RT_LINK.newlink, { linkinfo: { kind: 'dummy' }, ...attrs }, { ifindex }, CREATE)
const altName = (ifname: string, altIfname: string) =>
  linkRequest(RT_LINK.newlinkprop, { ifname, propList: { altIfname: [altIfname] } })
const shown = (bench: Bench, ns = bench.ns) =>
  links(bench.route(ns)).map((l) => [l.ifname, ...(l.propList?.altIfname ?? [])].join(' '))

describe('ifindexes', () => {
  it('are given out upwards, never the same twice, and remain in order in dumps', () => {
    const bench = new Bench()
    const socket = bench.route()
    must(socket, add({ ifname: 'a' }))
    must(socket, add({ ifname: 'b' }, 7))
    must(socket, add({ ifname: 'c' }))
    must(socket, linkRequest(RT_LINK.dellink, { ifname: 'c' }))
    must(socket, add({ ifname: 'd' }))
    expect(ask(socket, add({ ifname: 'e' }, 7)).ack?.errno).toBe(errno.EEXIST)
    expect(links(socket).map((l) => [l.ifname, l.header.ifindex])).toEqual([
      ['lo', 1],
      ['a', 2],
      ['d', 4],
      ['b', 7],
    ])
  })

  it('begin again at the lowest free one after the highest there can be', () => {
    const ns = new NetNamespace(1, { ownerUid: 0 }, makeNamespaceIp(2, 10), () => undefined)
    ns.ifindexCursor = 0x7fff_fffe
    expect([ns.nextIfindex(), ns.nextIfindex(), ns.nextIfindex()]).toEqual([0x7fff_ffff, 1, 2])
  })
})

describe('a namespace that nobody holds', () => {
  it('goes with what lives there, and the peers elsewhere', () => {
    const bench = new Bench()
    const { ns, fd } = bench.namespace()
    must(bench.route(), add({ ifname: 'here', linkinfo: { kind: 'netkit', data: { peerInfo: { netNsFd: fd } } } }))
    must(bench.route(), add({ ifname: 'there', netNsFd: fd }))
    expect(shown(bench)).toEqual(['lo', 'here'])
    bench.root.closeFile(fd)
    bench.kernel.settle()
    expect(shown(bench)).toEqual(['lo'])
    expect(bench.kernel.namespaces.has(ns)).toBe(false)
    expect([ns.alive, ns.devices.size, ns.loopback]).toEqual([false, 0, undefined])
  })

  it('is held by a name, a process, a descriptor and a socket alike', () => {
    const bench = new Bench()
    const { ns, fd } = bench.namespace()
    const process = bench.kernel.createProcess({ ns })
    const socket = bench.route(ns)
    bench.kernel.names.add('pod', ns)
    const there = () => bench.kernel.namespaces.has(ns)
    bench.root.closeFile(fd)
    bench.kernel.settle()
    expect(there()).toBe(true)
    bench.kernel.endProcess(process)
    expect(there()).toBe(true)
    bench.kernel.names.delete('pod')
    bench.kernel.settle()
    expect(there()).toBe(true)
    socket.close()
    expect(there()).toBe(false)
  })

  it('returns its physical devices to the initial one, under another name if theirs is taken', () => {
    const bench = new Bench()
    const { ns, fd } = bench.namespace()
    const inside = bench.route(ns)
    for (const id of [1, 2, 3]) {
      const { ifindex } = bench.kernel.nics.plug({ ns: bench.ns, id, name: `eth${id - 1}` })
      must(bench.route(), linkRequest(RT_LINK.setlink, { netNsFd: fd }, { ifindex }))
    }
    must(inside, altName('eth0', 'uplink'))
    must(inside, altName('eth0', 'wan'))
    must(bench.route(), add({ ifname: 'eth1' }))
    must(bench.route(), add({ ifname: 'eth2' }))
    must(bench.route(), add({ ifname: 'dev4' }))
    must(bench.route(), add({ ifname: 'wan' }))
    inside.close()
    bench.root.closeFile(fd)
    bench.kernel.settle()
    expect(bench.kernel.namespaces.has(ns)).toBe(false)
    // An alternative name that is taken is lost, and does not hold the device back.
    expect(shown(bench)).toEqual(expect.arrayContaining(['eth0 uplink', 'dev3', 'dev0']))
    expect([...bench.kernel.nics.nics.values()].map((dev) => dev.ns === bench.ns)).toEqual([true, true, true])
    for (const id of [1, 2, 3]) bench.kernel.nics.unplug(id)
    expect(shown(bench)).toEqual(['lo', 'eth1', 'eth2', 'dev4', 'wan'])
  })
})

describe('alternative names', () => {
  it('are as many as one attribute holds at their longest', () => {
    const bench = new Bench()
    const socket = bench.route()
    must(socket, add({ ifname: 'd' }))
    for (let n = 0; n < 496; n++) must(socket, altName('d', String(n).padStart(4, '0').padEnd(127, 'x')))
    expect(ask(socket, altName('d', 'short')).ack).toMatchObject({
      errno: errno.EINVAL,
      extack: { msg: 'effective property list too long' },
    })
    const d = links(socket).find((l) => l.ifname === 'd')
    expect(d?.propList?.altIfname).toHaveLength(496)
    must(socket, linkRequest(RT_LINK.dellinkprop, { ifname: 'd', propList: { altIfname: ['0007'.padEnd(127, 'x')] } }))
    must(socket, altName('d', 'short'))
  })
})
