import { errno, KernelError, NETLINK_ROUTE, NLM_F_DUMP_INTR, NLM_F_MULTI, RT_LINK, RTM_NEWLINK } from '@netkit/netlink'
import { ack, datagram, done, type Play, PlayedSocket, routeMessage, seqOf } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { NetlinkClient } from './client.ts'
import { AnswerLostError, DumpInterruptedError } from './errors.ts'
import { routeRequest } from './message.ts'
import type { KernelWarning } from './refusal.ts'

interface Bench {
  client: NetlinkClient
  sockets: PlayedSocket[]
  warnings: KernelWarning[]
}

const bench = (play: Play): Bench => {
  const sockets: PlayedSocket[] = []
  const warnings: KernelWarning[] = []
  const client = new NetlinkClient({
    protocol: NETLINK_ROUTE,
    open: async () => {
      const socket = new PlayedSocket(play, { protocol: NETLINK_ROUTE }, 1)
      sockets.push(socket)
      return socket
    },
    families: () => undefined,
    onWarning: (w) => warnings.push(w),
  })
  return { client, sockets, warnings }
}

const ask = (ifindex = 1) => routeRequest(RT_LINK.getlink, 0, { ifindex }, {})
const link = (request: Uint8Array, ifindex: number, flags = 0) =>
  routeMessage(RT_LINK.newlink, { ifindex }, { ifname: `d${ifindex}` }, { seq: seqOf(request), flags })
const indexIn = (request: Uint8Array) => new DataView(request.buffer).getInt32(20, true)
const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

