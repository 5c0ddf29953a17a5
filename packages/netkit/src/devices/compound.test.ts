import { describe, expect, test } from 'vitest'
import { IncompleteError } from '../rollback.ts'
import { lines, link, refuse, routeBench } from '../testing/route-bench.ts'

describe('compound operations', () => {
  test('that fail take back what they did, last step first, and fail as they failed', async () => {
    const { kernel, requests } = await routeBench((r) => {
      if (r.c === 'RTM_NEWLINK') return [link(r, 5, { ifname: 'nk0', link: 4 })]
      if (r.c === 'RTM_NEWLINKPROP' && (r.attrs.propList as { altIfname: string[] }).altIfname[0] === 'two')
        return refuse(r, 'EEXIST')
      return undefined
    })
    const error = await kernel.devices.add({ kind: 'netkit', altnames: ['one', 'two', 'three'] }).catch((e) => e)
    expect(error).toMatchObject({ code: 'EEXIST', op: 'device altname add nk0' })
    expect(lines(requests).map((r) => [r.c, (r as { propList?: unknown }).propList])).toEqual([
      ['RTM_NEWLINK', undefined],
      ['RTM_NEWLINKPROP', { altIfname: ['one'] }],
      ['RTM_NEWLINKPROP', { altIfname: ['two'] }],
      ['RTM_DELLINKPROP', { altIfname: ['one'] }],
      ['RTM_DELLINK', undefined],
    ])
  })

  test('that cannot take something back say what is left behind', async () => {
    const { kernel } = await routeBench((r) => {
      if (r.c === 'RTM_NEWLINK') return [link(r, 5, { ifname: 'nk0', link: 4 })]
      return r.c === 'RTM_GETLINK' ? refuse(r, 'ENODEV') : refuse(r, 'EPERM')
    })
    const error = await kernel.devices.addPair({ name: 'nk0' }).catch((e) => e)
    expect(error).toBeInstanceOf(IncompleteError)
    expect(error.cause).toMatchObject({ code: 'ENODEV' })
    expect(error.remains).toMatchObject([{ what: 'device nk0', reason: { code: 'EPERM' } }])
    expect(error.message).toContain('left behind: device nk0')
  })

  test('a pair comes with both ends', async () => {
    const { kernel, played } = await routeBench((r) => {
      if (r.c === 'RTM_NEWLINK') return [link(r, 5, { ifname: 'nk0', link: 2, linkNetnsid: 0 }, 1)]
      return r.c === 'RTM_GETLINK'
        ? [link(r, r.header.ifindex, { ifname: r.header.ifindex === 2 ? 'eth0' : 'nk0' }, 1)]
        : undefined
    })
    await kernel.namespaces.create('pod')
    const { primary, peer } = await kernel.devices.addPair({
      name: 'nk0',
      up: true,
      peer: { namespace: 'pod', name: 'eth0', up: true },
    })
    expect([primary.name, primary.up, peer.name, peer.namespace]).toEqual(['nk0', true, 'eth0', 'pod'])
    expect(played.namespaces.opened.every((ns) => ns.closed)).toBe(true)
    const error = await kernel.devices.addPair({ data: { pairing: 'single' as 'pair' } }).catch((e) => e)
    expect(error.message).toContain("data.pairing must not be 'single' of a pair")
  })
})
