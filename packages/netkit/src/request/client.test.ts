import { errno, KernelError, RT_LINK, RTM_NEWLINK } from '@netkit/netlink'
import { ack, datagram } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { ask, clientBench, indexIn, link, tick } from '../testing/client-bench.ts'
import { AnswerLostError } from './errors.ts'
import { routeRequest } from './message.ts'

describe('requests', () => {
  test('resolve with the messages that came before the acknowledgement', async () => {
    const { client } = clientBench((r) => [link(r, 7), ack(r)])
    const replies = await client.request(ask(), { op: 'x' })
    expect(replies.map((r) => [r.type, r.data.s32(r.start + 20)])).toEqual([[RTM_NEWLINK, 7]])
  })

  test('at the same time are told apart by sequence number, whatever the order of the answers', async () => {
    const held: Uint8Array[] = []
    const { client } = clientBench((r, socket) => {
      held.push(r)
      if (held.length < 3) return undefined
      for (const each of held.reverse()) socket.deliver(datagram(link(each, indexIn(each)), ack(each)))
      return undefined
    })
    const answers = await Promise.all([11, 12, 13].map((n) => client.request(ask(n), { op: `get ${n}` })))
    expect(answers.map(([reply]) => reply.data.s32(reply.start + 20))).toEqual([11, 12, 13])
  })

  test('carry REQUEST and ACK, and a sequence number of their own', async () => {
    const { client, sockets } = clientBench((r) => [ack(r)])
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
    const { client } = clientBench((r) => [ack(r, errno.ERANGE, { msg: 'integer out of range', offset, policy })])
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
    const { client } = clientBench((r) => [ack(r, errno.EPERM)])
    const whoAsks = async () => await client.request(ask(), { op: 'x' })
    const error = (await whoAsks().catch((e) => e)) as Error
    expect(error.stack).toContain('whoAsks')
  })

  test('that lack an attribute name it', async () => {
    const { client } = clientBench((r) => [ack(r, errno.EINVAL, { missType: 4 })])
    await expect(client.request(ask(), { op: 'x' })).rejects.toMatchObject({ code: 'EINVAL', missing: 'mtu' })
  })

  test('that succeed with a word from the kernel pass it on', async () => {
    const { client, warnings } = clientBench((r) => [ack(r, 0, { msg: 'bytes leftover after parsing attributes' })])
    await client.request(ask(), { op: 'device set nk0' })
    expect(warnings).toEqual([{ op: 'device set nk0', text: 'bytes leftover after parsing attributes' }])
  })

  test('never have more than 32 on their way, and keep their order', async () => {
    const open: Uint8Array[] = []
    let most = 0
    const { client, sockets } = clientBench((r, socket) => {
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
    const { client, sockets } = clientBench(() => undefined)
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
    const { client, sockets } = clientBench((r, socket) => {
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
    const { client } = clientBench(() => undefined)
    const waiting = client.request(ask(), { op: 'x' })
    await tick()
    await client.close()
    await expect(waiting).rejects.toThrow(AnswerLostError)
    await expect(client.request(ask(), { op: 'x' })).rejects.toThrow('closed')
  })

  test('report garbage from the kernel with the offset of what is wrong', async () => {
    const { client } = clientBench(() => [new Uint8Array(20).fill(3)])
    await expect(client.request(ask(), { op: 'x' })).rejects.toMatchObject({ name: 'DecodeError', offset: 0 })
  })

  test('that cannot be sent reject under their own name', async () => {
    const { client, sockets } = clientBench(() => undefined)
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
