import { AF_BRIDGE, AF_INET6, errno, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, RT_LINK } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { ask, Bench, linkOf, linkRequest, must } from '../testing/bench.ts'

function setup() {
  const socket = new Bench().route()
  for (const [ifname, mtu] of [
    ['d0', 1500],
    ['d1', 1000],
  ] as const) {
    must(
      socket,
      linkRequest(RT_LINK.newlink, { ifname, mtu, linkinfo: { kind: 'dummy' } }, {}, NLM_F_ACK | NLM_F_CREATE),
    )
  }
  return socket
}

describe('the family of the bridge', () => {
  const family = AF_BRIDGE
  it('knows no port, and devices only by their index', () => {
    const socket = setup()
    expect(ask(socket, linkRequest(RT_LINK.getlink, {}, { family }, NLM_F_DUMP))).toMatchObject({
      replies: [],
      ack: { errno: 0 },
    })
    for (const message of [RT_LINK.setlink, RT_LINK.dellink]) {
      expect(ask(socket, linkRequest(message, {}, { family, ifindex: 2 })).ack).toMatchObject({
        errno: errno.EOPNOTSUPP,
      })
      expect(ask(socket, linkRequest(message, { ifname: 'd0' }, { family })).ack).toMatchObject({
        errno: errno.ENODEV,
        extack: { msg: 'unknown ifindex' },
      })
    }
  })
})

describe('the family of IPv6', () => {
  const family = AF_INET6
  it('lists the devices that it is on', () => {
    const { replies } = ask(setup(), linkRequest(RT_LINK.getlink, {}, { family }, NLM_F_DUMP))
    expect(replies.map(linkOf).map((l) => [l.header.family, l.ifname, l.mtu])).toEqual([
      [family, 'lo', 65536],
      [family, 'd0', 1500],
    ])
  })

  it('leaves single links and changes to others', () => {
    const socket = setup()
    const { replies } = ask(socket, linkRequest(RT_LINK.getlink, {}, { family, ifindex: 3 }))
    expect(replies.map(linkOf).map((l) => [l.header.family, l.ifname])).toEqual([[0, 'd1']])
    expect(ask(socket, linkRequest(RT_LINK.setlink, { group: 3 }, { family, ifindex: 3 })).ack).toMatchObject({
      errno: 0,
    })
  })
})
