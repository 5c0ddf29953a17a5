import { describe, expect, test } from 'vitest'
import { InputError } from '../input/input-error.ts'
import type { Kernel } from '../kernel.ts'
import { lines, link, refuse, routeBench } from '../testing/route-bench.ts'

describe('selecting a device', () => {
  const cases: [Parameters<Kernel['devices']['get']>[0], object][] = [
    ['nk0', { ifindex: 0, ifname: 'nk0' }],
    ['a name of more than fifteen bytes', { ifindex: 0, altIfname: 'a name of more than fifteen bytes' }],
    [7, { ifindex: 7 }],
    [{ ifindex: 7 }, { ifindex: 7 }],
    [{ name: 'nk0' }, { ifname: 'nk0' }],
    [{ altname: 'short' }, { altIfname: 'short' }],
  ]
  test.each(cases)('%j', async (selector, sent) => {
    const { kernel, requests } = await routeBench((r) => [link(r, 7, { ifname: 'nk0' })])
    const device = await kernel.devices.get(selector)
    expect(lines(requests)[0]).toMatchObject({ c: 'RTM_GETLINK', ...sent })
    expect(device).toMatchObject({ ifindex: 7, name: 'nk0' })
    expect(await device.refresh()).toMatchObject({ ifindex: 7 })
    expect(lines(requests)[1]).toMatchObject({ ifindex: 7 })
    expect(requests[1].attrs).not.toHaveProperty('ifname')
  })

  test.each([[''], [0], [-1], [1.5], [null], [{}], [{ name: 'a/b' }], [{ name: 'nk%d' }], ['x'.repeat(200)]])(
    '%j is none, and nothing is sent',
    async (selector) => {
      const { kernel, played } = await routeBench(() => [])
      await expect(kernel.devices.get(selector as string)).rejects.toThrow(InputError)
      expect(played.sockets.flatMap((s) => s.sent)).toEqual([])
    },
  )

  test('find takes ENODEV for "there is none", and nothing else', async () => {
    const missing = await routeBench((r) => refuse(r, 'ENODEV'))
    expect(await missing.kernel.devices.find('nk0')).toBeUndefined()
    const forbidden = await routeBench((r) => refuse(r, 'EPERM'))
    await expect(forbidden.kernel.devices.find('nk0')).rejects.toMatchObject({ code: 'EPERM', op: 'device show nk0' })
  })
})

describe('listing devices', () => {
  test('asks for what is wanted, and filters kinds that the kernel does not know', async () => {
    const { kernel, requests } = await routeBench((r) => [
      link(r, 1, { ifname: 'lo' }),
      link(r, 2, { ifname: 'nk0', linkinfo: { kind: 'netkit' } }),
    ])
    const found = await kernel.devices.list({ kind: 'netkit', master: 9, stats: false, vf: true })
    expect(found.map((d) => d.name)).toEqual(['nk0'])
    expect(requests[0].attrs).toEqual({ master: 9, linkinfo: { kind: 'netkit' }, extMask: ['vf', 'skipStats'] })
    const all: string[] = []
    for await (const device of kernel.devices.dump({ namesOnly: true })) all.push(device.name)
    expect(all).toEqual(['lo', 'nk0'])
    expect(requests[1].attrs).toEqual({ extMask: ['nameOnly'] })
  })
})