describe('requests', () => {
  test('resolve with the messages that came before the acknowledgement', async () => {
    const { client } = bench((r) => [link(r, 7), ack(r)])
    const replies = await client.request(ask(), { op: 'x' })
    expect(replies.map((r) => [r.type, r.data.s32(r.start + 20)])).toEqual([[RTM_NEWLINK, 7]])
  })

  test('at the same time are told apart by sequence number, whatever the order of the answers', async () => {
    const held: Uint8Array[] = []
    const { client } = bench((r, socket) => {
      held.push(r)
      if (held.length < 3) return undefined
      for (const each of held.reverse()) socket.deliver(datagram(link(each, indexIn(each)), ack(each)))
      return undefined
    })
    const answers = await Promise.all([11, 12, 13].map((n) => client.request(ask(n), { op: `get ${n}` })))
    expect(answers.map(([reply]) => reply.data.s32(reply.start + 20))).toEqual([11, 12, 13])
  })

  test('carry REQUEST and ACK, and a sequence number of their own', async () => {
    const { client, sockets } = bench((r) => [ack(r)])
    await client.request(ask(), { op: 'x' })
    await client.request(ask(), { op: 'x' })
    const views = sockets[0].sent.map((r) => new DataView(r.buffer))
    expect(views.map((v) => v.getUint16(6, true))).toEqual([5, 5])
    expect(views[0].getUint32(8, true)).not.toBe(views[1].getUint32(8, true))
    expect(sockets).toHaveLength(1)
  })

  test('that are refused reject with what the kernel said, the attribute by name', async () => {
    const request = routeRequest(RT_LINK.newlink, 0, {}, { mtu: 1, linkinfo: { kind: 'netkit', data: { mode: 7 } } })
    const offset = request.length - 8
    const policy = { type: 'u32', max: 1n } as const
    const { client } = bench((r) => [ack(r, errno.ERANGE, { msg: 'integer out of range', offset, policy })])
    const error = await client.request(request, { op: 'device add nk0' }).catch((e) => e)
    expect(error).toBeInstanceOf(KernelError)
    expect(error).toMatchObject({
      op: 'device add nk0',
      errno: 34,
      code: 'ERANGE',
      extack: 'integer out of range',
      offset,
    })
    expect(error.attr).toBe('linkinfo.data.mode')
    expect(error.policy).toMatchObject({ maxU: 1n, type: 4 })
    expect(error.message).toBe(
      'device add nk0: ERANGE: integer out of range (linkinfo.data.mode, byte 68, allowed: 0 to 1)'.replace(
        '68',
        `${offset}`,
      ),
    )
  })

  test('that are refused fail where they were made', async () => {
    const { client } = bench((r) => [ack(r, errno.EPERM)])
    const whoAsks = async () => await client.request(ask(), { op: 'x' })
    const error = (await whoAsks().catch((e) => e)) as Error
    expect(error.stack).toContain('whoAsks')
  })

  test('that lack an attribute name it', async () => {
    const { client } = bench((r) => [ack(r, errno.EINVAL, { missType: 4 })])
    await expect(client.request(ask(), { op: 'x' })).rejects.toMatchObject({ code: 'EINVAL', missing: 'mtu' })
  })

  test('that succeed with a word from the kernel pass it on', async () => {
    const { client, warnings } = bench((r) => [ack(r, 0, { msg: 'bytes leftover after parsing attributes' })])
    await client.request(ask(), { op: 'device set nk0' })
    expect(warnings).toEqual([{ op: 'device set nk0', text: 'bytes leftover after parsing attributes' }])
  })

  test('never have more than 32 on their way, and keep their order', async () => {
    const open: Uint8Array[] = []
    let most = 0
    const { client, sockets } = bench((r, socket) => {
      open.push(r)
      most = Math.max(most, open.length)
      if (open.length === 1) setTimeout(() => open.splice(0).forEach((each) => void socket.deliver(ack(each))), 0)
      return undefined
    })
    await Promise.all(Array.from({ length: 200 }, (_, i) => client.request(ask(i + 1), { op: 'x' })))
    expect(most).toBe(32)
    expect(sockets[0].sent.map(indexIn)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
  })

  test('stop waiting when asked to, and a late answer harms nobody', async () => {
    const { client, sockets } = bench(() => undefined)
    const controller = new AbortController()
    const first = client.request(ask(), { op: 'x', signal: controller.signal })
    await tick()
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    const second = client.request(ask(2), { op: 'y' })
    await tick()
    const [socket] = sockets
    socket.deliver(ack(socket.sent[0], errno.EBUSY))
    socket.deliver(datagram(link(socket.sent[1], 2), ack(socket.sent[1])))
    expect(await second).toHaveLength(1)
    await expect(client.request(ask(), { op: 'z', signal: controller.signal })).rejects.toThrow('enough')
    expect(socket.sent).toHaveLength(2)
  })

  test('of which the answer was lost say that nobody knows; later ones use a new socket', async () => {
    let broken = true
    const { client, sockets } = bench((r, socket) => {
      if (!broken) return [ack(r)]
      socket.lose()
      return undefined
    })
    const error = await client.request(ask(), { op: 'device add nk0' }).catch((e) => e)
    expect(error).toBeInstanceOf(AnswerLostError)
    expect(error.message).toMatch(/device add nk0: the answer was lost, so whether it was carried out is unknown/)
    expect(error.cause).toMatchObject({ code: 'ENOBUFS' })
    broken = false
    await client.request(ask(), { op: 'x' })
    expect(sockets).toHaveLength(2)
    expect(sockets[0].closed).toBe(true)
  })

  test('are rejected when the connection is closed, and after that', async () => {
    const { client } = bench(() => undefined)
    const waiting = client.request(ask(), { op: 'x' })
    await tick()
    await client.close()
    await expect(waiting).rejects.toThrow(AnswerLostError)
    await expect(client.request(ask(), { op: 'x' })).rejects.toThrow('closed')
  })

  test('report garbage from the kernel with the offset of what is wrong', async () => {
    const { client } = bench(() => [new Uint8Array(20).fill(3)])
    await expect(client.request(ask(), { op: 'x' })).rejects.toMatchObject({ name: 'DecodeError', offset: 0 })
  })

  test('that cannot be sent reject under their own name', async () => {
    const { client, sockets } = bench(() => undefined)
    const first = client.request(ask(), { op: 'x' })
    await tick()
    sockets[0].send = async () => Promise.reject(new KernelError({ op: 'send', errno: errno.EMSGSIZE }))
    await expect(client.request(ask(), { op: 'device add nk0' })).rejects.toMatchObject({
      op: 'device add nk0',
      code: 'EMSGSIZE',
    })
    sockets[0].deliver(ack(sockets[0].sent[0]))
    await first
  })
})

describe('dumps', () => {
  const all = (r: Uint8Array, flags = 0) => [
    datagram(link(r, 1, NLM_F_MULTI), link(r, 2, NLM_F_MULTI | flags)),
    datagram(link(r, 3, NLM_F_MULTI)),
    done(r),
  ]

  test('resolve with all messages, in order', async () => {
    const { client, sockets } = bench((r) => all(r))
    const replies = await client.dump(ask(0), { op: 'list' })
    expect(replies.map((r) => r.data.s32(r.start + 20))).toEqual([1, 2, 3])
    expect(new DataView(sockets[0].sent[0].buffer).getUint16(6, true)).toBe(0x301)
  })

  test('that were interrupted are made again', async () => {
    let times = 0
    const { client } = bench((r) => all(r, ++times < 3 ? NLM_F_DUMP_INTR : 0))
    expect(await client.dump(ask(0), { op: 'list' })).toHaveLength(3)
    expect(times).toBe(3)
  })

  test('that are always interrupted are given up, and say so', async () => {
    let times = 0
    const { client } = bench((r) => {
      times++
      return all(r, NLM_F_DUMP_INTR)
    })
    const error = await client.dump(ask(0), { op: 'device list' }).catch((e) => e)
    expect(error).toBeInstanceOf(DumpInterruptedError)
    expect(error).toMatchObject({ op: 'device list', attempts: 10 })
    expect(times).toBe(10)
  })

  test('take turns on one socket, while requests go on', async () => {
    const order: string[] = []
    const { client } = bench((r, socket) => {
      const isDump = (new DataView(r.buffer).getUint16(6, true) & 0x300) !== 0
      order.push(isDump ? 'dump' : 'request')
      if (!isDump) return [ack(r)]
      socket.deliver(link(r, 1, NLM_F_MULTI))
      setTimeout(() => {
        order.push('end')
        socket.deliver(done(r))
      }, 5)
      return undefined
    })
    const dumps = [client.dump(ask(0), { op: 'a' }), client.dump(ask(0), { op: 'b' })]
    await tick()
    await client.request(ask(), { op: 'c' })
    await Promise.all(dumps)
    expect(order).toEqual(['dump', 'request', 'end', 'dump', 'end'])
  })

  test('that nobody waits for any more still hold back the next one until their end', async () => {
    const open: Uint8Array[] = []
    const { client, sockets } = bench((r) => {
      open.push(r)
      return undefined
    })
    const controller = new AbortController()
    const first = client.dump(ask(0), { op: 'a', signal: controller.signal })
    await tick()
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    const second = client.dump(ask(0), { op: 'b' })
    await tick()
    expect(open).toHaveLength(1)
    sockets[0].deliver(done(open[0]))
    await tick()
    expect(open).toHaveLength(2)
    sockets[0].deliver(datagram(link(open[1], 5), done(open[1])))
    expect(await second).toHaveLength(1)
  })

  test('that were refused do not hold back the next one', async () => {
    let refuse = true
    const { client } = bench((r) => (refuse ? [ack(r, errno.EBUSY)] : all(r)))
    await expect(client.dump(ask(0), { op: 'a' })).rejects.toMatchObject({ code: 'EBUSY' })
    refuse = false
    expect(await client.dump(ask(0), { op: 'b' })).toHaveLength(3)
  })

  test('end with the refusal that their last message carries', async () => {
    const { client } = bench((r) => [done(r, errno.EINVAL, { msg: 'Unsupported attribute in link dump request' })])
    await expect(client.dump(ask(0), { op: 'a' })).rejects.toMatchObject({
      code: 'EINVAL',
      extack: 'Unsupported attribute in link dump request',
    })
  })

  test('of which messages were lost are made again on a new socket', async () => {
    let times = 0
    const { client, sockets } = bench((r, socket) => {
      if (++times > 1) return all(r)
      socket.deliver(link(r, 1, NLM_F_MULTI))
      socket.lose()
      return undefined
    })
    expect(await client.dump(ask(0), { op: 'a' })).toHaveLength(3)
    expect(sockets).toHaveLength(2)
  })
})
