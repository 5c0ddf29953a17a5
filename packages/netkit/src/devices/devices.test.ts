import { describe, expect, test } from 'vitest'
import { lines, link, refuse, routeBench } from '../testing/route-bench.ts'

describe('changing, moving, removing', () => {
  test('changing a pair names its kind, and changes back if the kernel stops half-way', async () => {
    let policy: 'forward' | 'blackhole' = 'forward'
    const { kernel, requests } = await routeBench((r) => {
      if (r.c === 'RTM_GETLINK')
        return [link(r, 5, { ifname: 'nk0', linkinfo: { kind: 'netkit', data: { policy, peerPolicy: 'forward' } } })]
      const { data } = r.attrs.linkinfo as { data: { policy?: typeof policy; peerPolicy?: string } }
      policy = data.policy ?? policy
      return data.peerPolicy ? refuse(r, 'EOPNOTSUPP') : undefined
    })
    await kernel.devices.change('nk0', { policy: 'blackhole' })
    expect(lines(requests)).toMatchObject([
      { c: 'RTM_NEWLINK', ifname: 'nk0', linkinfo: { kind: 'netkit', data: { policy: 'blackhole' } } },
    ])
    expect(requests[0].flags).toBe(5)
    await expect(kernel.devices.change('nk0', { policy: 'forward', peerPolicy: 'blackhole' })).rejects.toMatchObject({
      code: 'EOPNOTSUPP',
    })
    expect(policy).toBe('blackhole')
    await expect(kernel.devices.change('nk0', { mode: 'l2' } as object)).rejects.toThrow(
      'data.mode can be given only when the device is made',
    )
  })

  test('moving finds the device again under its name there', async () => {
    const { kernel, played, requests } = await routeBench((r) =>
      r.c === 'RTM_GETLINK'
        ? [link(r, r.attrs.ifname === 'nk0' && requests.length > 2 ? 9 : 5, { ifname: 'nk0' })]
        : undefined,
    )
    await kernel.namespaces.create('pod')
    const moved = await kernel.devices.move(5, { to: 'pod' })
    expect(lines(requests)).toMatchObject([
      { c: 'RTM_GETLINK', ifindex: 5 },
      { c: 'RTM_SETLINK', ifindex: 5, netNsFd: played.namespaces.opened[0].fd },
      { c: 'RTM_GETLINK', ifname: 'nk0' },
    ])
    expect(moved).toMatchObject({ ifindex: 9, namespace: 'pod' })
    expect(played.namespaces.opened.every((ns) => ns.closed)).toBe(true)
    await expect(kernel.devices.move(5, { to: 'pod', name: 'e%d' })).rejects.toThrow('name must be a whole name')
    await expect(kernel.devices.move(5, {} as { to: string })).rejects.toThrow('to must be a namespace')
  })

  test('removing one, and a group', async () => {
    const { kernel, requests } = await routeBench(() => undefined)
    await kernel.devices.remove('nk0')
    await kernel.devices.removeGroup(7)
    expect(lines(requests)).toMatchObject([
      { c: 'RTM_DELLINK', ifname: 'nk0' },
      { c: 'RTM_DELLINK', group: 7 },
    ])
  })

  test('a device acts in the namespace that it was found in', async () => {
    const { kernel, played } = await routeBench((r) => [link(r, 5, { ifname: 'nk0' })])
    await kernel.namespaces.create('pod')
    const device = await kernel.devices.get('nk0', { in: 'pod' })
    await device.remove()
    const [first, second] = played.sockets
    expect(first.options.namespace?.inode).toBe(second.options.namespace?.inode)
    expect(first.closed && second.closed).toBe(true)
  })

  test('an open namespace keeps its socket', async () => {
    const { kernel, played } = await routeBench((r) => [link(r, 5, { ifname: 'nk0' })])
    await kernel.namespaces.create('pod')
    {
      await using pod = await kernel.namespaces.open('pod')
      for (const _ of [1, 2, 3]) await kernel.devices.get('nk0', { in: pod })
      expect(played.sockets).toHaveLength(1)
      expect(played.sockets[0].closed).toBe(false)
    }
    expect(played.sockets[0].closed).toBe(true)
    expect(played.namespaces.opened[0].closed).toBe(true)
  })

  test('address families are read when they are asked for', async () => {
    const { kernel } = await routeBench((r) => [
      link(r, 5, { ifname: 'nk0', afSpec: { inet6: { addrGenMode: 'none' } } }),
    ])
    const device = await kernel.devices.get('nk0')
    expect(device.attrs).not.toHaveProperty('afSpec')
    expect(device.afSpec).toEqual({ inet6: { addrGenMode: 'none' } })
  })
})
