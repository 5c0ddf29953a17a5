import { RT_LINK, RT_NSID } from '@netkit/netlink'
import { PlayedKernel, playRoute, type ReadRequest, readRoute, routeMessage, seqOf } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { connect } from '../connect.ts'
import { link, refuse } from '../testing/route-bench.ts'
import { dryRun } from './dry-run.ts'
import type { Held, HeldRequest } from './held.ts'

/** A kernel in which eth0 (ifindex 4) is the only device; only what asks may reach it. */
async function bench() {
  const asked: ReadRequest[] = []
  const held: Held[] = []
  const played = new PlayedKernel(
    playRoute((r) => {
      asked.push(r)
      expect(r.c).toMatch(/^RTM_GET/)
      if (r.c === 'RTM_GETNSID') return [routeMessage(RT_NSID.newnsid, {}, { nsid: -1 }, { seq: seqOf(r.bytes) })]
      const here = r.header.ifindex === 4 || r.attrs.ifname === 'eth0'
      return here ? [link(r, 4, { ifname: 'eth0', mtu: 1500 })] : refuse(r, 'ENODEV')
    }),
  )
  await played.namespaces.create('pod')
  const kernel = await connect(
    dryRun(
      async () => played,
      (step) => held.push(step),
    ),
  )
  const requests = () =>
    held
      .filter((h): h is HeldRequest => h.door === 'netlink')
      .map((h) => ({ ...readRoute(h.bytes), in: h.namespace, unknown: h.unknowns.map((u) => u.what) }))
  return { kernel, held, requests, asked, played }
}

describe('a dry run', () => {
  test('shows all steps of a compound operation, and what of them is not known yet', async () => {
    const { kernel, requests } = await bench()
    const peer = { name: 'nk1', namespace: 'pod', alias: 'inside', altnames: ['one'] } as const
    const pair = await kernel.devices.addPair({ name: 'nk0', alias: 'outside', peer })
    expect([pair.primary.name, pair.peer.name, pair.peer.alias]).toEqual(['nk0', 'nk1', 'inside'])
    expect(requests().map((r) => [r.c, r.in, r.unknown])).toEqual([
      ['RTM_NEWLINK', undefined, []],
      ['RTM_SETLINK', undefined, ['ifindex of nk0']],
      ['RTM_SETLINK', 'pod', ['ifindex of nk1']],
      ['RTM_NEWLINKPROP', 'pod', ['ifindex of nk1']],
    ])
  })

  test('sees in later steps what earlier ones would have done: namespaces, names, moves', async () => {
    const { kernel, held, requests } = await bench()
    await kernel.namespaces.create('new')
    expect(await kernel.namespaces.list()).toEqual(['pod', 'new'])
    const moved = await kernel.devices.move('eth0', { to: 'new', name: 'inner' })
    expect([moved.name, moved.mtu]).toEqual(['inner', 1500])
    await kernel.devices.set('inner', { mtu: 9000, up: true }, { in: 'new' })
    expect(await kernel.devices.get('inner', { in: 'new' })).toMatchObject({ mtu: 9000, up: true })
    expect((await kernel.devices.list({ in: 'new' })).map((d) => d.name)).toEqual(['inner'])
    expect(held[0]).toMatchObject({ door: 'namespaces', call: 'create', args: { name: 'new' } })
    expect(requests().map((r) => [r.c, r.in, r.unknown])).toEqual([
      ['RTM_SETLINK', undefined, ['file descriptor of namespace new']],
      ['RTM_SETLINK', 'new', ['ifindex of inner in new']],
    ])
    await kernel.namespaces.remove('new')
    await kernel.namespaces.remove('pod')
    expect(await kernel.namespaces.list()).toEqual([])
  })

  test('gives ids of namespaces that are told apart', async () => {
    const { kernel } = await bench()
    const first = await kernel.namespaces.ensureId('pod')
    expect(await kernel.namespaces.ensureId('pod')).toBe(first)
    await kernel.namespaces.create('other')
    expect(await kernel.namespaces.id('other')).toBeUndefined()
    expect(await kernel.namespaces.ensureId('other')).not.toBe(first)
    expect(await kernel.namespaces.setId('other', 7)).toBe(7)
  })

  test('refuses as the kernel does what it knows not to be there', async () => {
    const { kernel } = await bench()
    await expect(kernel.devices.set('eth7', { up: true })).rejects.toMatchObject({ code: 'ENODEV' })
    await expect(kernel.devices.remove('eth7')).rejects.toMatchObject({ code: 'ENODEV' })
    await expect(kernel.namespaces.create('pod')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(kernel.namespaces.remove('gone')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(kernel.namespaces.open('gone')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('lets questions through and closes what it opened', async () => {
    const { kernel, asked, held, played } = await bench()
    expect(await kernel.devices.get('eth0')).toMatchObject({ ifindex: 4, mtu: 1500 })
    expect(asked.map((r) => r.c)).toEqual([RT_LINK.getlink.c])
    await kernel.close()
    expect(held).toEqual([])
    expect(played.closed).toBe(true)
    expect(played.sockets.every((s) => s.closed)).toBe(true)
    expect(played.namespaces.opened.every((ns) => ns.closed)).toBe(true)
  })
})
