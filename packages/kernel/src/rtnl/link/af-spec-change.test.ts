import { errno, type LinkAttrs, NLM_F_ACK, NLM_F_CREATE, RT_LINK, RTNLGRP_LINK } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { ask, Bench, drain, linkRequest, links, must } from '../../testing/bench.ts'

const IFF_NOARP = 0x80

/** A setting of IPv4 as an attribute. */
const setting = (position: number, n: number) => {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 8, true)
  view.setUint16(2, position, true)
  view.setUint32(4, n, true)
  return bytes
}
const token = Uint8Array.from({ length: 16 }, (_, i) => i + 1)

function setup(attrs: LinkAttrs = {}) {
  const bench = new Bench()
  const socket = bench.route()
  must(
    socket,
    linkRequest(RT_LINK.newlink, { ifname: 'd0', linkinfo: { kind: 'dummy' }, ...attrs }, {}, NLM_F_ACK | NLM_F_CREATE),
  )
  const change = (more: LinkAttrs, header = {}) =>
    ask(socket, linkRequest(RT_LINK.newlink, { ifname: 'd0', ...more }, header)).ack
  const shown = () => links(socket).find((l) => l.ifname === 'd0')?.afSpec
  return { bench, socket, change, shown }
}

const conf = (spec: LinkAttrs['afSpec'], position: number) => {
  const bytes = spec?.inet?.conf
  return bytes && new DataView(bytes.buffer, bytes.byteOffset).getInt32(4 * (position - 1), true)
}

describe('settings of IPv4 on a device', () => {
  it('are checked strictly', () => {
    const { change, shown } = setup()
    expect(change({ afSpec: { inet: { conf: setting(4, 0) } } })).toMatchObject({ errno: 0 })
    expect(conf(shown(), 4)).toBe(0)
    expect(change({ afSpec: { inet: { conf: setting(4, 2) } } })).toMatchObject({
      errno: errno.ERANGE,
      extack: { msg: 'integer out of range' },
    })
    expect(change({ afSpec: { inet: { conf: setting(2, 1) } } })).toMatchObject({ errno: errno.EINVAL })
    expect(change({ afSpec: { inet: { conf: setting(34, 1) } } })).toMatchObject({
      errno: errno.EINVAL,
      extack: { msg: 'Unknown attribute type' },
    })
    expect(conf(shown(), 4)).toBe(0)
  })

  it('are lost with a MTU that is too small for IPv4, which cannot be set then', () => {
    const { change, shown } = setup()
    change({ afSpec: { inet: { conf: setting(4, 0) } } })
    change({ mtu: 67 })
    expect(shown()?.inet).toBeUndefined()
    expect(change({ afSpec: { inet: {} } })).toMatchObject({ errno: errno.EAFNOSUPPORT })
    change({ mtu: 68 })
    expect(conf(shown(), 4)).toBe(1)
  })
})

describe('settings of IPv6 on a device', () => {
  it('need neighbours to be discovered for a token, of which the second half is kept', () => {
    const { change, shown } = setup()
    expect(change({ afSpec: { inet6: { token } } })).toMatchObject({
      errno: errno.EINVAL,
      extack: { msg: 'ipv6: Device does not do neighbour discovery' },
    })
    change({}, { flags: 0, change: IFF_NOARP })
    expect(change({ afSpec: { inet6: { token, addrGenMode: 'none' } } })).toMatchObject({ errno: 0 })
    expect(shown()?.inet6).toMatchObject({ token: token.slice().fill(0, 0, 8), addrGenMode: 'none' })
  })

  it('take no mode that needs a secret, and need something to set', () => {
    const { change } = setup()
    for (const addrGenMode of ['stable_secret', 4] as const) {
      expect(change({ afSpec: { inet6: { addrGenMode } } })).toMatchObject({ errno: errno.EINVAL })
    }
    expect(change({ afSpec: { inet6: {} } })).toMatchObject({ errno: errno.EINVAL })
  })
})

describe('IFLA_AF_SPEC', () => {
  it('can say nothing of a device that is being made', () => {
    const { socket } = setup()
    const request = linkRequest(
      RT_LINK.newlink,
      { ifname: 'd1', linkinfo: { kind: 'dummy' }, afSpec: { inet: {} } },
      {},
      NLM_F_ACK | NLM_F_CREATE,
    )
    expect(ask(socket, request).ack).toMatchObject({ errno: errno.EAFNOSUPPORT })
  })

  it('is announced for each family that was served, once, and not if it is empty', () => {
    const { bench, change } = setup()
    change({}, { flags: 1, change: 1 })
    const monitor = bench.route()
    monitor.join(RTNLGRP_LINK)
    change({ afSpec: {} })
    expect(drain(monitor)).toHaveLength(0)
    change({ afSpec: { inet: { conf: setting(4, 0) }, inet6: { addrGenMode: 'none' } } })
    expect(drain(monitor)).toHaveLength(1)
  })
})
