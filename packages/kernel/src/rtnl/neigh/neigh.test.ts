import { NEIGH, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST, RT_NEIGH } from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import { expect, it } from 'vitest'
import { ask, attrsOf, must } from '../../testing/bench.ts'
import { Network } from '../../testing/network.ts'

it.each([
  ['10.0.0.9', 2],
  ['fd00::9', 10],
])('the neighbour %s is made, listed, looked for and removed', (dst, family) => {
  const net = new Network()
  const { ns: a } = net.namespace()
  const { ns: b } = net.namespace()
  const [dev] = net.pair(a, b, { kind: 'netkit-l2' })
  const socket = net.route(a)
  const header = { family, ifindex: dev.ifindex }
  const send = (what: (typeof RT_NEIGH)[keyof typeof RT_NEIGH], flags: number, lladdr?: string) =>
    routeMessage(
      what,
      { ...header, state: what === RT_NEIGH.getneigh ? 0 : 0x80 },
      { dst, lladdr },
      { flags: NLM_F_REQUEST | NLM_F_ACK | flags, seq: 1 },
    )
  must(socket, send(RT_NEIGH.newneigh, NLM_F_CREATE | NLM_F_EXCL, '02:00:00:00:00:09'))
  expect(ask(socket, send(RT_NEIGH.newneigh, NLM_F_CREATE | NLM_F_EXCL, '02:00:00:00:00:09')).ack?.errno).toBe(17)
  const list = () => {
    const dump = routeMessage(RT_NEIGH.getneigh, { family }, {}, { flags: NLM_F_REQUEST | NLM_F_DUMP, seq: 2 })
    const { replies } = must(socket, dump)
    return replies.map((m) => attrsOf(m, NEIGH, 28)).filter((n) => n.dst === dst)
  }
  expect(list()).toMatchObject([{ dst, lladdr: '02:00:00:00:00:09' }])
  const { replies } = must(socket, send(RT_NEIGH.getneigh, 0))
  expect(attrsOf(replies[0], NEIGH, 28)).toMatchObject({ dst, lladdr: '02:00:00:00:00:09' })
  must(socket, send(RT_NEIGH.delneigh, 0))
  expect(list()).toEqual([])
  expect(ask(socket, send(RT_NEIGH.delneigh, 0)).ack?.errno).toBe(2)
})
