import { errno, type LinkAttrs, RT_LINK } from '@netkit/netlink'
import { ack, PlayedKernel, playRoute, type ReadRequest, routeMessage, seqOf } from '@netkit/netlink/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { connect } from '../connect.ts'
import { InputError } from '../input/input-error.ts'
import type { Kernel } from '../kernel.ts'
import { IncompleteError } from '../rollback.ts'
import type { AddOptions } from './options.ts'

interface Bench {
  kernel: Kernel
  played: PlayedKernel
  requests: ReadRequest[]
}

/** A kernel that answers as the function says; `undefined` is a plain acknowledgement. */
const bench = async (answer: (r: ReadRequest) => readonly Uint8Array[] | undefined): Promise<Bench> => {
  const requests: ReadRequest[] = []
  const played = new PlayedKernel(
    playRoute((r) => {
      requests.push(r)
      return answer(r) ?? []
    }),
  )
  return { kernel: await connect(async () => played), played, requests }
}

const link = (r: ReadRequest, ifindex: number, attrs: LinkAttrs = {}, flags = 0) =>
  routeMessage(RT_LINK.newlink, { ifindex, flags }, attrs, { seq: seqOf(r.bytes) })

const refuse = (r: ReadRequest, code: keyof typeof errno) => [ack(r.bytes, errno[code])]

const lines = (requests: readonly ReadRequest[]) => requests.map((r) => ({ c: r.c, ...r.header, ...r.attrs }))

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
    const { kernel, requests } = await bench((r) => [link(r, 7, { ifname: 'nk0' })])
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
      const { kernel, played } = await bench(() => [])
      await expect(kernel.devices.get(selector as string)).rejects.toThrow(InputError)
      expect(played.sockets.flatMap((s) => s.sent)).toEqual([])
    },
  )

  test('find takes ENODEV for "there is none", and nothing else', async () => {
    const missing = await bench((r) => refuse(r, 'ENODEV'))
    expect(await missing.kernel.devices.find('nk0')).toBeUndefined()
    const forbidden = await bench((r) => refuse(r, 'EPERM'))
    await expect(forbidden.kernel.devices.find('nk0')).rejects.toMatchObject({ code: 'EPERM', op: 'device show nk0' })
  })
})

