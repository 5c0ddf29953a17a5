import { describe, expect, test } from 'vitest'
import { InputError } from '../input/input-error.ts'
import { lines, link, routeBench } from '../testing/route-bench.ts'
import type { AddOptions } from './options.ts'

describe('adding a device', () => {
  const add = async (options: AddOptions) => {
    const { kernel, requests } = await routeBench((r) =>
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
    const { kernel, played, requests } = await routeBench((r) => [link(r, 5, { ifname: 'nk0' })])
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
    const { kernel, played } = await routeBench(() => [])
    const error = await kernel.devices.add(options as AddOptions).catch((e) => e)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toContain(why)
    expect(played.sockets).toEqual([])
  })
})
