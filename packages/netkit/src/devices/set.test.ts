import type { LinkAttrs } from '@netkit/netlink'
import type { ReadRequest } from '@netkit/netlink/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Kernel } from '../kernel.ts'
import { lines, link, refuse, routeBench } from '../testing/route-bench.ts'

describe('setting', () => {
  let state: { -readonly [K in keyof LinkAttrs]: LinkAttrs[K] }
  let flags: number
  let requests: ReadRequest[]
  let kernel: Kernel

  beforeEach(async () => {
    state = { ifname: 'nk0', mtu: 1500, txqlen: 1000 }
    flags = 0
    const made = await routeBench((r) => {
      if (r.c === 'RTM_GETLINK') return [link(r, 5, { ...state }, flags)]
      // As the kernel does: one after the other, until one is refused.
      const { ifname, mtu, txqlen, ifalias } = r.attrs as LinkAttrs
      if (mtu !== undefined) state.mtu = mtu
      if (ifname !== undefined && r.header.ifindex > 0) state.ifname = ifname
      if (ifalias !== undefined) state.ifalias = ifalias
      flags = (flags & ~r.header.change) | (r.header.flags & r.header.change)
      if (txqlen === 7) return refuse(r, 'EINVAL')
      if (txqlen !== undefined) state.txqlen = txqlen
      return undefined
    })
    kernel = made.kernel
    requests = made.requests
  })

  test('one thing is one request', async () => {
    await kernel.devices.set('nk0', { up: true })
    expect(lines(requests)).toMatchObject([{ c: 'RTM_SETLINK', ifname: 'nk0', flags: 1, change: 1 }])
    await kernel.devices.set(5, { mtu: 9000 })
    expect(requests).toHaveLength(2)
  })

  test('a new name needs the ifindex, or the kernel would look for it', async () => {
    await kernel.devices.set('nk0', { name: 'eth0' })
    expect(lines(requests)).toMatchObject([
      { c: 'RTM_GETLINK', ifname: 'nk0' },
      { c: 'RTM_SETLINK', ifindex: 5, ifname: 'eth0' },
    ])
    expect(state.ifname).toBe('eth0')
  })

  test('several things are all or nothing', async () => {
    const error = await kernel.devices
      .set('nk0', { mtu: 9000, name: 'eth0', up: true, alias: 'x', txqlen: 7 })
      .catch((e) => e)
    expect(error).toMatchObject({ code: 'EINVAL', op: 'device set nk0' })
    expect(state).toEqual({ ifname: 'nk0', mtu: 1500, txqlen: 1000, ifalias: '' })
    expect(flags).toBe(0)
  })

  test('the master by name, and none', async () => {
    await kernel.devices.set(5, { master: 'br0' })
    await kernel.devices.set(5, { master: null })
    expect(lines(requests).map((r) => (r as { master?: number }).master)).toEqual([undefined, 5, 0])
  })

  test('nothing, or what only a birth can have, is refused', async () => {
    await expect(kernel.devices.set('nk0', {})).rejects.toThrow('device set nk0: settings must not be empty')
    await expect(kernel.devices.set('nk0', { numRxQueues: 4 } as object)).rejects.toThrow('numRxQueues is not known')
  })
})