describe('listing devices', () => {
  test('asks for what is wanted, and filters kinds that the kernel does not know', async () => {
    const { kernel, requests } = await bench((r) => [
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

describe('adding a device', () => {
  const add = async (options: AddOptions) => {
    const { kernel, requests } = await bench((r) =>
      r.c === 'RTM_NEWLINK'
        ? [link(r, 5, { ifname: 'nk0', link: 4 })]
        : r.c === 'RTM_GETLINK'
          ? [link(r, 4, { ifname: 'nk1' })]
          : [],
    )
    const device = await kernel.devices.add(options)
    return { device, sent: lines(requests) as Record<string, unknown>[], flags: requests[0].flags }
  }

  test('sends what is given and nothing else', async () => {
    const { sent, flags, device } = await add({ kind: 'netkit' })
    expect(sent).toEqual([
      { c: 'RTM_NEWLINK', family: 0, pad: 0, type: 0, ifindex: 0, flags: 0, change: 0, linkinfo: { kind: 'netkit' } },
    ])
    expect(flags).toBe(0x1 | 0x4 | 0x8 | 0x200 | 0x400)
    expect(device.name).toBe('nk0')
  })

  test('changes only the flags that are given, so that "up" does not take away others', async () => {
    const { sent } = await add({ kind: 'netkit', up: true, arp: false, promisc: false })
    expect(sent[0]).toMatchObject({ flags: 0x1 | 0x80, change: 0x1 | 0x80 | 0x100 })
  })

  test('describes the peer with attributes of its own', async () => {
    const { sent } = await add({
      kind: 'netkit',
      ifindex: 20,
      name: 'nk0',
      data: { mode: 'l2', policy: 'blackhole', headroom: 32 },
      peer: { name: 'eth0', ifindex: 21, address: '02:00:00:00:00:01', mtu: 9000, numRxQueues: 4 },
    })
    expect(sent).toHaveLength(1)
    expect(sent[0].linkinfo).toMatchObject({
      kind: 'netkit',
      data: {
        mode: 'l2',
        policy: 'blackhole',
        headroom: 32,
        peerInfo: { header: { ifindex: 21 }, ifname: 'eth0', address: '02:00:00:00:00:01', mtu: 9000, numRxQueues: 4 },
      },
    })
  })

  test('does afterwards what the kernel ignores at birth', async () => {
    const { sent } = await add({
      kind: 'netkit',
      alias: 'to pod',
      altnames: ['one', 'two'],
      peer: { up: true, alias: 'x' },
    })
    expect(sent.map((r) => r.c)).toEqual([
      'RTM_NEWLINK',
      'RTM_SETLINK',
      'RTM_NEWLINKPROP',
      'RTM_NEWLINKPROP',
      'RTM_GETLINK',
      'RTM_GETLINK',
      'RTM_SETLINK',
    ])
    expect(sent[1]).toMatchObject({ ifindex: 5, ifalias: 'to pod' })
    expect(sent[2]).toMatchObject({ ifindex: 5, propList: { altIfname: ['one'] } })
    expect(sent[4]).toMatchObject({ ifindex: 4 })
    expect(sent[6]).toMatchObject({ ifindex: 4, flags: 1, change: 1, ifalias: 'x' })
  })

  test('puts the peer into its namespace, and holds that open only meanwhile', async () => {
    const { kernel, played, requests } = await bench((r) => [link(r, 5, { ifname: 'nk0' })])
    await kernel.namespaces.create('pod')
    await kernel.devices.add({ kind: 'veth', peer: { namespace: 'pod' } })
    const [pod] = played.namespaces.opened
    expect(requests[0].attrs.linkinfo).toMatchObject({ kind: 'veth', data: { peer: { netNsFd: pod.fd } } })
    expect(pod.closed).toBe(true)
  })

  test('takes raw attributes as they are', async () => {
    const { sent } = await add({
      kind: 'dummy',
      mtu: 1500,
      raw: { mtu: 7, rest: [{ type: 99, payload: Uint8Array.of(1) }] },
    })
    expect(sent[0]).toMatchObject({ mtu: 7, rest: [{ type: 99 }] })
  })

  const wrong: [object, string][] = [
    [{ kind: 'netkit', name: 'a b' }, "device add a b: name must not contain '/', ':' or white space, not 'a b'"],
    [{ kind: 'vlan' }, "device add vlan: kind must be one of netkit, veth, dummy, not 'vlan'"],
    [{ kind: 'netkit', mtuu: 1 }, 'mtuu is not known'],
    [{ kind: 'netkit', mtu: -1 }, 'mtu must be an integer from 0 to 4294967295, not -1'],
    [{ kind: 'netkit', up: 1 }, 'up must be true or false, not 1'],
    [{ kind: 'netkit', data: { pairing: 'single' }, peer: {} }, 'peer cannot be given: a single device has no peer'],
    [
      { kind: 'netkit', data: { pairing: 1, peerScrub: 'none' } },
      'data.peerScrub cannot be given: a single device has no peer',
    ],
    [{ kind: 'netkit', data: { pairing: 'single', scrub: 'default' } }, 'data.scrub cannot be given'],
    [{ kind: 'netkit', data: { pairing: 'single', policy: 'blackhole' } }, 'data.policy cannot be given'],
    [
      { kind: 'netkit', address: '02:00:00:00:00:01' },
      "address cannot be given in mode l3, the default: only mode 'l2'",
    ],
    [
      { kind: 'netkit', data: { mode: 'l2' }, address: '01:00:00:00:00:01' },
      'address must have six bytes and be neither zero nor multicast',
    ],
    [
      { kind: 'netkit', data: { mode: 'l2' }, peer: { address: '00:00:00:00:00:00' } },
      'peer.address must have six bytes',
    ],
    [{ kind: 'netkit', numTxQueues: 2 }, 'numTxQueues must be 1 of a netkit device, not 2'],
    [{ kind: 'netkit', numRxQueues: 1025 }, 'numRxQueues must be from 1 to 1024'],
    [{ kind: 'netkit', peer: { numRxQueues: 0 } }, 'peer.numRxQueues must be from 1 to 1024'],
    [
      { kind: 'netkit', peer: { ifindex: 5 } },
      'peer.ifindex is honoured by the kernel only together with the ifindex of the device itself',
    ],
    [{ kind: 'netkit', data: { primary: 1 } }, 'data.primary is told by the kernel'],
    [{ kind: 'dummy', data: {}, peer: {} }, 'peer cannot be given: a dummy device has none'],
    [{ kind: 'veth', data: { mode: 'l2' } }, 'data cannot be given: a veth device has no parameters'],
    [{ kind: 'netkit', altnames: [''] }, 'altnames[0] must have 1 to 127 bytes'],
    [{ kind: 'netkit', raw: { mtuu: 1 } }, 'raw.mtuu is no attribute of a link'],
  ]
  test.each(wrong)('%j is refused before anything is sent', async (options, why) => {
    const { kernel, played } = await bench(() => [])
    const error = await kernel.devices.add(options as AddOptions).catch((e) => e)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toContain(why)
    expect(played.sockets).toEqual([])
  })
})

describe('compound operations', () => {
  test('that fail take back what they did, last step first, and fail as they failed', async () => {
    const { kernel, requests } = await bench((r) => {
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
    const { kernel } = await bench((r) => {
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
    const { kernel, played } = await bench((r) => {
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

describe('setting', () => {
  let state: { -readonly [K in keyof LinkAttrs]: LinkAttrs[K] }
  let flags: number
  let requests: ReadRequest[]
  let kernel: Kernel

  beforeEach(async () => {
    state = { ifname: 'nk0', mtu: 1500, txqlen: 1000 }
    flags = 0
    const made = await bench((r) => {
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

describe('the rest', () => {
  test('changing a pair names its kind, and changes back if the kernel stops half-way', async () => {
    let policy: 'forward' | 'blackhole' = 'forward'
    const { kernel, requests } = await bench((r) => {
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
    const { kernel, played, requests } = await bench((r) =>
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
    const { kernel, requests } = await bench(() => undefined)
    await kernel.devices.remove('nk0')
    await kernel.devices.removeGroup(7)
    expect(lines(requests)).toMatchObject([
      { c: 'RTM_DELLINK', ifname: 'nk0' },
      { c: 'RTM_DELLINK', group: 7 },
    ])
  })

  test('a device acts in the namespace that it was found in', async () => {
    const { kernel, played } = await bench((r) => [link(r, 5, { ifname: 'nk0' })])
    await kernel.namespaces.create('pod')
    const device = await kernel.devices.get('nk0', { in: 'pod' })
    await device.remove()
    const [first, second] = played.sockets
    expect(first.options.namespace?.inode).toBe(second.options.namespace?.inode)
    expect(first.closed && second.closed).toBe(true)
  })

  test('an open namespace keeps its socket', async () => {
    const { kernel, played } = await bench((r) => [link(r, 5, { ifname: 'nk0' })])
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
    const { kernel } = await bench((r) => [link(r, 5, { ifname: 'nk0', afSpec: { inet6: { addrGenMode: 'none' } } })])
    const device = await kernel.devices.get('nk0')
    expect(device.attrs).not.toHaveProperty('afSpec')
    expect(device.afSpec).toEqual({ inet6: { addrGenMode: 'none' } })
  })
})
